import { setTimeout as sleepFor } from 'node:timers/promises';
import { asBerthError } from '@berth/core';
import type { VaultAccess } from '@berth/vault';
import type { StoreDriver, StoreMoment, StoreNotice, StorePosition } from '../store.ts';
import { filesBackupTimedOut, filesStopped } from './errors.ts';
import { createFollowedTree, type FollowedTree } from './followed-tree.ts';
import { createFollowing, type Following } from './following.ts';
import { planForget } from './plan-forget.ts';
import { createSlots, type Slots } from './slots.ts';
import type { Trees } from './trees.ts';

export type FilesDriverDeps = {
  readonly trees: Trees;
  readonly now: () => Date;
  /** Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly notice: (notice: StoreNotice) => void;
};

/**
 * Directories, by copies of their state (see `Trees`): when they are marked, when a backup is asked for, and when the newest
 * copy has grown old and something has changed. The first copy of a store is made as soon as it exists.
 */
export const createFilesDriver = (deps: FilesDriverDeps): StoreDriver => {
  const { trees, now, notice, sleep = sleepUntil } = deps;
  const followed = new Map<string, Followed>();
  const slotsOf = new Map<string, Slots>();
  const prunedAt = new Map<string, number>();
  let isStopped = false;

  const slotsFor = (target: string): Slots => {
    const slots = slotsOf.get(target) ?? createSlots(RUNS_AT_ONCE);
    slotsOf.set(target, slots);
    return slots;
  };

  const get = (id: string): Followed => {
    const found = followed.get(id);
    if (found === undefined || isStopped) throw filesStopped();
    return found;
  };

  /** Looks at the tree now and then, and has copies made when they are due. */
  const keepUp = async ({ tree, targets, ended }: Followed): Promise<void> => {
    while (!ended.signal.aborted) {
      try {
        if ((await tree.look(ended.signal)) !== null) for (const following of targets.values()) following.consider();
      } catch (error) {
        if (ended.signal.aborted) return;
        const { code, message } = asBerthError(error);
        notice({ level: 'warning', name: 'files.unreadable', id: tree.store.id, target: null, fields: { code, message } });
      }
      const wait = Math.max(Math.min(LOOK_EVERY_MS, tree.store.snapshotEveryMs / 2), WALK_SHARE * tree.walkMs);
      await sleep(wait, ended.signal).catch((reason: unknown) => {
        if (!ended.signal.aborted) throw reason;
      });
    }
  };

  const end = async ({ targets, ended, looking }: Followed): Promise<void> => {
    ended.abort(filesStopped());
    await Promise.all([looking, ...[...targets.values()].map((following) => following.end())]);
  };

  return {
    kind: 'files',
    supports: { continuous: false },
    async protect(stores, targets) {
      if (isStopped) throw filesStopped();
      const ids = new Map(stores.map((store) => [store.id, store]));
      for (const [id, known] of followed)
        if (ids.get(id)?.path !== known.tree.store.path) {
          followed.delete(id);
          await end(known);
        }
      for (const store of stores) {
        const known = followed.get(store.id) ?? begin(createFollowedTree(store, { now, notice }));
        followed.set(store.id, known);
        known.tree.store = store;
        const wanted = new Map(targets.map((access) => [keyOf(access), access]));
        for (const [key, following] of known.targets)
          if (!wanted.has(key)) {
            known.targets.delete(key);
            await following.end();
          }
        for (const [key, access] of wanted) {
          const following = known.targets.get(key);
          if (following !== undefined) following.access = access;
          else {
            const made = createFollowing(known.tree, access, { trees, now, sleep, notice, slots: slotsFor(access.name) });
            known.targets.set(key, made);
            made.consider();
          }
        }
        known.looking ??= keepUp(known);
      }
    },
    async mark(ids, at) {
      const positions = new Map<string, StorePosition>();
      for (const id of ids) {
        const { tree, targets } = get(id);
        if (!(await tree.exists())) continue;
        for (const following of targets.values()) following.mark(at.getTime());
        positions.set(id, { kind: 'files', at: at.getTime() });
      }
      return positions;
    },
    async backup(ids, { timeoutMs, signal }) {
      signal?.throwIfAborted();
      const all = ids.flatMap((id) => [...get(id).targets.values()]);
      const pending = Promise.all(all.map((following) => following.backup()));
      // Who has given up does not hear of it any more.
      pending.catch(() => undefined);
      const timeout = AbortSignal.timeout(timeoutMs);
      await untilAborted(pending, signal === undefined ? timeout : AbortSignal.any([timeout, signal]), () => {
        signal?.throwIfAborted();
        const failing = all.find(({ error }) => error !== null);
        throw filesBackupTimedOut(ids, { ms: timeoutMs, why: failing?.error?.message ?? 'it is still being saved' });
      });
    },
    async health() {
      return Promise.all(
        [...followed.values()].map(async ({ tree, targets }) => {
          const there = await tree.exists().catch(() => true);
          return {
            id: tree.store.id,
            bytes: there ? tree.bytes : null,
            error: there ? tree.error : null,
            targets: [...targets.values()].map((following) => ({
              target: following.access.name,
              lagMs: following.lagMs(),
              safeAtMs: following.safeAtMs,
              error: following.error,
              isFenced: false,
              sentBytes: following.sentBytes,
              requests: 0,
            })),
          };
        }),
      );
    },
    async ranges(store, at, signal) {
      const found = await trees.list(at, { tag: store.id, ...(signal === undefined ? {} : { signal }) });
      const [first, last] = [found[0], found.at(-1)];
      if (first === undefined || last === undefined) return [];
      return [{ fromMs: first.at, toMs: last.at, resolution: 'snapshots', states: found.length }];
    },
    async restore({ store, from, to, into, fresh, signal, onProgress }) {
      const at = momentOf(to);
      return trees.restore(from, {
        tag: store.id,
        into,
        owner: store.owner,
        fresh,
        ...(at === undefined ? {} : { at }),
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onProgress }),
      });
    },
    parts: (path) => [path],
    async upkeep({ store, at: access, keep, pins, nowMs, signal }) {
      const options = signal === undefined ? {} : { signal };
      const found = await trees.list(access, { tag: store.id, ...options });
      const pinned = pins.flatMap((pin) => (pin.kind === 'files' ? [pin.at] : []));
      const gone = planForget(found, { keep, pins: pinned, now: nowMs });
      if (gone.length > 0) await trees.forget(access, gone, signal);
      // Of all stores of the target together; what is left over comes the next day.
      const key = keyOf(access);
      if (now().getTime() - (prunedAt.get(key) ?? Number.NEGATIVE_INFINITY) < PRUNE_EVERY_MS)
        return { deleted: gone.length, bytesFreed: 0 };
      const { bytesFreed } = await trees.prune(access, { maxRepackBytes: MAX_REPACK_BYTES, ...options });
      prunedAt.set(key, now().getTime());
      return { deleted: gone.length, bytesFreed };
    },
    async stop({ timeoutMs }) {
      if (isStopped) return;
      isStopped = true;
      const all = [...followed.values()];
      const isBusy = (): boolean =>
        all.some(({ targets }) => [...targets.values()].some((each) => each.isBusy && each.error === null));
      const stopAt = performance.now() + timeoutMs;
      while (isBusy() && performance.now() < stopAt) await sleepFor(STOP_LOOK_MS);
      await Promise.all(all.map(end));
      followed.clear();
    },
  };
};

type Followed = {
  readonly tree: FollowedTree;
  readonly targets: Map<string, Following>;
  readonly ended: AbortController;
  looking: Promise<void> | null;
};

const begin = (tree: FollowedTree): Followed => ({ tree, targets: new Map(), ended: new AbortController(), looking: null });

/** restic takes a core and some hundred megabytes; a mark of several stores shall begin at once all the same. */
const RUNS_AT_ONCE = 3;
const LOOK_EVERY_MS = 60_000;
/** Looking takes at most a tenth of the time. */
const WALK_SHARE = 10;
const PRUNE_EVERY_MS = 24 * 3_600_000;
const MAX_REPACK_BYTES = 2 * 2 ** 30;
const STOP_LOOK_MS = 50;

const keyOf = ({ name, url, dataKey }: VaultAccess): string => `${name} ${url} ${Buffer.from(dataKey).toString('base64')}`;

const momentOf = (to: StoreMoment): number | undefined => {
  if (to === 'latest') return undefined;
  if ('at' in to) return to.at.getTime();
  // A position of another kind is no moment of this store: nothing was saved in 1970.
  return to.position.kind === 'files' ? to.position.at : 0;
};

const sleepUntil = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleepFor(ms, undefined, { signal, ref: false });
};

const untilAborted = async (pending: Promise<unknown>, signal: AbortSignal, onAbort: () => never): Promise<void> => {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    try {
      onAbort();
    } catch (error) {
      aborted.reject(error);
    }
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([pending, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
