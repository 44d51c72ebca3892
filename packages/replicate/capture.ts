import { setTimeout as pause } from 'node:timers/promises';
import { coalescedEntries } from './coalesce.ts';
import { ContinuityLostError, type Followed } from './followed.ts';
import { createFrameBuffer, LogFile } from './log-file.ts';
import { savePosition } from './position.ts';
import { databaseUnfollowed } from './replication/errors.ts';
import type { SegmentEntry, SegmentHeader } from './segment-format.ts';
import { encodeSegment } from './segment-writer.ts';
import type { WalIndex } from './shm.ts';
import { WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES, walStart } from './wal-format.ts';
import { createWalScanner, type WalTransaction } from './wal-scan.ts';

/** How much is committed and not captured, in bytes of the log; undefined while a writer is changing what tells it. */
export const uncapturedBytes = (followed: Followed): number | undefined => {
  const index = followed.database.index();
  if (index === undefined) return undefined;
  const { log } = followed.position;
  const end = endOfLog(index);
  return log !== undefined && isSameLog(index, log) ? Math.max(0, end - log.offset) : end - WAL_HEADER_BYTES;
};

/**
 * Captures committed transactions into one segment: durable first, then the position advances. False if there was nothing.
 * Throws ContinuityLostError when the log is not the one that continues the position.
 */
export const captureSegment = async (followed: Followed, since: number): Promise<boolean> => {
  using log = new LogFile(followed.database.logPath);
  const end = followLog(followed, log);
  if (end === undefined) return false;
  const scanner = scannerOf(followed);
  if (scanner.position.offset >= end) return false;
  const { segmentBytes, coalesceBytes } = followed.settings;
  const coalesced = end - scanner.position.offset > coalesceBytes;
  const transactions = log.scan(scanner, { end, enoughBytes: coalesced ? COALESCED_AT_ONCE * coalesceBytes : segmentBytes });
  followed.fault('capture.read');
  const last = transactions.at(-1);
  if (last === undefined || scanner.ended) throw new ContinuityLostError('the log ends before its last commit');
  await storeTransactions(followed, { log, transactions, last, since, coalesced: coalesced && transactions.length > 1 });
  return true;
};

/**
 * Everything that is committed at the moment of the call; while writers are kept out, that is all there is. False when it cannot
 * be told whether that much was captured, because a writer is just changing what tells it: then it is to be called again.
 */
export const captureToEnd = async (followed: Followed, since: number): Promise<boolean> => {
  const goal = followed.database.index();
  if (goal === undefined) return false;
  const isReached = (): boolean => {
    const { log } = followed.position;
    return goal.frames === 0 || (log !== undefined && isSameLog(goal, log) && log.offset >= endOfLog(goal));
  };
  while (await captureSegment(followed, since)) {
    const { log } = followed.position;
    if (log === undefined || !isSameLog(goal, log) || log.offset >= endOfLog(goal)) break;
  }
  return isReached();
};

/** As captureToEnd, for as long as it takes to tell; throws DATABASE_UNFOLLOWED when a writer lets nobody tell. */
export const captureAll = async (followed: Followed, since: number): Promise<void> => {
  const { id, database } = followed;
  const until = performance.now() + WRITER_PATIENCE_MS;
  while (!(await captureToEnd(followed, since))) {
    if (performance.now() > until) {
      throw databaseUnfollowed({ id, path: database.path, why: 'a writer does not finish what it began' });
    }
    await pause(1);
  }
};

/** Whether everything committed is captured and in the database file as well. */
export const isDrained = (followed: Followed): boolean => {
  const index = followed.database.index();
  return index !== undefined && index.backfilled === index.frames && uncapturedBytes(followed) === 0;
};

/** Where the committed part of the log ends, if the log is the one that continues the position; undefined: nothing to do yet. */
const followLog = (followed: Followed, file: LogFile): number | undefined => {
  const index = followed.database.index();
  if (index === undefined) return undefined;
  const { log, pageSize } = followed.position;
  if (log !== undefined && isSameLog(index, log)) {
    const end = endOfLog(index);
    if (end < log.offset) throw new ContinuityLostError('the log is shorter than what was captured of it');
    return end;
  }
  // The rule of the salts: another log may only follow one that was completely captured and copied when our reader began.
  if (!followed.complete) throw new ContinuityLostError('the log was restarted');
  if (index.frames === 0) return undefined;
  const header = file.readHeader();
  if (header === undefined || header.salt1 !== index.salt1 || header.salt2 !== index.salt2) return undefined;
  if (header.pageSize !== pageSize) throw new ContinuityLostError('the page size changed');
  followed.position = { ...followed.position, log: walStart(header) };
  followed.scanner = undefined;
  followed.complete = false;
  return endOfLog(index);
};

const scannerOf = (followed: Followed): NonNullable<Followed['scanner']> => {
  if (followed.position.log === undefined) throw new Error('a log is scanned from a position in it');
  followed.scanner ??= createWalScanner(followed.position.log);
  return followed.scanner;
};

type Batch = {
  log: LogFile;
  transactions: readonly WalTransaction[];
  last: WalTransaction;
  since: number;
  /** All of them become one transaction. */
  coalesced: boolean;
};

const storeTransactions = async (followed: Followed, { log, transactions, last, since, coalesced }: Batch): Promise<void> => {
  const { position, table } = followed;
  const at = Math.max(position.at, followed.now());
  const minTxid = position.txid + 1;
  const range = { lineage: position.lineage.id, minTxid, maxTxid: coalesced ? minTxid : position.txid + transactions.length };
  const header: SegmentHeader = {
    kind: coalesced ? 'reconcile' : 'log',
    database: followed.id,
    ...range,
    pageSize: position.pageSize,
    firstAt: at,
    lastAt: at,
    previous: position.link,
    position: last.end,
  };
  const entries = coalesced
    ? coalescedEntries(followed, { log, transactions, txid: minTxid, at })
    : entriesOf(followed, { log, transactions, firstTxid: minTxid, at });
  const stream = encodeSegment(header, entries);
  followed.complete = false;
  const stored = await followed.queue.store({ ...range, at, since }, stream);
  followed.position = {
    ...position,
    txid: range.maxTxid,
    sequence: followed.queue.lastSequence,
    pages: table.pages,
    checksum: table.checksum,
    link: stream.summary.link,
    at,
    log: last.end,
  };
  savePosition(followed.directory, followed.position, followed.fault);
  followed.queue.publish();
  followed.counters.segments += 1;
  followed.counters.transactions += transactions.length;
  followed.counters.coalesced += transactions.length - 1 - (range.maxTxid - minTxid);
  followed.counters.bytes += stored?.bytes ?? 0;
};

function* entriesOf(
  { table }: Followed,
  { log, transactions, firstTxid, at }: { log: LogFile; transactions: readonly WalTransaction[]; firstTxid: number; at: number },
): Generator<SegmentEntry> {
  const buffer = createFrameBuffer();
  let txid = firstTxid;
  for (const transaction of transactions) {
    for (const frame of log.pages(transaction, buffer)) {
      table.update(frame.page, frame.content);
      yield frame;
    }
    table.resize(transaction.databasePages);
    yield { commit: { txid, databasePages: transaction.databasePages, at, checksum: table.checksum } };
    txid += 1;
  }
}

const isSameLog = (index: WalIndex, log: { salt1: number; salt2: number }): boolean =>
  index.salt1 === log.salt1 && index.salt2 === log.salt2;

/** Where the committed part of the log ends. The file may be larger: a log that begins anew overwrites the one before. */
export const endOfLog = ({ frames, pageSize }: WalIndex): number =>
  WAL_HEADER_BYTES + frames * (WAL_FRAME_HEADER_BYTES + pageSize);

/** A multiple of what is left to capture when commits begin to be put together. */
const COALESCED_AT_ONCE = 4;
/** A writer changes what tells the end of the log within microseconds, unless it is killed or stopped in that moment. */
const WRITER_PATIENCE_MS = 1000;
