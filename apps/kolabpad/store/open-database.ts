import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkFailed, storeErrorFrom } from './errors.ts';

/** Makes the directory and an empty file that only its user may read. SQLite gives its side files the mode of the database. */
export const makePrivateFile = (file: string): void => {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'wx', 0o600));
  } catch (cause) {
    // One that is there is never opened: closing it again would drop the locks that this process has on it.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw storeErrorFrom(cause, file);
  }
};

/** The writing connection. Throws a StoreError that says what is wrong with the file. */
export const openDatabase = (file: string): DatabaseSync => {
  makePrivateFile(file);
  let db: DatabaseSync | undefined;
  try {
    for (const each of [file, `${file}-wal`, `${file}-shm`])
      if (statSync(each, { throwIfNoEntry: false })?.isFile() === true) chmodSync(each, 0o600);
    db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
      PRAGMA secure_delete = ON;
      PRAGMA foreign_keys = ON;`);
    check(db, file);
    return db;
  } catch (cause) {
    db?.close();
    throw storeErrorFrom(cause, file);
  }
};

const BUSY_TIMEOUT_MS = 5_000;
/** A quick check reads the whole file: some 100 ms for this much. */
const CHECK_UP_TO_BYTES = 32 * 1024 * 1024;

const check = (db: DatabaseSync, file: string): void => {
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  if (statSync(file).size > CHECK_UP_TO_BYTES) return;
  const { quick_check: verdict } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (verdict !== 'ok') throw checkFailed(file, verdict);
};
