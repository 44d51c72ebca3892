/** The connection to the site's one database. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkFailed, pragmaIgnored, storeErrorFrom } from './errors.ts';

/**
 * Opens the file, or makes one that only its user may read. Writes wait 5 s for another process. Throws a StoreError that says
 * what is wrong; every setting is read back, since SQLite ignores in silence what it cannot do. `:memory:` is for tests.
 */
export const openDatabase = (file: string): DatabaseSync => {
  let database: DatabaseSync | undefined;
  try {
    if (file !== MEMORY) makePrivate(file);
    database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    for (const [pragma, value] of Object.entries(pragmasFor(file))) database.exec(`PRAGMA ${pragma} = ${value}`);
    readBack(database, file);
    quickCheck(database, file);
    return database;
  } catch (cause) {
    database?.close();
    throw storeErrorFrom(cause, file);
  }
};

const MEMORY = ':memory:';
const BUSY_TIMEOUT_MS = 5_000;
/** A quick check reads the whole file: some 100 ms for this much. */
const CHECK_UP_TO_BYTES = 32 * 1024 * 1024;

/** By what each reads as afterwards; `synchronous` 1 is NORMAL: with WAL a power cut may lose the last commits, never damage. */
const pragmasFor = (file: string): Readonly<Record<string, string | number>> => ({
  journal_mode: file === MEMORY ? 'memory' : 'wal',
  synchronous: 1,
  busy_timeout: BUSY_TIMEOUT_MS,
  foreign_keys: 1,
});

const makePrivate = (file: string): void => {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'wx', 0o600));
  } catch (cause) {
    // One that is there is never opened: closing it again would drop the locks that this process has on it.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    for (const each of [file, `${file}-wal`, `${file}-shm`])
      if (statSync(each, { throwIfNoEntry: false })?.isFile() === true) chmodSync(each, 0o600);
  }
};

const readBack = (database: DatabaseSync, file: string): void => {
  for (const [pragma, wanted] of Object.entries(pragmasFor(file))) {
    const found = Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
    if (found !== wanted) throw pragmaIgnored(file, pragma, wanted, found);
  }
};

const quickCheck = (database: DatabaseSync, file: string): void => {
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
  if (file === MEMORY || statSync(file).size > CHECK_UP_TO_BYTES) return;
  const verdict = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
  if (verdict !== 'ok') throw checkFailed(file, String(verdict));
};
