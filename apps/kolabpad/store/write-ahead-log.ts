import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/**
 * Moves everything into the database and cuts the log to nothing. False when somebody is reading: then it has to be tried
 * again. Waits some 50 ms at most, since the caller is the thread that edits go through.
 */
export const emptyLog = (db: DatabaseSync): boolean => {
  const { timeout } = db.prepare('PRAGMA busy_timeout').get() as { timeout: number };
  db.exec(`PRAGMA busy_timeout = ${READER_WAIT_MS}`);
  try {
    // The checkpoint thread may be at it: SQLite does not wait for another checkpoint.
    for (let tries = 0; tries < TRIES; tries++) {
      const { busy } = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      if (busy === 0) return true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
    return false;
  } finally {
    db.exec(`PRAGMA busy_timeout = ${timeout}`);
  }
};

/** Bytes of the database with its log. By name: opening the file here would drop this process's locks on it. */
export const sizeOnDisk = (file: string): number => sizeOf(file) + sizeOf(`${file}-wal`);

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const READER_WAIT_MS = 10;
const PAUSE_MS = 5;
const TRIES = 3;
