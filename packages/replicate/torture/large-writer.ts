/**
 * An application with a large database, as a process that is told what to do over IPC: to fill it, to write at a steady pace and
 * tell how long its commits took, to VACUUM.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

export type LargeTask =
  | { readonly kind: 'fill'; readonly bytes: number }
  | { readonly kind: 'write'; readonly perSecond: number }
  /** Answers with what it has been like so far. */
  | { readonly kind: 'tell' }
  /** Ends writing and answers with what it was like. */
  | { readonly kind: 'pause' }
  /** One for which there is no room counts as refused. */
  | { readonly kind: 'vacuum' }
  /** Deletes one row in fifty. */
  | { readonly kind: 'thin' }
  /** Everything into the database file, and closed. */
  | { readonly kind: 'close' };

export type LargeAnswer = {
  readonly rows: number;
  readonly transactions: number;
  readonly refused: number;
  readonly seconds: number;
  /** Of commits, in milliseconds. */
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
};

const ROW_BYTES = 3_500;
const ROWS_PER_UPDATE = 4;

const database = new DatabaseSync(process.argv[2] ?? '', { timeout: 30_000 });
database.exec('PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
database.exec('CREATE TABLE IF NOT EXISTS content (id INTEGER PRIMARY KEY, body BLOB)');
const update = database.prepare('UPDATE content SET body = ? WHERE id = ?');

let rows = Number(database.prepare('SELECT coalesce(max(id), 0) AS n FROM content').get()?.['n']);
let writing: Promise<void> | undefined;
let isToPause = false;
let took: number[] = [];
let refused = 0;
let startedAt = 0;

const fill = (bytes: number): void => {
  const insert = database.prepare('INSERT INTO content (body) VALUES (?)');
  for (const wanted = rows + Math.ceil(bytes / 4096); rows < wanted; ) {
    database.exec('BEGIN');
    for (let left = 5_000; left > 0 && rows < wanted; left -= 1, rows += 1) insert.run(randomBytes(ROW_BYTES));
    database.exec('COMMIT');
  }
};

const writeOne = (): void => {
  const bodies = Array.from({ length: ROWS_PER_UPDATE }, () => randomBytes(ROW_BYTES));
  const from = performance.now();
  try {
    database.exec('BEGIN IMMEDIATE');
    for (const body of bodies) update.run(body, randomInt(1, rows + 1));
    database.exec('COMMIT');
    took.push(performance.now() - from);
  } catch (error) {
    if (!(error instanceof Error && /locked|busy/.test(error.message))) throw error;
    if (database.isTransaction) database.exec('ROLLBACK');
    refused += 1;
  }
};

const vacuum = (): void => {
  try {
    database.exec('VACUUM');
  } catch (error) {
    if (!(error instanceof Error && /full/.test(error.message))) throw error;
    refused += 1;
  }
};

/** What was missed while a commit was slow is not caught up: nobody's application works off a debt. */
const write = async (perSecond: number): Promise<void> => {
  for (let at = performance.now(); !isToPause; ) {
    writeOne();
    at = Math.max(at + 1000 / perSecond, performance.now() - 1000 / perSecond);
    await sleep(Math.max(0, at - performance.now()));
  }
};

const tell = (): LargeAnswer => {
  const sorted = took.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    rows,
    transactions: took.length,
    refused,
    seconds,
    median: quantile(0.5),
    p99: quantile(0.99),
    worst: sorted.at(-1) ?? 0,
  };
};

const perform = async (task: LargeTask): Promise<void> => {
  switch (task.kind) {
    case 'fill':
      fill(task.bytes);
      break;
    case 'write':
      [took, refused, isToPause, startedAt] = [[], 0, false, performance.now()];
      writing = write(task.perSecond);
      break;
    case 'tell':
      break;
    case 'pause':
      isToPause = true;
      await writing;
      break;
    case 'vacuum': {
      [took, refused, startedAt] = [[], 0, performance.now()];
      vacuum();
      took.push(performance.now() - startedAt);
      break;
    }
    case 'thin':
      database.exec('DELETE FROM content WHERE id % 50 = 0');
      break;
    case 'close':
      database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      database.close();
      break;
  }
  process.send?.(tell());
};

process.on('message', (task: LargeTask) => void perform(task));
