import { chown, link, lstat, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '@berth/core';
import {
  parseTargetUrl,
  type RestoredDatabase,
  type RetryLimits,
  runVaultTask,
  type VaultAccess,
  type VaultTaskOptions,
} from '@berth/vault';
import type { RestoredStore, StoreDriver, StoreMoment, StorePosition, StoreRange, StoreRestore } from '../store.ts';
import { databaseFiles } from './database-files.ts';
import { momentTooEarly, positionForeign, restorePlaceTaken, targetAway } from './errors.ts';
import { rangesOf } from './sqlite-ranges.ts';

/** What is done by processes of its own: it reads much and reckons much. */
export type SqliteWork = Pick<StoreDriver, 'ranges' | 'restore' | 'upkeep'>;

export type SqliteWorkDeps = {
  readonly stateDirectory: string;
  readonly scratchDirectory?: string;
  /** For whoever waits for what a target holds. */
  readonly retry?: Partial<RetryLimits>;
};

export const createSqliteWork = ({ stateDirectory, scratchDirectory, retry = WHILE_WAITED_FOR }: SqliteWorkDeps): SqliteWork => {
  const options = (signal: AbortSignal | undefined): VaultTaskOptions => ({
    compileCache: join(stateDirectory, 'compile-cache'),
    ...(signal && { signal }),
  });

  const ranges: SqliteWork['ranges'] = async ({ id }, access, signal): Promise<StoreRange[]> => {
    try {
      const lineages = await runVaultTask({ kind: 'ranges', access, database: id }, { ...options(signal), retry });
      return rangesOf(lineages);
    } catch (thrown) {
      if (!isNothingThere(thrown)) throw thrown;
      await refuseAway(access);
      return [];
    }
  };

  const bringBack = async ({ store, from, to, signal, onProgress }: StoreRestore, into: string): Promise<RestoredDatabase> => {
    const progress = onProgress && { onProgress: ({ fraction }: { fraction: number }) => onProgress(fraction) };
    const task = { kind: 'restore', access: from, database: store.id, into, ...momentOf(store.id, to) } as const;
    try {
      return await runVaultTask(task, { ...options(signal), retry, ...progress });
    } catch (thrown) {
      if (!isUnreachable(thrown) || typeof to === 'string' || !('at' in to)) throw thrown;
      const [earliest] = await ranges(store, from, signal);
      if (earliest !== undefined && earliest.fromMs <= to.at.getTime()) throw thrown;
      throw momentTooEarly(store.id, to.at, earliest === undefined ? null : new Date(earliest.fromMs));
    }
  };

  return {
    ranges,
    async restore(request) {
      const startedAt = performance.now();
      const { into } = request;
      for (const file of databaseFiles(into)) await refuseExisting(file);
      const { owner } = request.store;
      if (owner === null) return told(await bringBack(request, into), startedAt);
      // It gets its name when it is its owner's: whatever ends us before leaves nothing there.
      const unowned = into + UNOWNED;
      await rm(unowned, { force: true });
      try {
        const result = await bringBack(request, unowned);
        await chown(unowned, owner.uid, owner.gid);
        await publish(unowned, into);
        return told(result, startedAt);
      } finally {
        await rm(unowned, { force: true });
      }
    },
    async upkeep({ store, at, keep, pins, nowMs, signal }) {
      const task = {
        kind: 'upkeep',
        access: at,
        database: store.id,
        policy: { everySecondForMs: keep.everythingMs, hourlyForMs: keep.hourlyMs, dailyForMs: keep.dailyMs },
        pins: pins.map((pin) => stateOf(store.id, pin)),
        now: nowMs,
        ...(scratchDirectory !== undefined && { scratchDirectory }),
      } as const;
      try {
        const { retained } = await runVaultTask(task, options(signal));
        return { deleted: retained.deleted, bytesFreed: retained.bytesFreed };
      } catch (thrown) {
        if (!isNothingThere(thrown)) throw thrown;
        await refuseAway(at);
        return { deleted: 0, bytesFreed: 0 };
      }
    },
  };
};

/** There may be another target, and somebody waits. One that answers with bytes is read for as long as they come. */
const WHILE_WAITED_FOR: Partial<RetryLimits> = { totalMs: 20_000, attemptMs: 30_000 };

/** A disk that is not mounted lists as empty as one that is. */
const refuseAway = async ({ name, url }: VaultAccess): Promise<void> => {
  const place = parseTargetUrl(url);
  if (place.kind !== 'directory') return;
  const isThere = await stat(place.path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) throw targetAway(name, place.path);
};

const UNOWNED = '.unowned';

const refuseExisting = async (file: string): Promise<void> => {
  const found = await lstat(file).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (found !== undefined) throw restorePlaceTaken(file);
};

/** Unlike a rename, a link never replaces what came into being there meanwhile. */
const publish = async (from: string, into: string): Promise<void> => {
  try {
    await link(from, into);
  } catch (cause) {
    throw isErrno(cause, 'EEXIST') ? restorePlaceTaken(into) : cause;
  }
};

const told = ({ at, bytes, pages, txid, damaged, forked }: RestoredDatabase, startedAt: number): RestoredStore => ({
  atMs: at,
  bytes,
  evidence: `${pages.toLocaleString('en-US')} ${pages === 1 ? 'page equals' : 'pages equal'} the source’s checksum at transaction ${txid}, quick_check ok`,
  ms: performance.now() - startedAt,
  warnings: [
    ...damaged.map((name) => `${name} was missing or damaged and passed by: the state is complete`),
    ...forked.map((name) => `${name} was left out, as another machine wrote at the same time: the longest history was taken`),
  ],
});

const momentOf = (id: string, to: StoreMoment) => {
  if (to === 'latest') return { to } as const;
  if ('at' in to) return { to: { at: to.at } };
  const { lineage, txid } = stateOf(id, to.position);
  return { lineage, to: { txid } };
};

const stateOf = (id: string, position: StorePosition): { lineage: string; txid: number } => {
  if (position.kind !== 'sqlite') throw positionForeign(id, position.kind);
  return { lineage: position.lineage, txid: position.txid };
};

const isNothingThere = (thrown: unknown): boolean => thrown instanceof BerthError && thrown.code === 'REPLICA_NOT_FOUND';
const isUnreachable = (thrown: unknown): boolean => thrown instanceof BerthError && thrown.code === 'RESTORE_POINT_UNREACHABLE';
const isErrno = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
