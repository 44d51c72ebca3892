import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { type Bench, openBench } from './fake-bench.ts';
import { HeldDatabase } from './held-database.ts';
import { createLogCopying } from './log-copying.ts';

test('a large log is copied by a process of its own', async () => {
  await using bench = await openBench();
  bench.application.exec('PRAGMA wal_autocheckpoint = 0');
  const replicator = bench.start({ checkpointFrames: 50, copyInProcessBytes: 500_000, truncateLogBytes: 1 << 20 });
  await bench.flush(replicator);
  for (let round = 0; round < 5; round += 1) {
    bench.application.exec('BEGIN');
    bench.write(20_000);
    bench.application.exec('COMMIT');
    await bench.flush(replicator);
  }
  await waitUntil(() => replicator.status().logBytes === 0, { what: 'the log was copied and cut' });
  bench.write(1);
  await bench.flush(replicator);
  const { copies, reconciles, lineages, snapshots } = replicator.status().counters;
  assert.ok(copies > 0);
  assert.deepEqual([reconciles, lineages, snapshots, bench.told('checkpoint.failed')], [0, 1, 1, 0]);
  assert.equal(await bench.restored(), 100_001);
});

test('a large log that cannot be copied, as the application reads in it, is tried again after a while', async () => {
  await using bench = await openBench();
  bench.application.exec('PRAGMA wal_autocheckpoint = 0');
  const replicator = bench.start({ checkpointFrames: 50, copyInProcessBytes: 500_000, truncateLogBytes: 1 << 20 });
  await bench.flush(replicator);
  const reader = new DatabaseSync(bench.path);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM notes').get();
  bench.write(500);
  await waitUntil(() => replicator.status().counters.copies > 0, { what: 'it was tried' });
  await bench.flush(replicator);
  const { logBytes } = replicator.status();
  reader.close();
  assert.ok(logBytes > 1 << 20, `${logBytes} bytes of log`);
  await waitUntil(() => replicator.status().logBytes === 0, { what: 'the log was copied and cut', withinMs: 20_000 });
  assert.equal(replicator.status().counters.reconciles, 0);
  assert.equal(await bench.restored(), 500);
});

/** A log of some megabytes in a database that is held at its beginning. */
const withLargeLog = (bench: Bench): HeldDatabase => {
  bench.application.exec('PRAGMA wal_autocheckpoint = 0');
  const held = new HeldDatabase(bench.path);
  bench.write(3000);
  return held;
};

test('where nobody can tell who copies, writers are kept out for a moment only', async () => {
  await using bench = await openBench();
  const held = withLargeLog(bench);
  const ends: (string | undefined)[] = [];
  const table = { read: async () => '', [Symbol.dispose]: () => undefined };
  using copying = createLogCopying({ largerThanBytes: 1 << 20, locks: table, onEnd: (failure) => ends.push(failure) });
  assert.ok(copying.isNeeded(held));
  assert.notEqual(await copying.begin(held, () => held.connections.moveHold()), undefined);
  bench.write(1);
  await waitUntil(() => copying.state === 'ready', { what: 'it is over' });
  assert.deepEqual([ends, copying.inVain, copying.isNeeded(held)], [[undefined], 0, false]);
  held.close();
});

test('a checkpoint that has begun and may see our reader move is waited for', async () => {
  await using bench = await openBench();
  const held = withLargeLog(bench);
  let looks = 0;
  // It begins after the first look, behind the last commit before writers are kept out.
  const table = {
    read: async () => (++looks === 1 || looks > 5 ? '' : `1: POSIX  ADVISORY  WRITE 4242 fe:00:${held.shm.inode} 121 121\n`),
    [Symbol.dispose]: () => undefined,
  };
  using copying = createLogCopying({ largerThanBytes: 1 << 20, locks: table, onEnd: () => undefined });
  let movedAt = 0;
  const moveReader = (): void => {
    movedAt = looks;
    held.connections.moveHold();
  };
  assert.notEqual(await copying.begin(held, moveReader), undefined);
  assert.ok(movedAt > 5, `it moved at look ${movedAt}`);
  await waitUntil(() => copying.state === 'ready', { what: 'it is over' });
  held.close();
});

test('a writer that does not end what it began is not waited for, and behind each attempt there is a pause', async () => {
  await using bench = await openBench();
  const held = withLargeLog(bench);
  using copying = createLogCopying({ largerThanBytes: 1 << 20, locks: bench.locks.table, onEnd: () => undefined });
  bench.application.exec("BEGIN IMMEDIATE; INSERT INTO notes (text) VALUES ('x')");
  for (const attempt of [1, 2]) {
    await waitUntil(() => copying.state === 'ready', { what: 'it may try' });
    assert.equal(await copying.begin(held, () => assert.fail('nobody keeps the writer out')), undefined);
    await waitUntil(() => copying.inVain === attempt, { what: 'it has given up' });
    assert.equal(copying.state, 'pausing');
  }
  bench.application.exec('COMMIT');
  held.close();
});

test('what is stopped while it copies leaves neither a process nor a lock', async () => {
  await using bench = await openBench();
  const held = withLargeLog(bench);
  const copying = createLogCopying({
    largerThanBytes: 1 << 20,
    locks: bench.locks.table,
    onEnd: () => assert.fail('nobody is told any more'),
  });
  const beginning = copying.begin(held, () => held.connections.moveHold());
  copying[Symbol.dispose]();
  assert.equal(await beginning, undefined);
  bench.write(1);
  await waitUntil(() => copying.state !== 'running', { what: 'the process is gone' });
  assert.equal(await copying.begin(held, () => assert.fail('it was stopped')), undefined);
  held.close();
});
