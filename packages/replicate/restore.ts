import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { syncDirectory } from './atomic-file.ts';
import { readCatalogue } from './catalogue.ts';
import { replicaBroken, restoredDatabaseCorrupt, restoreTargetExists } from './errors.ts';
import { formatChecksum, hashPage, lockPage } from './page-hash.ts';
import { removeLeftovers } from './leftovers.ts';
import { findRestorePlan, type RestorePlan, type RestoreTo } from './restore-point.ts';
import type { RestoreStep } from './restore-plan.ts';
import { createRestoredFile, type RestoredFile } from './restored-file.ts';
import { type Sealer, sealTarget } from './seal.ts';
import type { SegmentHeader, SegmentTransaction } from './segment-format.ts';
import { openSegment, type SegmentReader } from './segment-reader.ts';
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
  await removeLeftovers(path.dirname(into), path.basename(into) + RESTORING);
  const catalogue = await readCatalogue(target, database, signal);
  const plan = await findRestorePlan(target, catalogue, { to, ...(lineage && { lineage }), ...(signal && { signal }) });
  const objectsTotal = plan.steps.length;
  const temporary = `${into}${RESTORING}${process.pid}-${randomUUID()}`;
  try {
    const state = await writeState({ target, plan, file: temporary, signal }, (objects) => {
      onProgress({ phase: 'reading', objects, objectsTotal });
    });
    onProgress({ phase: 'comparing', objects: objectsTotal, objectsTotal });
    const found = checksumOfFile(temporary, state.pageSize);
    if (found !== state.last.checksum) {
      throw replicaBroken(
        state.name,
        `the state has checksum ${found}, transaction ${state.last.txid} had ${state.last.checksum}`,
      );
    }
    onProgress({ phase: 'checking', objects: objectsTotal, objectsTotal });
    if (check) checkWithSqlite(temporary);
    signal?.throwIfAborted();
    await publish(temporary, into);
    return {
      lineage: plan.lineage,
      txid: state.last.txid,
      at: state.last.at,
      pages: state.last.databasePages,
      pageSize: state.pageSize,
      checksum: found,
      plan,
      ms: performance.now() - startedAt,
    };
  } finally {
    await rm(temporary, { force: true });
  }
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
const RESTORING = '.restoring-';
const SIDE_FILES = ['', '-wal', '-shm', '-journal'];

/** A stale log beside a restored database would be replayed into it. */
const refuseExisting = async (into: string): Promise<void> => {
  for (const suffix of SIDE_FILES)
    if ((await stat(into + suffix).catch(() => undefined)) !== undefined) throw restoreTargetExists(into + suffix);
};

type Work = { target: Target; plan: RestorePlan; file: string; signal: AbortSignal | undefined };
type State = { last: SegmentTransaction; pageSize: number; name: string };

const writeState = async ({ target, plan, file, signal }: Work, onObject: (done: number) => void): Promise<State> => {
  let state: (State & { header: SegmentHeader; link: string }) | undefined;
  let restored: RestoredFile | undefined;
  try {
    for (const [index, step] of plan.steps.entries()) {
      signal?.throwIfAborted();
      onObject(index);
      const { name } = step.holding;
      await using segment = await openSegment(await target.get(name, signal ? { signal } : {}), name);
      checkIdentity(segment.header, step, plan);
      const { pageSize } = segment.header;
      restored ??= createRestoredFile(file, pageSize);
      if (state !== undefined) checkChain(state, { header: segment.header, name });
      if (state !== undefined && state.pageSize !== pageSize) throw replicaBroken(name, 'its pages have another size');
      const last = await applySegment(restored, { segment, upTo: step.upTo, signal });
      if (last === undefined) throw replicaBroken(name, `it has no transaction up to ${step.upTo}`);
      state = { last, pageSize, name, header: segment.header, link: segment.summary.link };
    }
    restored?.flush();
    if (state === undefined || state.last.txid !== plan.txid) throw replicaBroken(plan.database, `${plan.txid} was not reached`);
    return state;
  } finally {
    restored?.[Symbol.dispose]();
  }
};

/** An object under another's name is not what the plan was made of. */
const checkIdentity = (header: SegmentHeader, { holding }: RestoreStep, { database }: RestorePlan): void => {
  const kinds = holding.kind === 'log' ? ['log', 'reconcile'] : [holding.kind];
  const isIt =
    kinds.includes(header.kind) &&
    header.database === database &&
    header.lineage === holding.lineage &&
    header.maxTxid === holding.maxTxid &&
    header.minTxid === holding.minTxid;
  if (!isIt) throw replicaBroken(holding.name, 'it holds another segment than its name says');
};

/** Each segment names the one before; where they overlap or a lineage was left, the checksum at the end is the proof. */
const checkChain = (
  before: { header: SegmentHeader; link: string },
  { header, name }: { header: SegmentHeader; name: string },
): void => {
  const isJoined = before.header.lineage === header.lineage && before.header.maxTxid + 1 === header.minTxid;
  // A snapshot taken in the middle of a batch knows no link.
  if (!isJoined || (before.header.kind === 'snapshot' && before.link === '')) return;
  if (header.previous !== before.link) throw replicaBroken(name, 'it continues another segment than the one before it');
};

type Application = { segment: SegmentReader; upTo: number; signal: AbortSignal | undefined };

/** Gives the last transaction that was applied. */
const applySegment = async (
  restored: RestoredFile,
  { segment, upTo, signal }: Application,
): Promise<SegmentTransaction | undefined> => {
  let last: SegmentTransaction | undefined;
  for await (const entries of segment.blocks()) {
    signal?.throwIfAborted();
    for (const entry of entries) {
      // Behind the wanted transaction the segment is read on, but only to its proof.
      if (last?.txid === upTo) break;
      if ('commit' in entry) {
        last = entry.commit;
        restored.resize(last.databasePages);
      } else restored.set(entry.page, entry.content);
    }
    restored.endBlock();
  }
  return last;
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
  {
    await using file = await open(temporary, 'r+');
    await file.sync();
  }
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
