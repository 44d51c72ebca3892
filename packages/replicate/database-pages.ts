import { closeSync, openSync, readSync } from 'node:fs';
import { createWalScanner } from './wal-scan.ts';
import { parseWalHeader, WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES, type WalPosition, walStart } from './wal-format.ts';

/** The whole database as it was at one position of its log, while a reader keeps the log from being reused. */
export interface DatabasePages extends Disposable {
  readonly pageSize: number;
  readonly pages: number;
  /** Fills `into` with pages from this one on. */
  read(firstPage: number, into: Buffer): void;
}

export type PagesSource = {
  /** Of the database file, opened once and never closed. */
  readonly fd: number;
  readonly logPath: string;
  readonly pageSize: number;
  readonly pages: number;
  /** Undefined when the database file alone is that state. */
  readonly log: WalPosition | undefined;
};

/**
 * Pages of the database file, overlaid by those that the log holds up to the position. Others may copy pages from the log to
 * the file meanwhile, but only up to our reader's mark, which the overlay hides. Four bytes of memory per page.
 */
export const openDatabasePages = ({ fd, logPath, pageSize, pages, log }: PagesSource): DatabasePages => {
  const logFd = log === undefined ? undefined : openSync(logPath, 'r');
  let overlay: Uint32Array | undefined;
  try {
    if (log !== undefined && logFd !== undefined) overlay = indexLog(logFd, log, pages);
  } catch (error) {
    if (logFd !== undefined) closeSync(logFd);
    throw error;
  }
  return {
    pageSize,
    pages,
    read(firstPage, into) {
      readOrZero(fd, into, (firstPage - 1) * pageSize);
      if (overlay === undefined || logFd === undefined) return;
      for (let at = 0; at < into.length; at += pageSize) {
        const frame = overlay[firstPage + at / pageSize] ?? 0;
        if (frame === 0) continue;
        readOrZero(
          logFd,
          into.subarray(at, at + pageSize),
          WAL_HEADER_BYTES + (frame - 1) * (WAL_FRAME_HEADER_BYTES + pageSize) + WAL_FRAME_HEADER_BYTES,
        );
      }
    },
    [Symbol.dispose]() {
      if (logFd !== undefined) closeSync(logFd);
    },
  };
};

/** For each page the number of its last frame up to the position, counted from 1; 0 for those that are not in the log. */
const indexLog = (logFd: number, end: WalPosition, pages: number): Uint32Array => {
  const overlay = new Uint32Array(pages + 1);
  const frameBytes = WAL_FRAME_HEADER_BYTES + end.pageSize;
  let frame = 0;
  const scanner = createWalScanner(startOf(logFd, end));
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.floor(CHUNK_BYTES / frameBytes)) * frameBytes);
  while (scanner.position.offset < end.offset && !scanner.ended) {
    const wanted = Math.min(chunk.length, end.offset - scanner.nextOffset);
    if (wanted <= 0) break;
    const bytes = readSync(logFd, chunk, 0, wanted, scanner.nextOffset);
    if (bytes < frameBytes) break;
    for (const transaction of scanner.push(chunk.subarray(0, bytes))) {
      for (const page of transaction.pages) {
        frame += 1;
        if (page <= pages) overlay[page] = frame;
      }
    }
  }
  const reached = scanner.position;
  if (reached.offset !== end.offset || reached.checksum1 !== end.checksum1 || reached.checksum2 !== end.checksum2) {
    throw new LogChangedError();
  }
  return overlay;
};

const startOf = (logFd: number, end: WalPosition): WalPosition => {
  const bytes = Buffer.alloc(WAL_HEADER_BYTES);
  readSync(logFd, bytes, 0, WAL_HEADER_BYTES, 0);
  const header = parseWalHeader(bytes);
  if (header === undefined || header.salt1 !== end.salt1 || header.salt2 !== end.salt2) throw new LogChangedError();
  return walStart(header);
};

/** The log is no longer the one of the position: what was read so far is of no use. */
export class LogChangedError extends Error {
  constructor() {
    super('the write-ahead log changed while it was read');
    this.name = 'LogChangedError';
  }
}

/** Behind the end of the file are zeros: the last pages of a database may be in the log only. */
const readOrZero = (fd: number, into: Buffer, position: number): void => {
  let done = 0;
  while (done < into.length) {
    const bytes = readSync(fd, into, done, into.length - done, position + done);
    if (bytes === 0) break;
    done += bytes;
  }
  into.fill(0, done);
};

const CHUNK_BYTES = 1 << 20;
