import { hostname } from 'node:os';
import { basename } from 'node:path';
import { isAlive, readProcess } from '@berth/host';
import { openTarget, type VaultAccess } from '@berth/vault';
import type { ResticEnd } from './restic-process.ts';
import { TREE_PREFIX } from './tree-place.ts';
import type { TreesDeps } from './trees.ts';

/** What restic writes of itself; `time` is renewed every five minutes while it lives. */
export type RepositoryLock = { readonly time: string; readonly hostname: string; readonly pid: number };

type Run = (command: { doing: string; args: readonly string[]; signal: AbortSignal | undefined }) => Promise<ResticEnd>;

/**
 * Removes the locks of runs that have died, of which `restic unlock` would remove more than is known to be dead. Answers
 * whether any was removed, or all have gone by themselves.
 */
export const removeDeadLocks = async (
  access: VaultAccess,
  { run, deps, signal }: { run: Run; deps: TreesDeps; signal: AbortSignal | undefined },
): Promise<boolean> => {
  const listed = await run({ doing: 'listing locks', args: ['list', 'locks', '--no-lock'], signal });
  const ids = listed.stdout.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
  const program = basename((await deps.restic()).path);
  const dead: string[] = [];
  for (const id of ids.slice(0, LOCKS_AT_ONCE)) {
    const shown = await run({ doing: 'reading a lock', args: ['cat', 'lock', id, '--no-lock'], signal });
    if (shown.exitCode !== 0) continue;
    const lock = JSON.parse(shown.stdout) as RepositoryLock;
    if (!isDeadLock(lock, { host: hostname(), now: deps.now().getTime(), nameOf: (pid) => nameOfProcess(pid), program }))
      continue;
    dead.push(id);
    const fields = { pid: lock.pid, host: lock.hostname, since: lock.time };
    deps.notice({ level: 'warning', name: 'tree.lock-removed', id: '', target: access.name, fields });
  }
  if (dead.length > 0) {
    const target = await openTarget(access);
    await target.delete(
      dead.map((id) => `${TREE_PREFIX}/locks/${id}`),
      signal,
    );
  }
  return dead.length > 0 || ids.length === 0;
};

/**
 * On this machine: no such process, or one that is not restic. On another, which was lost or cannot be asked: twelve times it
 * should have given a sign of life, and has not.
 */
export const isDeadLock = (
  lock: RepositoryLock,
  known: { host: string; now: number; program: string; nameOf: (pid: number) => string | null },
): boolean => {
  if (lock.hostname !== known.host) return Date.parse(lock.time) < known.now - FOREIGN_SILENT_MS;
  const name = known.nameOf(lock.pid);
  // The kernel keeps 15 characters of a name.
  return name === null || !(name.startsWith('restic') || name === known.program.slice(0, 15));
};

const FOREIGN_SILENT_MS = 3_600_000;
const LOCKS_AT_ONCE = 50;

const nameOfProcess = (pid: number): string | null => {
  const found = readProcess(pid);
  return found !== null && isAlive(found) ? found.name : null;
};
