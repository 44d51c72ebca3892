import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { type Bench, openBench } from './fake-bench.ts';
import { createFakeTarget } from './fake-target.ts';
import { answerQuestion } from './questions.ts';
import type { SafePoint } from './replication-messages.ts';
import type { Replicator } from './replicator.ts';

const ask = (replicator: Replicator, { ids, timeoutMs = 5000 }: { ids?: readonly string[]; timeoutMs?: number } = {}) =>
  answerQuestion({ replicators: [replicator], targets: [] }, { kind: 'point', timeoutMs, ...(ids && { ids }) }) as Promise<
    SafePoint[]
  >;

const pointOf = async (replicator: Replicator): Promise<SafePoint> => {
  const [point] = await ask(replicator);
  assert.ok(point);
  return point;
};

/** Restores each point from a target that got everything, and counts what is in it. */
const countAt = async (bench: Bench, points: readonly SafePoint[]): Promise<number[]> => {
  const counts: number[] = [];
  for (const { txid } of points) counts.push(await bench.restored('near', { txid }));
  return counts;
};

test('a point is everything that was committed before, at once, whether the target answers or not', async () => {
  await using bench = await openBench();
  const near = bench.targets.near ?? createFakeTarget();
  const replicator = bench.start();
  await bench.flush(replicator);
  near.beforePut = () => {
    throw new Error('no route to host');
  };
  const points: SafePoint[] = [];
  const from = performance.now();
  for (let round = 0; round < 5; round += 1) {
    bench.write(3);
    points.push(await pointOf(replicator));
  }
  assert.ok(performance.now() - from < 1000, 'five points within a second');
  assert.equal(new Set(points.map(({ txid }) => txid)).size, 5);
  assert.equal(replicator.isSafe(points[0] as SafePoint), false, 'nothing has arrived yet');
  near.beforePut = () => undefined;
  await bench.flush(replicator);
  assert.deepEqual(await countAt(bench, points), [3, 6, 9, 12, 15]);
});

test('a point among commits that are put together, or found as a difference, is one that really exists', async () => {
  await using bench = await openBench();
  const first = bench.start({ coalesceBytes: 20_000, intervalMs: 10_000 });
  await bench.flush(first);
  const points: SafePoint[] = [];
  bench.write(200);
  points.push(await pointOf(first));
  bench.write(100);
  points.push(await pointOf(first));
  assert.ok(first.status().counters.coalesced > 100);
  await bench.stop(first);
  bench.application.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  bench.write(50);
  bench.application.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const second = bench.start();
  points.push(await pointOf(second));
  assert.equal(second.status().counters.reconciles, 1);
  bench.write(1);
  await bench.flush(second);
  assert.deepEqual(await countAt(bench, points), [200, 300, 350]);
});

test('a point asked for while the database is read for the first time waits for that', async () => {
  await using bench = await openBench();
  bench.write(4);
  const replicator = bench.start();
  assert.equal(replicator.status().state, 'starting');
  const point = await pointOf(replicator);
  await bench.flush(replicator);
  assert.deepEqual(await countAt(bench, [point]), [4]);
});

test('what does not exist is left out, what cannot be followed is named, and what is not known is refused', async () => {
  await using bench = await openBench({ wal: false });
  const replicator = bench.start();
  await assert.rejects(ask(replicator), (error: Error & { code?: string; fields?: { id?: string } }) => {
    assert.equal(error.code, 'DATABASE_UNFOLLOWED');
    assert.equal(error.fields?.id, 'app');
    assert.match(error.message, /not in WAL mode/);
    return true;
  });
  bench.application.exec('PRAGMA journal_mode = WAL');
  bench.write(1);
  assert.equal((await ask(replicator)).length, 1, 'it is tried again at once');
  await assert.rejects(ask(replicator, { ids: ['app', 'other'] }), { code: 'REPLICATION_PLAN_INVALID' });
  assert.deepEqual(await ask(replicator, { ids: [] }), []);
  bench.application.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(bench.path + suffix, { force: true });
  assert.deepEqual(await ask(replicator), []);
});

test('while there is no space a point is refused', async () => {
  await using bench = await openBench();
  bench.application.exec('PRAGMA wal_autocheckpoint = 0');
  bench.write(3000);
  bench.disk = { ...bench.disk, freeBytes: 0 };
  const replicator = bench.start();
  await waitUntil(() => replicator.status().state === 'suspended', { what: 'it is suspended' });
  await assert.rejects(ask(replicator), { code: 'DATABASE_UNFOLLOWED', message: /only \d+ bytes are free/ });
});

test('the status tells how large the database is, and of when what is captured and what is safe are', async () => {
  await using bench = await openBench();
  const near = bench.targets.near ?? createFakeTarget();
  const replicator = bench.start();
  await bench.flush(replicator);
  const began = bench.now;
  assert.deepEqual([replicator.status().capturedAt, replicator.status().targets[0]?.safeAt], [began, began]);
  near.beforePut = () => {
    throw new Error('no route to host');
  };
  bench.now += 60_000;
  bench.write(100);
  await pointOf(replicator);
  const { capturedAt, pageBytes, targets } = replicator.status();
  assert.deepEqual([capturedAt, targets[0]?.safeAt], [began + 60_000, began]);
  const { pages } =
    bench.application.prepare('SELECT page_count * page_size AS pages FROM pragma_page_count, pragma_page_size').get() ?? {};
  assert.equal(pageBytes, pages);
  near.beforePut = () => undefined;
  await bench.stop(replicator);
  const again = bench.start();
  await bench.flush(again);
  assert.equal(again.status().targets[0]?.safeAt, began + 60_000, 'also of what waited through a restart');
});
