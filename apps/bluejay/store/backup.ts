/** Copies of the database as it is at one moment, while the site goes on. */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { checkFailed, storeErrorFrom } from './errors.ts';

export type BackupOptions = {
  /** Default: that of the database. Made when it is not there. */
  readonly directory?: string;
  /** Milliseconds since 1970; names the file in UTC. */
  readonly now: number;
  /** How many stay, this one included; older ones of the same directory go. Default: all. */
  readonly keep?: number;
};

/**
 * Writes `backup-YYYYMMDD-HHMMSS.db`, readable by its user only and checked, and returns its path. It appears under that name when
 * it is whole. Throws a StoreError; `:memory:` cannot be backed up without a `directory`.
 */
export const backUp = async (database: DatabaseSync, { directory, now, keep }: BackupOptions): Promise<string> => {
  const location = database.location();
  const into = directory ?? (location === null ? undefined : dirname(location));
  if (into === undefined) throw new TypeError('a database in memory needs a directory for its backup');
  const unfinished = join(into, `.backup-${process.pid}.tmp`);
  try {
    mkdirSync(into, { recursive: true, mode: 0o700 });
    rmSync(unfinished, { force: true });
    // Made before, so that there is no moment at which others may read it.
    closeSync(openSync(unfinished, 'wx', 0o600));
    await backup(database, unfinished, { rate: PAGES_AT_ONCE });
    makeWhole(unfinished);
    const file = freeName(into, now);
    renameSync(unfinished, file);
    sync(into);
    if (keep !== undefined) prune(into, keep);
    return file;
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw storeErrorFrom(cause, into);
  }
};

/** The oldest first, by name only. */
export const listBackups = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => NAME.test(name))
    .sort();

const NAME = /^backup-\d{8}-\d{6}(?:-\d+)?\.db$/;
/** 64 MB: between two steps others may write, and then the copy begins anew. */
const PAGES_AT_ONCE = 16_384;

/** One file without `-wal` beside it, read once as a whole. */
const makeWhole = (file: string): void => {
  const copy = new DatabaseSync(file);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
    const verdict = Object.values(copy.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    if (verdict !== 'ok') throw checkFailed(file, String(verdict));
  } finally {
    copy.close();
  }
  chmodSync(file, 0o600);
  sync(file);
};

const freeName = (directory: string, now: number): string => {
  const moment = new Date(now)
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-');
  for (let number = 1; ; number += 1) {
    const file = join(directory, `backup-${moment}${number === 1 ? '' : `-${number}`}.db`);
    if (!existsSync(file)) return file;
  }
};

const prune = (directory: string, keep: number): void => {
  const all = listBackups(directory);
  for (const name of all.slice(0, Math.max(0, all.length - keep))) rmSync(join(directory, basename(name)), { force: true });
};

const sync = (path: string): void => {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
