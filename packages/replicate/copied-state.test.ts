/** A machine that was copied with its state directory, and both copies running. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { Bench, openBench } from './fake-bench.ts';
import type { Replicator } from './replicator.ts';

/** The same disk in another machine: the files as they are now, and the same target. */
const copyOf = async (bench: Bench): Promise<Bench> => {
  const directory = await temporaryDirectory();
  cpSync(bench.directory.path, directory.path, { recursive: true });
  const position = directory.join('state', 'app', 'position.json');
  const copied: object = JSON.parse(readFileSync(position, 'utf8'));
  // The copy of a disk has the same inodes; that of files would begin a lineage.
  writeFileSync(position, JSON.stringify({ ...copied, inode: statSync(directory.join('app.db')).ino }));
  const copy = new Bench(directory, { isCopy: true });
  copy.targets = bench.targets;
  // What they write alike would be alike.
  copy.now = bench.now + 1000;
  return copy;
};

const isFenced = (replicator: Replicator): boolean => replicator.status().targets[0]?.state === 'fenced';

const requestsOf = (replicator: Replicator): number => replicator.status().targets[0]?.requests ?? 0;

test('a copy that is behind is fenced before it claims anything, and the original goes on', async () => {
  await using original = await openBench();
  const first = original.start();
  original.write(5);
  await original.flush(first);
  await using copy = await copyOf(original);
  original.write(3);
  await original.flush(first);
  const second = copy.start();
  copy.write(2);
  await waitUntil(() => isFenced(second), { what: 'the copy is fenced' });
  assert.equal(second.status().targets[0]?.error?.code, 'REPLICATION_FENCED');
  original.write(1);
  await original.flush(first);
  assert.deepEqual([isFenced(first), await original.restored()], [false, 9]);
  const names = [...(original.targets.near?.objects.keys() ?? [])];
  assert.equal(names.filter((name) => name.includes('/epochs/')).length, 1, 'the copy claimed nothing');
});

test('of a copy that is not behind, whoever wrote first goes on and the other one is fenced', async () => {
  await using original = await openBench();
  const first = original.start();
  original.write(5);
  await original.flush(first);
  await using copy = await copyOf(original);
  const second = copy.start();
  copy.write(2);
  await copy.flush(second);
  original.write(2);
  await waitUntil(() => isFenced(first), { what: 'the original is fenced' });
  copy.write(2);
  await copy.flush(second);
  assert.deepEqual([isFenced(second), await copy.restored()], [false, 9]);
  // Also when it is started again, with what it remembers.
  await original.stop(first, 0);
  const again = original.start();
  original.write(1);
  await waitUntil(() => isFenced(again), { what: 'it stays fenced' });
});

test('while nothing is written nothing is asked of a target', async () => {
  await using bench = await openBench();
  const replicator = bench.start();
  bench.write(1);
  await bench.flush(replicator);
  const before = requestsOf(replicator);
  const counted = { lists: 0, gets: 0 };
  const near = bench.targets.near;
  assert.ok(near);
  const { list, get } = near;
  near.list = (...args) => {
    counted.lists += 1;
    return list(...args);
  };
  near.get = (...args) => {
    counted.gets += 1;
    return get(...args);
  };
  const polls = 3;
  await new Promise((next) => setTimeout(next, polls * 1000));
  assert.deepEqual([requestsOf(replicator) - before, counted], [0, { lists: 0, gets: 0 }]);
  bench.write(1);
  await bench.flush(replicator);
  assert.equal(requestsOf(replicator) - before, 1, 'one put');
});

test('a start costs what it takes to claim, once', async () => {
  await using bench = await openBench();
  const first = bench.start();
  bench.write(1);
  await bench.flush(first);
  await bench.stop(first);
  const second = bench.start();
  bench.write(1);
  await bench.flush(second);
  // Whether somebody went on from here, which epoch is the highest, a new one, and the log.
  assert.equal(requestsOf(second), 4);
});
