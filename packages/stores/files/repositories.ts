import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openTarget, type VaultAccess } from '@berth/vault';
import { treeDamaged, treeKeyWrong, treeLocked, treesGone, treeTargetFailed, treeTargetHangs } from './errors.ts';
import { makeRepository } from './make-repository.ts';
import { removeDeadLocks } from './repository-locks.ts';
import { classifyRestic } from './restic-answer.ts';
import { type ResticEnd, runRestic } from './restic-process.ts';
import { TREE_PREFIX, treePlace } from './tree-place.ts';
import type { TreesDeps } from './trees.ts';
import { createTurns, type Turns } from './turns.ts';

export type RepositoryCommand = {
  /** For messages: "listing". */
  readonly doing: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly turn: 'together' | 'alone';
  /** When there is no repository: make one, answer null, or throw. */
  readonly ifNone?: 'make' | 'nothing';
  /** Exit codes that are no failure, beside 0. */
  readonly accept?: readonly number[];
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly onComplaint?: ((line: string) => void) | undefined;
  readonly onWritten?: ((bytes: number) => void) | undefined;
};

/** One repository: what runs restic in it, and knows what its answers mean. */
export type Repository = {
  /** Throws TREE_TARGET_FAILED, TREE_DAMAGED and the like; null as `ifNone` says. */
  readonly run: (command: RepositoryCommand) => Promise<ResticEnd | null>;
};

export type Repositories = { of(access: VaultAccess): Repository };

export const createRepositories = (deps: TreesDeps): Repositories => {
  const turnsOf = new Map<string, Turns>();
  /** Repositories that have answered: one that is not there any more is not quietly made anew. */
  const seen = new Set<string>();
  const caches = { restic: join(deps.cache, 'restic'), temporary: join(deps.cache, 'tmp') };

  const of = (access: VaultAccess): Repository => {
    const place = treePlace(access);
    const turns = turnsOf.get(place.repository) ?? createTurns();
    turnsOf.set(place.repository, turns);

    const runOnce = async (command: Omit<RepositoryCommand, 'turn'>, repository = place.repository): Promise<ResticEnd> => {
      const tool = await deps.restic();
      for (const directory of Object.values(caches)) await mkdir(directory, { recursive: true, mode: 0o700 });
      return runRestic({
        program: tool.path,
        args: ['-r', repository, ...place.options, ...command.args],
        env: { ...tool.env, ...place.env, ...environment(caches) },
        cwd: command.cwd ?? caches.temporary,
        signal: command.signal,
        stallMs: STALL_MS,
        timeoutMs: command.timeoutMs,
        onComplaint: command.onComplaint,
        onWritten: command.onWritten,
      });
    };

    const isAnswering = async ({ signal }: RepositoryCommand): Promise<boolean> =>
      holds(await openTarget({ ...access, retry: TARGET_RETRY }), `${TREE_PREFIX}/config`, signal);

    const ensureThere = async ({ ifNone, doing, signal }: RepositoryCommand, said: string): Promise<boolean> => {
      const target = await openTarget({ ...access, retry: TARGET_RETRY });
      if (await holds(target, `${TREE_PREFIX}/config`, signal)) throw treeTargetFailed(access.name, { doing, said });
      if (seen.has(place.repository)) throw treesGone(access.name);
      if (ifNone === 'nothing') return false;
      if (ifNone === undefined) throw treeTargetFailed(access.name, { doing, said });
      await makeRepository(target, {
        temporary: caches.temporary,
        signal,
        init: async (directory) => {
          const end = await runOnce({ doing, args: ['init'], signal }, directory);
          if (end.exitCode !== 0) throw treeTargetFailed(access.name, { doing: 'preparing', said: end.stderr });
        },
      });
      return true;
    };

    const attempt = async (command: RepositoryCommand): Promise<ResticEnd | null> => {
      const { doing, accept = [] } = command;
      for (const isLast of [false, false, true]) {
        const end = await runOnce(command);
        if (end.gaveUpAfterMs !== null) throw treeTargetHangs(access.name, { doing, ms: end.gaveUpAfterMs });
        if (end.exitCode === 0 || (end.exitCode !== null && accept.includes(end.exitCode))) {
          seen.add(place.repository);
          return end;
        }
        const failure = classifyRestic(end.stderr);
        if (failure === 'wrong-key') throw treeKeyWrong(access.name);
        if (failure === 'damaged' || (failure === 'incomplete' && (await isAnswering(command))))
          throw treeDamaged(access.name, { doing, said: end.stderr });
        if (failure === 'incomplete' || failure === 'other' || isLast)
          throw asError(access.name, { doing, said: end.stderr, isLocked: failure === 'locked' });
        if (failure === 'no-repository') {
          if (!(await ensureThere(command, end.stderr))) return null;
        } else if (!(await removeDeadLocks(access, { run: runOnce, deps, signal: command.signal })))
          throw treeLocked(access.name, lockedBy(end.stderr));
      }
      return null;
    };

    return { run: (command) => turns[command.turn](() => attempt(command)) };
  };
  return { of };
};

/** Whoever asked is told soon that the target is away, and asks again by itself. */
const TARGET_RETRY = { totalMs: 5_000, attemptMs: 5_000 };

/** restic tries each request again for up to 15 minutes by itself, with pauses of a minute and more. */
const STALL_MS = 10 * 60_000;

const environment = (caches: { restic: string; temporary: string }): Readonly<Record<string, string>> => ({
  HOME: caches.restic,
  XDG_CACHE_HOME: caches.restic,
  RESTIC_CACHE_DIR: caches.restic,
  TMPDIR: caches.temporary,
  // `--time` is read in the local zone.
  TZ: 'UTC',
  LC_ALL: 'C.UTF-8',
  RESTIC_PROGRESS_FPS: '1',
});

const holds = async (
  target: Awaited<ReturnType<typeof openTarget>>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  try {
    for await (const _ of await target.get(name, { length: 1, ...(signal === undefined ? {} : { signal }) })) break;
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'TARGET_OBJECT_MISSING') return false;
    throw error;
  }
};

const lockedBy = (said: string): string => said.match(/already locked by ([^\n]*)/)?.[1] ?? 'another run';

const asError = (target: string, { doing, said, isLocked }: { doing: string; said: string; isLocked: boolean }) =>
  isLocked ? treeLocked(target, lockedBy(said)) : treeTargetFailed(target, { doing, said });
