/** Where backups go: targets, and what was tried with them. */
import { LOCAL_TARGET, type TargetCheck, type TargetStatus, type WrittenKit } from '@berth/protocol';
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
      : [`${style.red('Error:')} ${about(name, error.message.trimEnd())}`, `${style.cyan('Try:')} ${style.hint(error.hint)}`],
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

type Known = { readonly targets: readonly TargetStatus[]; readonly kit: WrittenKit | null };

/** What the bad day would lack: somewhere else to come back from, or the key to it. Nothing where all is well. */
export const renderKitAdvice = ({ targets, kit }: Known, { style }: Pick<Terminal, 'style'>): string[] => {
  const away = targets.map(({ name }) => name).filter((name) => name !== LOCAL_TARGET);
  if (away.length === 0)
    return [
      '',
      style.hint('with this machine everything is lost: berth target add dir:/other/disk or s3://bucket sends it elsewhere'),
    ];
  const unknown = away.filter((name) => kit?.targets.includes(name) !== true);
  if (unknown.length === 0) return [];
  const what = kit === null ? 'no recovery kit was written yet' : `the last recovery kit does not know ${unknown.join(', ')}`;
  return ['', `${what}: ${style.hint('berth kit --out FILE')} writes one, without which nothing can be read`];
};
