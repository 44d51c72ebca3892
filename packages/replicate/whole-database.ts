import { fstatSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DatabasePages, LogChangedError, openDatabasePages } from './database-pages.ts';
import type { HeldDatabase } from './held-database.ts';
import { LogFile } from './log-file.ts';
import { lockPage } from './page-hash.ts';
import { WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES, type WalPosition, walStart } from './wal-format.ts';
import { createWalScanner } from './wal-scan.ts';

/** A state of a held database, and where it ends in the log. */
export type HeldState = {
  readonly pageSize: number;
  readonly pages: number;
  readonly log: WalPosition | undefined;
  /** The database file alone is this state. */
  readonly complete: boolean;
};

/**
 * The newest state. Nothing is known of the log but that a reader of ours just began: it is read and proven from its start.
 * Throws LogChangedError when a writer restarted it meanwhile, which can happen once.
 */
export const locateState = (database: HeldDatabase): HeldState => {
  const index = database.index();
  if (index === undefined) throw new LogChangedError();
  if (index.frames === 0) return { ...stateOfFile(database.fd), log: undefined, complete: true };
  using file = new LogFile(database.logPath);
  const header = file.readHeader();
  if (header === undefined || header.salt1 !== index.salt1 || header.salt2 !== index.salt2) throw new LogChangedError();
  const scanner = createWalScanner(walStart(header));
  const end = WAL_HEADER_BYTES + index.frames * (WAL_FRAME_HEADER_BYTES + index.pageSize);
  let pages = 0;
  while (scanner.position.offset < end && !scanner.ended) {
    const last = file.scan(scanner, { end, enoughBytes: SCAN_BYTES }).at(-1);
    if (last === undefined) break;
    pages = last.databasePages;
  }
  if (scanner.position.offset !== end) throw new LogChangedError();
  return { pageSize: header.pageSize, pages, log: scanner.position, complete: index.backfilled === index.frames };
};

/** The pages of a state, while the database stays held at it or before. */
export const openState = (database: HeldDatabase, { pageSize, pages, log, complete }: HeldState): DatabasePages =>
  openDatabasePages({ fd: database.fd, logPath: database.logPath, pageSize, pages, log: complete ? undefined : log });

/**
 * All pages but the one with the locks, in order; other work gets its turn in between. A page is good until the next one is
 * asked for.
 */
export async function* eachPage(pages: DatabasePages, signal?: AbortSignal): AsyncGenerator<{ page: number; content: Buffer }> {
  const { pageSize } = pages;
  const lock = lockPage(pageSize);
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const pagesAtOnce = CHUNK_BYTES / pageSize;
  for (let first = 1; first <= pages.pages; first += pagesAtOnce) {
    signal?.throwIfAborted();
    const count = Math.min(pagesAtOnce, pages.pages - first + 1);
    const chunk = buffer.subarray(0, count * pageSize);
    pages.read(first, chunk);
    for (let at = 0; at < count; at += 1) {
      if (first + at !== lock) yield { page: first + at, content: chunk.subarray(at * pageSize, (at + 1) * pageSize) };
    }
    await nextTurn();
  }
}

/** The size of a database whose log is empty (sqlite.org/fileformat2.html, 1.3). */
const stateOfFile = (fd: number): { pageSize: number; pages: number } => {
  const header = Buffer.alloc(32);
  readSync(fd, header, 0, header.length, 0);
  const size = header.readUInt16BE(16);
  const pageSize = size === 1 ? 65_536 : size;
  const inFile = Math.floor(fstatSync(fd).size / pageSize);
  const inHeader = header.readUInt32BE(28);
  return { pageSize, pages: inHeader > 0 && inHeader <= inFile ? inHeader : inFile };
};

const CHUNK_BYTES = 1 << 20;
const SCAN_BYTES = 64 << 20;
