import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** What the replicator does with a database through SQLite. It never writes to it. */
export class Connections {
  readonly #path: string;
  #held: DatabaseSync;
  #spare: DatabaseSync;
  #checkpointer: DatabaseSync | undefined;
  #barrier: DatabaseSync | undefined;

  /** Opens the readers only; nothing is held yet. */
  constructor(path: string) {
    this.#path = path;
    this.#held = openReader(path);
    this.#spare = openReader(path);
  }

  /** Whether a reader pins the log. */
  get holding(): boolean {
    return this.#held.isTransaction;
  }

  /** From here on no log can be reused but one that is completely in the database file. Throws when SQLite is busy recovering. */
  hold(): void {
    begin(this.#held);
  }

  release(): void {
    if (this.#held.isTransaction) this.#held.exec('COMMIT');
  }

  /** Moves the pin to the newest commit without a moment between. */
  moveHold(): void {
    begin(this.#spare);
    this.#held.exec('COMMIT');
    [this.#held, this.#spare] = [this.#spare, this.#held];
  }

  /** As moveHold, but stays where it was unless the condition still holds once the new transaction has begun. */
  moveHoldIf(isStillTrue: () => boolean): boolean {
    begin(this.#spare);
    const moves = isStillTrue();
    (moves ? this.#held : this.#spare).exec('COMMIT');
    if (moves) [this.#held, this.#spare] = [this.#spare, this.#held];
    return moves;
  }

  /** False when a writer was in the way for longer than the timeout. While this is held nobody can commit or restart the log. */
  lockWriters(): boolean {
    this.#barrier ??= openWriter(this.#path, BARRIER_TIMEOUT_MS);
    try {
      this.#barrier.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  }

  unlockWriters(): void {
    if (this.#barrier?.isTransaction) this.#barrier.exec('ROLLBACK');
  }

  /** So that a checkpoint begins at once when it is asked for. */
  openCheckpointer(): void {
    this.#checkpointer ??= openWriter(this.#path);
    this.#checkpointer.prepare('PRAGMA schema_version').get();
  }

  /** Copies what no reader needs from the log to the database file. Blocks nobody. */
  checkpointPassive(): void {
    this.#checkpointer ??= openWriter(this.#path);
    this.#checkpointer.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
  }

  /**
   * Gives the log's disk space back. While it is followed, only when the log is completely in the database file and the reader is
   * in slot 0: then a commit that slipped in makes this return busy at once, as nothing can be copied past that reader.
   */
  truncateLog(): void {
    this.#checkpointer ??= openWriter(this.#path);
    this.#checkpointer.exec('PRAGMA busy_timeout = 0');
    this.#checkpointer.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    this.#checkpointer.exec(`PRAGMA busy_timeout = ${TIMEOUT_MS}`);
  }

  /** The readers last: a read-only connection leaves the log in place when it closes, so that the next start can resume. */
  close(): void {
    this.unlockWriters();
    this.#barrier?.close();
    this.#checkpointer?.close();
    this.#spare.close();
    this.#held.close();
  }
}

/** SQLITE_BUSY and its extended codes. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 5;

/** What SQLite refused or could not do. */
export const isSqliteError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';

const openReader = (path: string): DatabaseSync => new DatabaseSync(path, { readOnly: true, timeout: TIMEOUT_MS });

const openWriter = (path: string, timeout = TIMEOUT_MS): DatabaseSync => {
  const url = pathToFileURL(path);
  // Without this a database that was just deleted would be made anew, empty.
  url.searchParams.set('mode', 'rw');
  const database = new DatabaseSync(url, { timeout });
  database.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL');
  return database;
};

/** A deferred transaction takes its snapshot with the first read; this one reads a page without needing the schema. */
const begin = (reader: DatabaseSync): void => {
  reader.exec('BEGIN');
  try {
    reader.prepare('PRAGMA schema_version').get();
  } catch (error) {
    reader.exec('ROLLBACK');
    throw error;
  }
};

/** How long the application's own locks are waited for; the replicator's process stands still meanwhile. */
const TIMEOUT_MS = 200;
/** Whoever holds the write lock may be waiting for our reader: better to look again than to insist. */
const BARRIER_TIMEOUT_MS = 50;
