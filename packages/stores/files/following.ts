import { asBerthError, type BerthError } from '@berth/core';
import type { VaultAccess } from '@berth/vault';
import type { StoreNotice } from '../store.ts';
import { filesStopped, treeIncomplete, treeTargetFailed } from './errors.ts';
import type { FollowedTree } from './followed-tree.ts';
import type { Slots } from './slots.ts';
import type { SavedTree, Trees } from './trees.ts';

/** One tree on its way to one target: copies, one after the other. */
export type Following = {
  access: VaultAccess;
  /** A copy that claims this moment, begun at once if none is being made. */
  mark(at: number): void;
  /** Resolves when a copy that was begun after the call is safe; throws TREE_INCOMPLETE when files are missing in it. */
  backup(): Promise<void>;
  /** A copy when there is none yet, or when the newest is old and the tree has changed. */
  consider(): void;
  /** Null before the first copy is complete. */
  lagMs(): number | null;
  /** The moment of the newest complete copy; null before the first. */
  readonly safeAtMs: number | null;
  readonly error: BerthError | null;
  readonly sentBytes: number;
  /** Something is on its way or about to be. */
  readonly isBusy: boolean;
  /** What is being made is given up. */
  end(): Promise<void>;
};

export type FollowingDeps = {
  readonly trees: Trees;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly notice: (notice: StoreNotice) => void;
  readonly slots: Slots;
};

type Wanted = {
  readonly at: number;
  /** `if-due`: whether it is has to be seen when it is known what the target has. */
  readonly why: 'mark' | 'asked' | 'if-due';
};

export const createFollowing = (tree: FollowedTree, access: VaultAccess, deps: FollowingDeps): Following => {
  const { trees, now, sleep, notice, slots } = deps;
  const ended = new AbortController();
  const { signal } = ended;
  let waiting: { from: number; resolve: () => void; reject: (error: BerthError) => void }[] = [];
  /** Nothing is known of the target before it was asked. */
  let saved: { at: number; state: string | null } | null | undefined;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let wanted: Wanted | null = null;
  let error: BerthError | null = null;
  let sentBytes = 0;
  let failures = 0;
  let isWorking = false;
  let wake: AbortController | null = null;
  let working: Promise<void> = Promise.resolve();

  const tell = (level: StoreNotice['level'], name: string, fields: StoreNotice['fields'] = {}): void =>
    notice({ level, name, id: tree.store.id, target: following.access.name, fields });

  const settle = (from: number, failed: BerthError | null): void => {
    const due = waiting.filter((waiter) => waiter.from <= from);
    waiting = waiting.filter((waiter) => waiter.from > from);
    for (const { resolve, reject } of due) {
      if (failed === null) resolve();
      else reject(failed);
    }
    // Nobody waits for one more.
    if (wanted?.why === 'asked' && waiting.length === 0) wanted = null;
  };

  /** Judges the tree as it was last looked at. */
  const isDue = (at: number): boolean => {
    if (saved === undefined || saved === null) return at - attemptedAt >= tree.store.snapshotEveryMs;
    return !tree.isIn(saved.state) && at - Math.max(saved.at, attemptedAt) >= tree.store.snapshotEveryMs;
  };

  const learn = async (): Promise<void> => {
    const known = await trees.list(following.access, { tag: tree.store.id, signal });
    const newest = known.findLast(({ isComplete }) => isComplete);
    saved = newest === undefined ? null : { at: newest.at, state: newest.state };
  };

  const store = async (job: Wanted): Promise<void> => {
    const found = await tree.look(signal);
    // What has come later than this is not promised by this copy.
    const beganAt = now().getTime();
    if (found === null) return settle(beganAt, null);
    if (job.why === 'if-due' && !isDue(beganAt)) return;
    const isLate = beganAt - job.at > MARK_SLACK_MS;
    const at = job.why === 'mark' && !isLate ? job.at : beganAt;
    if (job.why === 'mark' && isLate) tell('warning', 'snapshot.late', { wanted: job.at, at });
    attemptedAt = beganAt;
    const made = await trees.save(following.access, {
      tag: tree.store.id,
      directory: tree.store.path,
      at,
      ...(found.state === null ? {} : { state: found.state }),
      signal,
      onComplaint: (line) => {
        if (/retrying/.test(line)) error = treeTargetFailed(following.access.name, { doing: 'saving', said: line });
      },
    });
    sentBytes += made.addedBytes;
    told(made, beganAt);
  };

  const told = (made: SavedTree, beganAt: number): void => {
    const { at, state, files, bytes, addedBytes, unread } = made;
    if (made.isComplete) {
      saved = { at, state };
      error = null;
      tell('info', 'snapshot.stored', { at, files, bytes, addedBytes });
    } else {
      error = treeIncomplete(following.access.name, { tag: tree.store.id, unread });
      tell('warning', 'snapshot.incomplete', { at, unread: unread.length, first: unread[0] ?? '' });
    }
    settle(beganAt, made.isComplete ? null : error);
  };

  const work = async (): Promise<void> => {
    while (!signal.aborted && wanted !== null) {
      let job: Wanted | null = null;
      try {
        if (saved === undefined) await slots.use(learn);
        await slots.use(async () => {
          job = wanted;
          wanted = null;
          if (job !== null) await store(job);
        });
        failures = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        // A newer one that came meanwhile takes its place.
        wanted ??= job;
        error = asBerthError(thrown);
        failures += 1;
        tell('warning', 'snapshot.failed', { code: error.code, message: error.message, failures });
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10)));
      }
    }
  };

  const pause = async (ms: number): Promise<void> => {
    wake = new AbortController();
    const woken = AbortSignal.any([signal, wake.signal]);
    await sleep(ms, woken).catch((reason: unknown) => {
      if (!woken.aborted) throw reason;
    });
    wake = null;
  };

  const want = (next: Wanted): void => {
    // Who wants any copy from now on is served by one that is about to be begun.
    if (wanted === null || wanted.why === 'if-due' || (next.why === 'mark' && wanted.why === 'asked')) wanted = next;
    else if (next.why === 'mark') {
      tell('warning', 'snapshot.skipped', { at: wanted.at, for: next.at });
      wanted = next;
    }
    wake?.abort();
    if (isWorking) return;
    isWorking = true;
    working = work().finally(() => {
      isWorking = false;
    });
  };

  const following: Following = {
    access,
    mark: (at) => want({ at, why: 'mark' }),
    backup() {
      const from = now().getTime();
      if (signal.aborted) return Promise.reject(filesStopped());
      const promise = new Promise<void>((resolve, reject) => waiting.push({ from, resolve, reject }));
      want({ at: from, why: 'asked' });
      return promise;
    },
    consider() {
      const at = now().getTime();
      if (!isWorking && !signal.aborted && (saved === undefined || isDue(at))) want({ at, why: 'if-due' });
    },
    lagMs() {
      if (saved === undefined || saved === null) return null;
      if (tree.isIn(saved.state)) return 0;
      return Math.max(0, now().getTime() - (tree.lastSeenIn(saved.state) ?? saved.at));
    },
    get safeAtMs() {
      return saved?.at ?? null;
    },
    get error() {
      return error;
    },
    get sentBytes() {
      return sentBytes;
    },
    get isBusy() {
      return isWorking;
    },
    async end() {
      ended.abort(filesStopped());
      settle(Number.POSITIVE_INFINITY, filesStopped());
      await working;
    },
  };
  return following;
};

/** A copy that is begun later than this after the moment that it was asked for would claim what it does not hold. */
const MARK_SLACK_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
