import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { syncDirectory } from './durable-file.ts';
import { type Catalogue, readCatalogue } from './catalogue.ts';
import { replicaBroken, restoredDatabaseCorrupt, restoreTargetExists } from './errors.ts';
import { formatChecksum, hashPage, lockPage } from './page-hash.ts';
import { removeLeftovers } from './leftovers.ts';
import { createRestoreWays } from './restore-fallback.ts';
import { findGap } from './restore-gap.ts';
import type { RestorePlan, RestoreRequest, RestoreTo } from './restore-point.ts';
import { BranchesMixedError, type WrittenState, writeState } from './restored-state.ts';
import { type Sealer, sealTarget } from './seal.ts';
import type { Target } from './target.ts';

export type RestoreOptions = {
  readonly target: Target;
  readonly sealer?: Sealer;
  readonly database: string;
  readonly to: RestoreTo;
  readonly lineage?: string;
  /** Where the database shall be. Neither it nor its -wal, -shm or -journal may exist. */
  readonly into: string;
  /** Lets SQLite look through the copy (`quick_check`); true unless told. Databases that only an extension can read need false. */
  readonly check?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RestoreProgress) => void;
};

export type RestoreProgress = {
  readonly phase: 'reading' | 'comparing' | 'checking';
  readonly objects: number;
  readonly objectsTotal: number;
};

export type RestoreResult = {
  readonly lineage: string;
  readonly txid: number;
  /** When that transaction was captured, milliseconds since 1970. */
  readonly at: number;
  readonly pages: number;
  readonly pageSize: number;
  readonly checksum: string;
  readonly plan: RestorePlan;
  /** Objects that are missing or damaged, and without which the same state was reached: a new snapshot is due. */
  readonly damaged: readonly string[];
  /**
   * Objects of another machine that wrote the same lineage at the same time, and which this state does not contain: of several
   * chains the longest was taken. Empty but for that.
   */
  readonly forked: readonly string[];
  readonly ms: number;
};

/**
 * Brings back a state of the database, in constant memory. The file appears under its name when it is complete, equal to the
 * source by the checksum of that transaction, and on the disk; whatever ends the process before leaves nothing there.
 */
export const restore = async (options: RestoreOptions): Promise<RestoreResult> => {
  const { database, to, lineage, signal, check = true, onProgress = () => undefined } = options;
  const startedAt = performance.now();
  const target = options.sealer ? sealTarget(options.target, options.sealer) : options.target;
  const into = path.resolve(options.into);
  await refuseExisting(into);
  await removeUnfinishedRestores(into);
  const request = { to, ...(lineage && { lineage }), ...(signal && { signal }) };
  const catalogue = await readSettled(target, database, request);
  const ways = createRestoreWays(target, catalogue, request);
  const temporary = `${into}${RESTORING}${process.pid}-${randomUUID()}`;
  try {
    for (let plan = await ways.first(); ; ) {
      try {
        const state = await writeSynced({ target, plan, file: temporary, signal }, { check, onProgress });
        signal?.throwIfAborted();
        await publish(temporary, into);
        const { last, pageSize } = state;
        const { txid, at, databasePages: pages, checksum } = last;
        const { damaged, forked } = ways;
        const ms = performance.now() - startedAt;
        return { lineage: plan.lineage, txid, at, pages, pageSize, checksum, plan, damaged, forked, ms };
      } catch (failed) {
        await rm(temporary, { force: true });
        plan = await ways.next(plan, failed);
      }
    }
  } finally {
    await rm(temporary, { force: true });
  }
};

/** What one listing misses because it was just being written is in the next; what both miss is missing. */
const readSettled = async (target: Target, database: string, { to, lineage, signal }: RestoreRequest): Promise<Catalogue> => {
  for (let before: number | undefined; ; ) {
    const catalogue = await readCatalogue(target, database, signal);
    const gap = to === 'latest' ? findGap(catalogue, lineage) : undefined;
    if (gap === undefined || gap.after === before) return catalogue;
    before = gap.after;
  }
};

type Work = Parameters<typeof writeState>[0];

type Proof = { readonly check: boolean; readonly onProgress: (progress: RestoreProgress) => void };

/** The file holds what the plan leads to, was read and found right, and is on the disk. */
const writeSynced = async (work: Work, { check, onProgress }: Proof): Promise<WrittenState> => {
  const objectsTotal = work.plan.steps.length;
  const state = await writeState(work, (objects) => onProgress({ phase: 'reading', objects, objectsTotal }));
  await using file = await open(work.file, 'r+');
  // It does not change any more: the disk is written to while the processor reads.
  const synced = file.sync();
  synced.catch(() => undefined);
  try {
    onProgress({ phase: 'comparing', objects: objectsTotal, objectsTotal });
    compareState(work.file, state);
    onProgress({ phase: 'checking', objects: objectsTotal, objectsTotal });
    if (check) checkWithSqlite(work.file);
  } finally {
    await synced;
  }
  return state;
};

/** The file is what the plan's last transaction was, by its checksum. */
const compareState = (file: string, { last: { txid, checksum }, pageSize, name }: WrittenState): void => {
  const found = checksumOfFile(file, pageSize);
  if (found === checksum) return;
  throw new BranchesMixedError(replicaBroken(name, `the state has checksum ${found}, transaction ${txid} had ${checksum}`));
};

/** The checksum of a database file as it lies there, without any log: comparable with PageTable.checksum. */
export const checksumOfFile = (file: string, pageSize: number): string => {
  const buffer = Buffer.alloc(Math.max(READ_BYTES, pageSize));
  const hash = new Uint32Array(2);
  const lock = lockPage(pageSize);
  let [high, low, page] = [0, 0, 0];
  const fd = openSync(file, 'r');
  try {
    for (;;) {
      const bytes = readSync(fd, buffer, 0, buffer.length, page * pageSize);
      for (let at = 0; at + pageSize <= bytes; at += pageSize) {
        page += 1;
        if (page === lock) continue;
        hashPage(page, buffer.subarray(at, at + pageSize), hash);
        high ^= hash[0] as number;
        low ^= hash[1] as number;
      }
      if (bytes < buffer.length) return formatChecksum(high, low);
    }
  } finally {
    closeSync(fd);
  }
};

const READ_BYTES = 1024 * 1024;
/** What restores to this place left whose process is gone. Each does so by itself when it begins. */
export const removeUnfinishedRestores = (into: string): Promise<void> =>
  removeLeftovers(path.dirname(path.resolve(into)), path.basename(into) + RESTORING);

const RESTORING = '.restoring-';
const SIDE_FILES = ['', '-wal', '-shm', '-journal'];

/** A stale log beside a restored database would be replayed into it. */
const refuseExisting = async (into: string): Promise<void> => {
  for (const suffix of SIDE_FILES)
    if ((await stat(into + suffix).catch(() => undefined)) !== undefined) throw restoreTargetExists(into + suffix);
};

/** On the copy, which is opened as one that nobody writes: SQLite makes no file beside it. */
const checkWithSqlite = (file: string): void => {
  const url = pathToFileURL(file);
  url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    const problems = database
      .prepare('PRAGMA quick_check')
      .all()
      .map((row) => String(row['quick_check']));
    if (problems.length !== 1 || problems[0] !== 'ok') throw restoredDatabaseCorrupt(file, problems);
  } finally {
    database.close();
  }
};

const publish = async (temporary: string, into: string): Promise<void> => {
  await refuseExisting(into);
  try {
    // Unlike a rename, a link never replaces what came into being there meanwhile.
    await link(temporary, into);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw restoreTargetExists(into);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw cause;
    await rename(temporary, into);
  }
  await rm(temporary, { force: true });
  await syncDirectory(await realpath(path.dirname(into)));
};
