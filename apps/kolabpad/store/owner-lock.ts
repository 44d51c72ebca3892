import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { owned, storeErrorFrom } from './errors.ts';

/**
 * The right to be the only process of a database: `<file>.lock`, a second SQLite file with an open exclusive transaction.
 * The kernel takes it back however the process ends, so it is never stale. Who holds it is written in `<file>.pid`.
 * Waits up to `waitMs` for a predecessor that is shutting down, then throws STORE_OWNED.
 */
export const acquireOwnerLock = async (file: string, { waitMs }: { readonly waitMs: number }): Promise<OwnerLock> => {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    const database = tryLock(file);
    if (database !== undefined) return new OwnerLock(file, database);
    if (performance.now() >= giveUpAt) throw owned(file, ownerOf(file));
    await sleep(POLL_MS);
  }
};

export class OwnerLock implements Disposable {
  readonly #file: string;
  readonly #database: DatabaseSync;

  constructor(file: string, database: DatabaseSync) {
    this.#file = file;
    this.#database = database;
    try {
      writeFileSync(pidFile(file), `${process.pid}\n`, { mode: 0o600 });
    } catch (cause) {
      database.close();
      throw storeErrorFrom(cause, pidFile(file));
    }
  }

  release(): void {
    if (!this.#database.isOpen) return;
    // Before the lock goes: afterwards the file may be a successor's already.
    rmSync(pidFile(this.#file), { force: true });
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

const POLL_MS = 50;
const SQLITE_BUSY = 5;

const pidFile = (file: string): string => `${file}.pid`;

const tryLock = (file: string): DatabaseSync | undefined => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(`${file}.lock`, { timeout: 0 });
    // Nothing is ever written to it: no journal file need lie about.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database?.close();
    if (((cause as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return undefined;
    throw storeErrorFrom(cause, `${file}.lock`);
  }
};

const ownerOf = (file: string): number | null => {
  try {
    const pid = Number(readFileSync(pidFile(file), 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    // It has the lock and has not written its name yet.
    return null;
  }
};
