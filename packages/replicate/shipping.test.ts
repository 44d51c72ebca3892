/** What a target lacks it gets, or is told to lack. */
import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { openBench } from './fake-bench.ts';
import { createFakeTarget } from './fake-target.ts';
import type { Replicator } from './replicator.ts';

const awayFor: readonly { name: string; meanwhile: number; after: number }[] = [
  { name: 'when it is back', meanwhile: 5, after: 0 },
  { name: 'and then something is written', meanwhile: 5, after: 3 },
  { name: 'in which nothing was written', meanwhile: 0, after: 3 },
];

for (const { name, meanwhile, after } of awayFor)
  test(`a target that was left out for a while has all again, ${name}`, async () => {
    await using bench = await openBench();
    const far = createFakeTarget();
    const { near = createFakeTarget() } = bench.targets;
    bench.targets = { near, far };
    const first = bench.start();
    bench.write(2);
    await bench.flush(first);
    await bench.stop(first);
    bench.targets = { near };
    const second = bench.start();
    bench.write(meanwhile);
    await bench.flush(second);
    await bench.stop(second);
    bench.targets = { near, far };
    const third = bench.start();
    await waitUntil(() => third.status().state === 'following', { what: 'it follows' });
    bench.write(after);
    const txid = await bench.flush(third);
    for (const target of ['near', 'far']) assert.equal(await bench.restored(target), 2 + meanwhile + after, target);
    // From where it is back on each transaction is there, and no copy was made without need.
    for (let left = 0; left <= after; left += 1)
      assert.equal(await bench.restored('far', { txid: txid - left }), 2 + meanwhile + after - left);
    assert.equal(third.status().counters.snapshots, meanwhile === 0 ? 0 : 1);
  });

test('a snapshot that is there before the logs before it leaves none of them out', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  const before = await bench.flush(replicator);
  const near = bench.targets.near ?? createFakeTarget();
  near.beforePut = (name) => {
    if (/\/log-/.test(name)) throw new Error('503 slow down');
  };
  for (let number = 0; number < 3; number += 1) {
    bench.write(1);
    await bench.captured(replicator);
  }
  replicator.wantSnapshots();
  await waitUntil(() => bench.told('snapshot.stored') === 2, { what: 'a snapshot is stored' });
  near.beforePut = () => undefined;
  await bench.flush(replicator);
  for (const count of [0, 1, 2, 3]) assert.equal(await bench.restored('near', { txid: before + count }), count);
});

test('after an exchange a target lags for as long as the newest state is not there', async () => {
  await using bench = await openBench();
  const first = bench.start();
  bench.write(5);
  await bench.flush(first);
  const at = (replicator: Replicator) => replicator.status().targets[0];
  const [lineage, txid] = [first.status().lineage, first.status().txid];
  assert.equal(at(first)?.lagMs, 0);
  bench.application.close();
  const other = bench.directory.join('other.db');
  const database = new DatabaseSync(other);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)');
  database.close();
  for (const suffix of ['-wal', '-shm']) rmSync(bench.path + suffix);
  renameSync(other, bench.path);
  // Before anybody has noticed it.
  assert.ok((at(first)?.lagMs ?? 0) > 0);
  await bench.stop(first, 0);
  const near = bench.targets.near ?? createFakeTarget();
  const { promise: isUp, resolve: bringUp } = Promise.withResolvers<void>();
  near.beforePut = (_, signal) =>
    Promise.race([isUp, new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', reject))]);
  bench.now += 1000;
  const second = bench.start();
  assert.ok((at(second)?.lagMs ?? 0) > 0, 'before it is followed');
  await waitUntil(() => second.status().counters.lineages === 1 && second.status().state === 'following', { what: 'it follows' });
  await waitUntil(() => (at(second)?.lagMs ?? 0) > 30, { what: 'the lag grows' });
  assert.deepEqual([at(second)?.lineage, at(second)?.safeTxid], [lineage, txid]);
  bringUp();
  await waitUntil(() => at(second)?.lagMs === 0, { what: 'it is there' });
  assert.equal(at(second)?.lineage, second.status().lineage);
  assert.equal(await bench.restored(), 0);
});
