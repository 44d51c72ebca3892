import assert from 'node:assert/strict';
import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { readCatalogue } from './catalogue.ts';
import { openBench } from './fake-bench.ts';
import { createFakeTarget } from './fake-target.ts';

test('every transaction becomes one that can be restored', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  await waitUntil(() => replicator.status().state === 'following', { what: 'it follows' });
  const before = replicator.status().txid;
  bench.write(7);
  assert.equal(await bench.flush(replicator), before + 7);
  for (const [count, txid] of [0, 1, 2, 3, 4, 5, 6, 7].map((count) => [count, before + count] as const)) {
    assert.equal(await bench.restored('near', { txid }), count);
  }
});

test('commits reach the target by themselves', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  await waitUntil(() => replicator.status().targets[0]?.state === 'following', { what: 'a snapshot is stored' });
  bench.write(3);
  await waitUntil(() => replicator.status().targets[0]?.safeTxid === 4, { what: 'three commits are safe', withinMs: 3000 });
  assert.equal(replicator.status().targets[0]?.lagMs, 0);
  assert.ok((replicator.status().targets[0]?.delayMs?.p50 ?? Number.POSITIVE_INFINITY) < 1000);
});

test('what is remembered and was damaged on the disk is no end: another lineage is begun', async () => {
  await using bench = await openBench();
  const first = bench.start();
  bench.write(3);
  await bench.flush(first);
  const { lineage } = first.status();
  await bench.stop(first);
  const state = bench.directory.join('state', 'app');
  const damaged = readdirSync(state).filter((name) => name.endsWith('.json'));
  assert.ok(damaged.includes('position.json') && damaged.length > 1, damaged.join());
  for (const name of damaged) truncateSync(join(state, name), 7);
  // Else both lineages begin at the same moment.
  bench.now += 1000;
  const second = bench.start();
  bench.write(2);
  await bench.flush(second);
  assert.notEqual(second.status().lineage, lineage);
  assert.equal(await bench.restored('near', 'latest'), 5);
});

test('the log is checkpointed under the application, which goes on in a log of the same size', async () => {
  await using bench = await openBench();
  bench.application.exec('PRAGMA wal_autocheckpoint = 0');
  const replicator = bench.start({ checkpointFrames: 50 });
  for (let round = 0; round < 10; round += 1) {
    bench.write(100);
    await bench.flush(replicator);
    await waitUntil(() => replicator.status().counters.checkpoints > round, { what: `checkpoint ${round}` });
  }
  const { logBytes, counters } = replicator.status();
  assert.ok(logBytes < 2_000_000, `${logBytes} bytes of log for 5 MB that were written`);
  assert.deepEqual([counters.reconciles, counters.lineages, counters.snapshots], [0, 1, 1]);
  assert.equal(await bench.restored(), 1000);
});

test('after a stop the next start resumes exactly, with what was committed meanwhile', async () => {
  await using bench = await openBench();
  const first = bench.start();
  bench.write(5);
  await bench.flush(first);
  await bench.stop(first);
  bench.write(5);
  const second = bench.start();
  await bench.flush(second);
  const { counters } = second.status();
  assert.deepEqual([counters.reconciles, counters.lineages, counters.snapshots, counters.transactions], [0, 0, 0, 5]);
  assert.equal(bench.told('lineage.resumed'), 1);
  assert.equal(await bench.restored(), 10);
});

test('what was written to a log that nobody saw is shipped as one difference', async () => {
  await using bench = await openBench();
  const first = bench.start();
  bench.write(500);
  await bench.flush(first);
  await bench.stop(first);
  bench.application.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  bench.write(1);
  bench.application.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const second = bench.start();
  const txid = await bench.flush(second);
  const { counters } = second.status();
  assert.deepEqual([counters.reconciles, counters.lineages, counters.snapshots], [1, 0, 0]);
  assert.ok(counters.bytes < 5000, `${counters.bytes} bytes for one note of 500`);
  assert.equal(await bench.restored('near', { txid }), 501);
  assert.equal(await bench.restored('near', { txid: txid - 1 }), 500);
});

test('a state directory that was lost begins a lineage', async () => {
  await using bench = await openBench();
  const first = bench.start();
  bench.write(5);
  await bench.flush(first);
  await bench.stop(first);
  rmSync(bench.directory.join('state'), { recursive: true });
  const second = bench.start();
  await bench.flush(second);
  assert.equal(second.status().counters.lineages, 1);
  const target = bench.targets.near ?? createFakeTarget();
  assert.equal((await readCatalogue(target, 'app')).lineages.length, 2);
  assert.equal(await bench.restored(), 5);
});

test('a target that fails gets everything once it is back', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  await bench.flush(replicator);
  const near = bench.targets.near ?? createFakeTarget();
  near.beforePut = () => {
    throw new Error('503 slow down');
  };
  bench.write(5);
  const point = await bench.captured(replicator);
  await waitUntil(() => replicator.status().targets[0]?.state === 'retrying', { what: 'it fails' });
  assert.match(replicator.status().targets[0]?.error?.message ?? '', /503/);
  assert.equal(replicator.isSafe(point), false);
  near.beforePut = () => undefined;
  await waitUntil(() => replicator.isSafe(point), { what: 'everything is safe' });
  assert.equal(await bench.restored(), 5);
});

test('an answer that was lost is not taken for another writer', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  await bench.flush(replicator);
  const near = bench.targets.near ?? createFakeTarget();
  let lost = 0;
  near.afterPut = () => {
    if (lost++ === 0) throw new Error('socket hang up');
  };
  bench.write(3);
  await bench.flush(replicator);
  assert.deepEqual([lost, replicator.status().targets[0]?.state], [1, 'following']);
});

test('one slow target does not hold the other', async () => {
  await using bench = await openBench();
  const far = createFakeTarget();
  bench.targets.far = far;
  const replicator = bench.start();
  await bench.flush(replicator);
  far.beforePut = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  bench.write(9);
  const { txid } = await bench.captured(replicator);
  const safe = (): (number | undefined)[] => replicator.status().targets.map(({ safeTxid }) => safeTxid);
  await waitUntil(() => safe()[0] === txid, { what: 'the near target has everything' });
  assert.ok((safe()[1] ?? 0) < txid);
  assert.equal(await bench.restored('near'), 9);
});

test('a snapshot that was stored but not remembered is not stored again, and nothing behind it is lost', async () => {
  await using bench = await openBench();
  const first = bench.start();
  await bench.flush(first);
  await bench.stop(first);
  rmSync(bench.directory.join('state', 'app', 'target.near.json'));
  bench.write(4);
  const second = bench.start();
  const txid = await bench.flush(second);
  assert.equal(second.status().counters.snapshots, 0);
  for (const count of [1, 2, 3]) assert.equal(await bench.restored('near', { txid: txid - 4 + count }), count);
});

test('a snapshot may hold half as much log as its database is large, and is ended when it holds more', async () => {
  await using bench = await openBench();
  const near = bench.targets['near'] ?? createFakeTarget();
  const arriving = Promise.withResolvers<void>();
  near.beforePut = (name) => (/\/snapshot-/.test(name) ? arriving.promise : undefined);
  bench.write(20_000);
  bench.application.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const pages = Number(bench.application.prepare('PRAGMA page_count').get()?.['page_count']);
  const replicator = bench.start({ hardLogBytes: 4096, checkpointFrames: 10 });
  await waitUntil(() => replicator.status().targets[0]?.state === 'snapshot', { what: 'the first copy is on its way' });
  const rewrite = bench.application.prepare('UPDATE notes SET text = upper(text) WHERE id % 20000 < ?');
  rewrite.run(4_000);
  await bench.captured(replicator);
  await waitUntil(() => bench.told('log.large') > 0, { what: 'the size of the log is told' });
  assert.ok(replicator.status().logBytes < (pages * 4096) / 2);
  assert.equal(bench.told('snapshot.abandoned'), 0);
  rewrite.run(20_000);
  await waitUntil(() => bench.told('snapshot.abandoned') > 0, { what: 'a snapshot that holds more is ended' });
  arriving.resolve();
  await bench.flush(replicator);
  assert.equal(await bench.restored(), 20_000);
});

test('a second writer fences the first off, which stops at once and says so', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  await bench.flush(replicator);
  const near = bench.targets.near ?? createFakeTarget();
  // What another replicator with a copy of our state would have put there.
  near.beforePut = (name) => {
    if (/\/log-/.test(name)) near.objects.set(name, Buffer.from('of somebody else'));
  };
  bench.write(1);
  await waitUntil(() => replicator.status().targets[0]?.state === 'fenced', { what: 'it is fenced' });
  assert.equal(bench.told('target.fenced'), 1);
  assert.equal(replicator.status().targets[0]?.error?.code, 'REPLICATION_FENCED');
});

test('a database that is not in WAL mode yet is waited for', async () => {
  await using bench = await openBench({ wal: false });
  const replicator = bench.start();
  await waitUntil(() => replicator.status().error?.code === 'DATABASE_NOT_WAL', { what: 'it says why it waits' });
  bench.application.exec('PRAGMA journal_mode = WAL');
  bench.write(2);
  await waitUntil(() => replicator.status().state === 'following', { what: 'it follows' });
  await bench.flush(replicator);
  assert.equal(await bench.restored(), 2);
});

for (const [what, code] of [
  ['does not exist', 'DATABASE_MISSING'],
  ['is not in WAL mode', 'DATABASE_NOT_WAL'],
] as const)
  test(`a database that ${what} is looked for twice a second, however long that takes`, async () => {
    await using bench = await openBench({ wal: false });
    if (code === 'DATABASE_MISSING') {
      bench.application.close();
      rmSync(bench.path);
    }
    const replicator = bench.start();
    const looks = new Set<number>();
    await waitUntil(
      () => {
        const { error } = replicator.status();
        if (error?.code === code) looks.add(error.atMs);
        return looks.size === 6;
      },
      { what: 'six looks', withinMs: 4500, everyMs: 10 },
    );
  });

test('times never run backwards when the clock does', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  await bench.flush(replicator);
  const start = bench.now;
  for (const change of [10_000, -3_600_000, 86_400_000]) {
    bench.now = start + change;
    bench.write(1);
    await bench.flush(replicator);
  }
  await waitUntil(() => bench.told('clock.skewed') > 0, { what: 'the jump is told' });
  assert.equal(await bench.restored('near', { at: new Date(start + 9_999) }), 0);
  assert.equal(await bench.restored('near', { at: new Date(start + 10_000) }), 2);
  assert.equal(await bench.restored('near', { at: new Date(start + 86_400_000) }), 3);
});

test('a VACUUM is one transaction, larger than a segment', async () => {
  await using bench = await openBench();
  const replicator = bench.start({ segmentBytes: 64 << 10, truncateLogBytes: 256 << 10 });
  bench.write(3000);
  bench.application.exec('DELETE FROM notes WHERE id % 3 = 0; VACUUM');
  await bench.flush(replicator);
  assert.equal(await bench.restored(), 2000);
});

test('commits that come faster than they can be kept apart become one, and the state is still right', async () => {
  await using bench = await openBench();
  const replicator = bench.start({ coalesceBytes: 100_000, intervalMs: 500 });
  await bench.flush(replicator);
  bench.write(1000);
  bench.application.exec('DELETE FROM notes WHERE id > 500; VACUUM');
  bench.write(300);
  await bench.flush(replicator);
  const { counters, txid } = replicator.status();
  assert.ok(counters.coalesced > 500, `${counters.coalesced} of 1302 commits`);
  assert.equal(counters.transactions, txid - 1 + counters.coalesced);
  assert.equal(await bench.restored(), 800);
});

test('a target that is away for too long is given up, and complete again when it is back', async () => {
  await using bench = await openBench();
  const far = createFakeTarget();
  bench.targets.far = far;
  const replicator = bench.start({ queueBytes: 20_000 });
  await bench.flush(replicator);
  far.beforePut = () => {
    throw new Error('no route to host');
  };
  const fill = bench.application.prepare('INSERT INTO notes (text) VALUES (hex(randomblob(2000)))');
  await waitUntil(
    () => {
      fill.run();
      return bench.told('target.given-up') > 0;
    },
    { what: 'the far target is given up' },
  );
  assert.deepEqual([replicator.status().state, replicator.status().targets[1]?.safeTxid], ['following', undefined]);
  far.beforePut = () => undefined;
  const txid = await bench.flush(replicator);
  assert.equal(await bench.restored('near', { txid }), await bench.restored('far', { txid }));
});

test('when every target is away the queue ends somewhere, the application goes on, and later the difference is shipped', async () => {
  await using bench = await openBench();
  const near = bench.targets.near ?? createFakeTarget();
  const replicator = bench.start({ queueBytes: 20_000 });
  await bench.flush(replicator);
  near.beforePut = () => {
    throw new Error('no route to host');
  };
  const fill = bench.application.prepare('INSERT INTO notes (text) VALUES (hex(randomblob(2000)))');
  let count = 0;
  const fillOne = (): void => {
    fill.run();
    count += 1;
  };
  await waitUntil(
    () => {
      fillOne();
      return replicator.status().state === 'suspended';
    },
    { what: 'it is suspended' },
  );
  for (let more = 0; more < 50; more += 1) fillOne();
  assert.equal(bench.application.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy, 0);
  fillOne();
  near.beforePut = () => undefined;
  await waitUntil(() => replicator.status().state === 'following', { what: 'it follows again' });
  await bench.flush(replicator);
  assert.equal(replicator.status().counters.reconciles, 1);
  assert.equal(await bench.restored(), count);
});
