import { DatabaseSync } from 'node:sqlite';

/**
 * Lets writers act together, or one of them alone: who acts alone knows that what it reads afterwards is what it committed.
 * A lock of SQLite on a file of its own, so that it ends with its holder, however that one dies.
 */
export class WritersLock {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 60_000 });
  }

  together<T>(act: () => T): T {
    // The lock is taken by the first reading, not by BEGIN.
    return this.#within('BEGIN; SELECT count(*) FROM sqlite_schema', act);
  }

  alone<T>(act: () => T): T {
    return this.#within('BEGIN EXCLUSIVE', act);
  }

  close(): void {
    this.#database.close();
  }

  #within<T>(begin: string, act: () => T): T {
    this.#database.exec(begin);
    try {
      return act();
    } finally {
      this.#database.exec('ROLLBACK');
    }
  }
}
