/**
 * The application of the benchmark: `node writer-process.ts '{"database": …}'`. Commits one row after the other, as fast as it
 * can or so many a second, and says at the end what its commits cost it. SIGTERM ends it early.
 */
import { createHistogram } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

export type WriterTask = {
  readonly database: string;
  /** Undefined: as fast as it goes. */
  readonly perSecond?: number;
  readonly seconds: number;
  /** Rows are inserted, or this many of the rows that are there updated at random. */
  readonly updatesAmong?: number;
  /** Has the application call `wal_checkpoint(TRUNCATE)` by itself. */
  readonly truncateEveryMs?: number;
};

export type WriterReport = {
  readonly commits: number;
  readonly seconds: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** When each of the last commits returned, in ms since 1970: the last element belongs to the last transaction. */
  readonly committedAt: readonly number[];
  readonly truncations: { readonly tried: number; readonly done: number };
};

const KEPT_TIMES = 20_000;

async function write(task: WriterTask, isToEnd: () => boolean): Promise<WriterReport> {
  const database = new DatabaseSync(task.database, { timeout: 5_000 });
  database.exec('PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS written (id INTEGER PRIMARY KEY, at REAL, body BLOB)');
  const insert = database.prepare('INSERT INTO written (at, body) VALUES (?, ?)');
  const update = task.updatesAmong === undefined ? null : database.prepare('UPDATE filler SET body = ? WHERE id = ?');
  const body = Buffer.alloc(200, 'x');
  const latency = createHistogram();
  const committedAt: number[] = [];
  const truncations = { tried: 0, done: 0 };
  let commits = 0;
  let refused = 0;
  const start = performance.now();
  let nextTruncation = task.truncateEveryMs ?? Number.POSITIVE_INFINITY;
  for (let due = 0; performance.now() - start < task.seconds * 1000 && !isToEnd(); due += 1) {
    if (task.perSecond !== undefined) await sleep(Math.max(0, (due * 1000) / task.perSecond - (performance.now() - start)));
    else if (due % 64 === 0) await sleep(0);
    body.writeDoubleLE(Math.random(), (due * 8) % 192);
    const begun = performance.now();
    try {
      if (update === null) insert.run(Date.now(), body);
      else update.run(body, 1 + Math.floor(Math.random() * (task.updatesAmong ?? 1)));
      commits += 1;
      committedAt.push(performance.timeOrigin + performance.now());
      if (committedAt.length > 2 * KEPT_TIMES) committedAt.splice(0, KEPT_TIMES);
    } catch (error) {
      if (!(error instanceof Error && 'errcode' in error && error.errcode === 5)) throw error;
      refused += 1;
    }
    latency.record(Math.max(1, Math.round((performance.now() - begun) * 1000)));
    if (performance.now() - start > nextTruncation) {
      nextTruncation += task.truncateEveryMs ?? 0;
      truncations.tried += 1;
      if (database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0) truncations.done += 1;
    }
  }
  const seconds = (performance.now() - start) / 1000;
  // Not closed: the last one to close a database checkpoints it, and that is not what is measured.
  return {
    commits,
    seconds,
    refused,
    p50Ms: latency.percentile(50) / 1000,
    p99Ms: latency.percentile(99) / 1000,
    worstMs: latency.max / 1000,
    committedAt: committedAt.slice(-KEPT_TIMES),
    truncations,
  };
}

let isToEnd = false;
process.on('SIGTERM', () => {
  isToEnd = true;
});
const report = await write(JSON.parse(process.argv[2] ?? '{}'), () => isToEnd);
process.stdout.write(JSON.stringify(report), () => process.kill(process.pid, 'SIGKILL'));
