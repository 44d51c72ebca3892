/** What the bytes of a database say, without SQLite: nothing here takes a lock. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

export type DatabaseHeader = {
  readonly pageBytes: number;
  readonly journalMode: 'wal' | 'rollback';
  /** `PRAGMA user_version` as of the last checkpoint. */
  readonly userVersion: number;
};

/** null when the file is absent or empty; 'foreign' when it is no database (sqlite.org/fileformat2.html, 1.3). */
export const readHeader = (file: string): DatabaseHeader | 'foreign' | null => {
  const bytes = firstBytes(file, 100);
  if (bytes.length === 0) return null;
  if (bytes.length < 100 || bytes.toString('latin1', 0, 16) !== 'SQLite format 3\0') return 'foreign';
  const pageBytes = bytes.readUInt16BE(16);
  return {
    pageBytes: pageBytes === 1 ? 65_536 : pageBytes,
    journalMode: bytes[18] === 2 ? 'wal' : 'rollback',
    userVersion: bytes.readUInt32BE(60),
  };
};

/**
 * Bytes of committed frames of the log that are not in the database yet. From the index in shared memory, whose numbers are
 * in the byte order of the machine (sqlite.org/walformat.html, 2.1); without one the whole log counts.
 */
export const unwrittenLogBytes = (file: string, pageBytes: number): number => {
  const log = `${file}-wal`;
  if (!existsSync(log)) return 0;
  const index = firstBytes(`${file}-shm`, 136);
  if (index.length < 136) return statSync(log).size;
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const word = (at: number): number => (little ? index.readUInt32LE(at) : index.readUInt32BE(at));
  const [frames, copied] = [word(16), word(96)];
  return Math.max(0, frames - copied) * (pageBytes + 24);
};

const firstBytes = (file: string, count: number): Buffer => {
  if (!existsSync(file)) return Buffer.alloc(0);
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(count);
    return buffer.subarray(0, readSync(handle, buffer, 0, count, 0));
  } finally {
    closeSync(handle);
  }
};
