import { commandOf, type Platform } from '../platform.ts';
import { processTree, pssBytes } from '../process-tree.ts';
import { renderTable } from '../results.ts';

/** Proportional set size of some processes that do the same. */
export type Share = { readonly part: string; readonly processes: number; readonly bytes: number };

const MB = 1_000_000;
/** What Berth promises for the daemon alone and for all that is its own. */
const GOALS_MB = new Map([
  ['berthd', 80],
  ['all of Berth', 160],
]);
const APPS = 'apps (not counted)';

/** Everything of the platform: the daemon, the edge, what follows databases, the shims that instances run under, the apps. */
export async function measureMemory(platform: Platform): Promise<Share[]> {
  const status = await platform.status();
  const instances = new Set(
    status.apps.flatMap(({ services }) => services.flatMap((service) => service.instances.flatMap(({ pid }) => pid ?? []))),
  );
  const edge = new Map(
    status.edge.processes.flatMap(({ name, pid }) => processTree([pid]).map((process) => [process.pid, name] as const)),
  );
  const ofApps = new Set(processTree([...instances]).map(({ pid }) => pid));
  const shares = new Map<string, { processes: number; bytes: number }>();
  for (const pid of platform.processes()) {
    const part = partOf(pid);
    const share = shares.get(part) ?? { processes: 0, bytes: 0 };
    shares.set(part, { processes: share.processes + 1, bytes: share.bytes + pssBytes(pid) });
  }
  return [...shares].map(([part, share]) => ({ part, ...share }));

  function partOf(pid: number): string {
    if (pid === status.daemon.pid) return 'berthd';
    const name = edge.get(pid);
    if (name !== undefined) return `edge: ${name}`;
    if (ofApps.has(pid)) return APPS;
    const command = commandOf(pid);
    if (command.includes('replicator-process.ts')) return 'replicator';
    return /\bsh\b/.test(command.split(' ')[0] ?? '') ? 'shims of instances' : `other: ${command.slice(0, 60)}`;
  }
}

/** Of all that is Berth's own. */
export function ownBytes(shares: readonly Share[]): number {
  return own(shares).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Two measurements beside each other, largest part first. */
export function renderMemory(without: readonly Share[], withData: readonly Share[]): string {
  const all = (shares: readonly Share[]): Share => ({
    part: 'all of Berth',
    processes: own(shares).reduce((sum, { processes }) => sum + processes, 0),
    bytes: ownBytes(shares),
  });
  const columns = [without, withData].map((shares) => [...own(shares), all(shares)]);
  const largestFirst = columns.flat().toSorted((a, b) => b.bytes - a.bytes);
  const parts = new Set(largestFirst.map(({ part }) => part));
  const row = (part: string) => [part, ...columns.flatMap((shares) => cells(shares, part)), GOALS_MB.get(part) ?? ''];
  return renderTable(['part', 'processes', 'MB', 'with data: processes', 'MB', 'goal, MB'], [...parts].map(row));
}

function cells(shares: readonly Share[], part: string): [number | string, string] {
  const share = shares.find((it) => it.part === part);
  return share === undefined ? ['', ''] : [share.processes, (share.bytes / MB).toFixed(1)];
}

function own(shares: readonly Share[]): Share[] {
  return shares.filter(({ part }) => part !== APPS);
}
