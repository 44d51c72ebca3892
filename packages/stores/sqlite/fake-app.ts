import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { checksumOfFile } from '@berth/replicate';

/** An app that writes to its database all the time, in a process of its own. */
export const startWriter = (path: string): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '-e', WRITER, path], { stdio: ['ignore', 'ignore', 'inherit'] });

/**
 * Ends it between two transactions. One that is killed while it syncs leaves a commit in the log that nobody sees who has the
 * database open, but who recovers it: then there are two answers to what the state was.
 */
export const endWriter = (writer: ChildProcess): Promise<void> => end(writer, 'SIGTERM');

export const killProcess = (child: ChildProcess): Promise<void> => end(child, 'SIGKILL');

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
};

const WRITER = `
  import { DatabaseSync } from 'node:sqlite';
  process.on('SIGTERM', () => process.exit(0));
  const database = new DatabaseSync(process.argv[1], { timeout: 10000 });
  database.exec('PRAGMA wal_autocheckpoint = 50');
  for (;;) {
    database.exec('BEGIN IMMEDIATE');
    database.exec('INSERT INTO notes (text) VALUES (randomblob(700))');
    if (Math.random() < 0.2) database.exec('DELETE FROM notes WHERE id % 7 = 3 AND id > 20');
    database.exec('COMMIT');
    await new Promise((next) => setTimeout(next, Math.random() * 8));
  }`;

export const createDatabase = (path: string, text = 'first'): void => {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY, text BLOB)');
  database.prepare('INSERT INTO notes (text) VALUES (?)').run(text);
  database.close();
};

/**
 * The checksum of the database as it is while the action is done: writers wait meanwhile. Copied by another process, since
 * closing a descriptor here would drop the locks that this one has.
 */
export const checksumDuring = async <T>(path: string, action: () => Promise<T>): Promise<{ checksum: string; result: T }> => {
  const database = new DatabaseSync(path, { timeout: 10_000 });
  try {
    database.exec('PRAGMA wal_autocheckpoint = 0; BEGIN IMMEDIATE');
    const result = await action();
    const copy = `${path}.copy`;
    // The log behind the file: what is moved from one to the other meanwhile is then in both.
    execFileSync('cp', [path, copy]);
    execFileSync('cp', [`${path}-wal`, `${copy}-wal`]);
    database.exec('ROLLBACK');
    return { checksum: checksumOfCopy(copy), result };
  } finally {
    database.close();
  }
};

const checksumOfCopy = (copy: string): string => {
  const database = new DatabaseSync(copy);
  const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() ?? {};
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const checksum = checksumOfFile(copy, Number(pageSize));
  for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  return checksum;
};
