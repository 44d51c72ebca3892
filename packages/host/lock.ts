import { chmodSync, readFileSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { homeLocked, homeLockFailed } from './errors.ts';

/**
 * The right to be the only daemon of a home: an SQLite database with an open exclusive transaction. The kernel takes the
 * lock back when the process dies, however it dies, so it is never stale. Throws HOME_LOCKED.
 */
export const acquireLock = (file: string): HeldLock => {
  // POSIX locks belong to the process: a second descriptor, once closed, would drop the lock that the first one holds.
  if (heldHere.has(file)) throw homeLocked(file, process.pid);
  const database = openLocked(file);
  heldHere.add(file);
  return new HeldLock(file, database);
};

export class HeldLock implements Disposable {
  readonly #file: string;
  readonly #database: DatabaseSync;

  constructor(file: string, database: DatabaseSync) {
    this.#file = file;
    this.#database = database;
  }

  release(): void {
    if (!this.#database.isOpen) return;
    this.#database.close();
    heldHere.delete(this.#file);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

const heldHere = new Set<string>();

const SQLITE_BUSY = 5;

const openLocked = (file: string): DatabaseSync => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    chmodSync(file, 0o600);
    return database;
  } catch (cause) {
    database?.close();
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) throw homeLocked(file, holderOf(file));
    throw homeLockFailed(file, cause);
  }
};

/** The pid in /proc/locks, where `1: POSIX ADVISORY WRITE 4242 fe:00:1573 …` ends with device and inode. */
const holderOf = (file: string): number | null => {
  const { ino } = statSync(file);
  const line = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .map((text) => text.split(/\s+/))
    .find((columns) => columns[1] === 'POSIX' && columns[3] === 'WRITE' && columns[5]?.endsWith(`:${ino}`));
  const pid = Number(line?.[4]);
  return pid > 0 ? pid : null;
};
