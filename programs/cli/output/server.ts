/** Servers and what was seen of them, for people. */
import type { SeenCheck } from '../server/install/step.ts';
import { destinationText } from '../server/destination.ts';
import type { Finding } from '../server/preflight.ts';
import type { Servers } from '../server/servers-file.ts';
import type { ServerStatus } from '../server/status.ts';
import { duration } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Paper = Pick<Terminal, 'style' | 'width'>;

export const renderFindings = (findings: readonly Finding[], { style }: Pick<Terminal, 'style'>): string[] => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const marks = { ok: style.green('✓'), note: style.yellow('!'), unfit: style.red('✗') };
  return findings.map(({ check, state, says, hint }) => {
    const more = hint === undefined || state === 'ok' ? '' : style.dim(` (${hint})`);
    return `  ${marks[state]} ${check.padEnd(width)}  ${says}${more}`;
  });
};

export const renderOutcomes = (outcomes: readonly SeenCheck[], { style, width }: Paper): string[] => {
  const marks = { ok: style.green('ok'), wrong: style.red('WRONG'), unknown: style.yellow('unknown') };
  const rows = outcomes.map(({ check, state, says }) => [check, marks[state], says]);
  return renderTable({ head: ['CHECK', 'STATE', ''], rows }, { style, width });
};

export const renderServers = ({ servers, default: chosen }: Servers, { style, width }: Paper): string[] => {
  if (servers.length === 0) return ['no servers yet: berth server add root@HOST makes the first'];
  const rows = servers.map(({ name, destination, installed, addedAt }) => [
    `${name}${name === chosen ? ' (default)' : ''}`,
    `${destinationText(destination)}${destination.port === null ? '' : ` port ${destination.port}`}`,
    installed ?? 'not finished',
    addedAt.slice(0, 10),
  ]);
  return renderTable({ head: ['SERVER', 'WHERE', 'BERTH', 'ADDED'], rows }, { style, width });
};

export const renderServerStatus = (status: ServerStatus, { style }: Paper, now: number): string[] => {
  const { name, destination, error, apps, certificates } = status;
  const line = (what: string, says: string): string => `  ${what.padEnd(13)} ${says}`;
  const next = certificates.toSorted((one, other) => one.notAfter.localeCompare(other.notAfter))[0];
  const facts: (string | false)[] = [
    status.os !== null &&
      line('machine', `${status.os}, ${status.memoryMb} MB memory, ${Math.round((status.diskFreeMb ?? 0) / 1_000)} GB disk free`),
    status.os !== null && line('Berth', status.installed ?? style.red('not installed')),
    status.berthd !== null &&
      line(
        'berthd',
        status.startedAt === null ? status.berthd : `${status.berthd}, up ${duration(now - Date.parse(status.startedAt))}`,
      ),
    status.edge !== null && line('edge', status.edge),
    status.edge !== null && line('apps', apps.map(({ app, state }) => `${app} ${state}`).join(', ') || 'none yet'),
    next !== undefined &&
      line(
        'certificates',
        `${certificates.length}, the next ends in ${Math.floor((Date.parse(next.notAfter) - now) / 86_400_000)} days (${next.host})`,
      ),
  ];
  return [
    `${style.bold(name)} (${destination}): ${error === null ? style.green('reachable') : style.red(error.message)}`,
    ...(error === null ? [] : [line('try', error.hint)]),
    ...facts.filter((fact) => fact !== false),
  ];
};
