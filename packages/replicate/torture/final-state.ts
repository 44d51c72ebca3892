/** What a database holds when all is still, as SQLite itself sees it: judged by copies, so that the original stays as it was left. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Places } from './round.ts';

/** All that is in its log, as whoever opens it next finds it. */
export function checkpointedCopy(places: Places): Buffer {
  const log = `${places.database}-wal`;
  return checkpointed(places, existsSync(log) ? readFileSync(log) : undefined);
}

/**
 * Without a transaction that was never published: a writer that is killed between the last frame of its commit and the index of
 * the log leaves frames that no connection has ever seen, and that the next writer overwrites. Only when the index is lost, as
 * after the last connection, are they found and believed. Undefined when the index publishes the whole log.
 */
export function publishedCopy(places: Places): Buffer | undefined {
  const [log, index] = [`${places.database}-wal`, `${places.database}-shm`].map((file) =>
    existsSync(file) ? readFileSync(file) : Buffer.alloc(0),
  );
  if (log === undefined || index === undefined || log.length < LOG_HEADER_BYTES || index.length < 2 * INDEX_HEADER_BYTES)
    return undefined;
  const isOfThisLog = log.subarray(16, 24).equals(index.subarray(32, 40));
  const isWhole = index.subarray(0, INDEX_HEADER_BYTES).equals(index.subarray(INDEX_HEADER_BYTES, 2 * INDEX_HEADER_BYTES));
  const published = LOG_HEADER_BYTES + index.readUInt32LE(16) * (FRAME_HEADER_BYTES + log.readUInt32BE(8));
  return isOfThisLog && isWhole && published < log.length ? checkpointed(places, log.subarray(0, published)) : undefined;
}

/** SQLite's file format, sections 4.1 and 4.2, and walformat.html, section 2.1: the index is in the byte order of the machine. */
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const INDEX_HEADER_BYTES = 48;

function checkpointed({ database, directory }: Places, log: Buffer | undefined): Buffer {
  const copy = join(directory, 'truth.db');
  copyFileSync(database, copy);
  if (log !== undefined) writeFileSync(`${copy}-wal`, log);
  const opened = new DatabaseSync(copy);
  opened.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  opened.close();
  return readFileSync(copy);
}
