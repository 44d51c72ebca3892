import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { openBench } from './fake-bench.ts';
import { logFileBytes } from './log-file.ts';

test('without space nothing is held, the log is given back, and afterwards the difference is shipped', async () => {
  await using bench = await openBench();
  bench.application.exec('PRAGMA wal_autocheckpoint = 0');
  // Of which most is copied by a process of its own.
  const replicator = bench.start({ checkpointFrames: 1_000_000, truncateLogBytes: 1 << 20, copyInProcessBytes: 2 << 20 });
  bench.write(3);
  const { txid } = await bench.captured(replicator);
  const full = { ...bench.disk, freeBytes: 10 << 20 };
  bench.disk = full;
  bench.write(3000);
  assert.ok(logFileBytes(`${bench.path}-wal`) > 10 << 20);
  await waitUntil(() => replicator.status().state === 'suspended', { what: 'it is suspended' });
  assert.equal(replicator.status().error?.code, 'REPLICATION_SPACE_LOW');
  await waitUntil(() => logFileBytes(`${bench.path}-wal`) === 0, { what: 'the disk has its space again' });
  // What takes the room now is nothing of ours, and may be there for long.
  await waitUntil(() => replicator.status().state === 'following', { what: 'it follows again', withinMs: 5000 });
  assert.equal(bench.disk, full);
  bench.write(1);
  await bench.flush(replicator);
  assert.deepEqual([bench.told('space.low'), bench.told('space.back')], [1, 1]);
  assert.deepEqual([replicator.status().counters.reconciles, replicator.status().counters.lineages], [1, 1]);
  assert.equal(await bench.restored(), 3004);
  assert.equal(await bench.restored('near', { txid }), 3);
});

test('a log that the application still reads stays as it is, and is not tried again before it fits', async () => {
  await using bench = await openBench();
  bench.application.exec('PRAGMA wal_autocheckpoint = 0');
  const replicator = bench.start({ checkpointFrames: 1_000_000, truncateLogBytes: 1 << 20 });
  await bench.flush(replicator);
  const reader = new DatabaseSync(bench.path);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM notes').get();
  bench.disk = { ...bench.disk, freeBytes: 10 << 20 };
  bench.write(3000);
  await waitUntil(() => replicator.status().state === 'suspended', { what: 'it is suspended' });
  // Enough to go on with, but not for all that would have to be captured.
  bench.disk = { ...bench.disk, freeBytes: 5e9 + (1 << 20) };
  const looks = bench.looks;
  await waitUntil(() => bench.looks > looks + 3, { what: 'three looks', withinMs: 8000 });
  assert.equal(replicator.status().state, 'suspended');
  reader.close();
  await waitUntil(() => replicator.status().state === 'following', { what: 'it follows again', withinMs: 5000 });
  await bench.flush(replicator);
  assert.equal(await bench.restored(), 3000);
});

test('a disk that others have filled is no reason to stop', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  await bench.flush(replicator);
  bench.disk = { ...bench.disk, freeBytes: 64 << 20 };
  bench.write(50);
  await bench.flush(replicator);
  assert.deepEqual([replicator.status().state, bench.told('space.low')], ['following', 0]);
  assert.equal(await bench.restored(), 50);
});

test('a transaction that finds no room is given up before the disk is full, and a difference that finds none is a new copy', async () => {
  await using bench = await openBench();
  const replicator = bench.start({ truncateLogBytes: 1 << 20 });
  // Nothing that would compress.
  const insert = bench.application.prepare('INSERT INTO notes (text) VALUES (?)');
  const write = (): void => {
    bench.application.exec('BEGIN');
    for (let row = 0; row < 100; row += 1) insert.run(randomBytes(1 << 20).toString('latin1'));
    bench.application.exec('COMMIT');
  };
  await bench.flush(replicator);
  // Else both lineages begin at the same moment.
  bench.now += 1000;
  // A quarter of it is less than the log will be, and less than the difference.
  bench.disk = { ...bench.disk, freeBytes: 200 << 20 };
  write();
  await waitUntil(() => replicator.status().counters.lineages === 2, { what: 'a new lineage', withinMs: 20_000 });
  assert.equal(bench.told('space.low'), 1);
  await bench.flush(replicator);
  assert.equal(readdirSync(bench.directory.join('state', 'app', 'queue')).length, 0);
  assert.equal(await bench.restored(), 100);
});
