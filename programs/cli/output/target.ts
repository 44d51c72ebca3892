/** Where backups go: targets, and what was tried with them. */
import type { TargetCheck, TargetStatus } from '@berth/protocol';
import { bytes, count, duration } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Sheet = Pick<Terminal, 'style' | 'width'>;

export const renderTargets = (targets: readonly TargetStatus[], sheet: Sheet): string[] => {
  const { style } = sheet;
  const rows = targets.map(({ name, state, lagMs, sentBytes, requests, url }) => [
    name,
    paintState(state, sheet),
    lagMs === null ? '-' : duration(lagMs),
    bytes(sentBytes),
    count(requests),
    url,
  ]);
  const table = renderTable({ head: ['TARGET', 'STATE', 'BEHIND', 'SENT', 'REQUESTS', 'URL'], rows, right: [2, 3, 4] }, sheet);
  const problems = targets.flatMap(({ name, error }) =>
    error === null
      ? []
      : [`${style.red('Error:')} ${about(name, error.message.trimEnd())}`, `${style.cyan('Try:')} ${error.hint}`],
  );
  return [...table, ...(problems.length > 0 ? ['', ...problems] : [])];
};

/** Most say it themselves. */
const about = (name: string, message: string): string => (message.startsWith(name) ? message : `${name}: ${message}`);

/** One line each: what has to hold, and what was seen. */
export const renderChecks = (checks: readonly TargetCheck[], { style }: Pick<Terminal, 'style'>): string[] => {
  const widest = Math.max(0, ...checks.map(({ name }) => name.length));
  return checks.map(({ name, outcome, evidence, ms }) => {
    const tried = outcome !== 'not tried';
    const mark = outcome === 'passed' ? style.green('✓') : tried ? style.red('✗') : style.dim('·');
    const seen = tried ? `${evidence} ${style.dim(`(${duration(ms)})`)}` : style.dim('not tried');
    return `  ${mark} ${name.padEnd(widest)}  ${seen}`;
  });
};

const paintState = (state: TargetStatus['state'], { style }: Sheet): string => {
  if (state === 'protecting') return style.green(state);
  return state === 'catching-up' ? style.yellow(state) : style.red(state);
};
