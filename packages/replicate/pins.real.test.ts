/** States that are pinned, through histories, compaction and retention at random times. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, type Random, temporaryDirectory, type TemporaryDirectory } from '@berth/testing';
import { readCatalogue } from './catalogue.ts';
import { compact } from './compact.ts';
import type { Pin } from './compact-plan.ts';
import { createFakeReplica } from './fake-replica.ts';
import { createFakeTarget, type FakeTarget } from './fake-target.ts';
import { planRestoreSteps } from './restore-plan.ts';
import { restore } from './restore.ts';
import { applyRetention } from './retention.ts';

const MINUTE = 60_000;
/** Short, so that an hour of history sees everything go. */
const policy = { everySecondForMs: 10 * MINUTE, hourlyForMs: 90 * MINUTE, dailyForMs: 3 * 60 * MINUTE };

const bytesAt = async (target: FakeTarget, directory: TemporaryDirectory, to: Pin | 'latest'): Promise<Buffer> => {
  const into = directory.join('restored.db');
  rmSync(into, { force: true });
  const wanted = to === 'latest' ? { to } : { to: { txid: to.txid }, lineage: to.lineage };
  await restore({ target, database: 'app', into, ...wanted });
  return readFileSync(into);
};

type World = { target: FakeTarget; directory: TemporaryDirectory; random: Random; pinned: boolean };

/** Gives how many of the states that were meant can still be restored. */
const live = async ({ target, directory, random, pinned }: World): Promise<{ meant: number; there: number; merged: number }> => {
  const file = directory.join('app.db');
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA page_size = 1024; PRAGMA synchronous = OFF; PRAGMA auto_vacuum = 1; PRAGMA journal_mode = WAL;
    PRAGMA wal_autocheckpoint = 0; CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)`);
  const replica = await createFakeReplica({ target, database: 'app', pageSize: 1024 });
  const meant = new Map<Pin, Buffer>();
  let at = 0;
  let merged = 0;
  replica.capture(`${file}-wal`, at);
  await replica.shipSnapshot();
  while (at < 5 * 60 * MINUTE) {
    at += random.boolean(0.1) ? random.integer(MINUTE, 20 * MINUTE) : random.integer(100, 30_000);
    for (let left = random.integer(1, 3); left > 0; left -= 1) {
      if (random.boolean(0.1)) database.exec(`DELETE FROM note WHERE id % 3 = ${random.integer(0, 2)}`);
      else database.prepare('INSERT INTO note VALUES (NULL, ?)').run(random.text(random.integer(1, 2_000)));
      replica.capture(`${file}-wal`, at);
    }
    if (random.boolean(0.7)) await replica.shipLog();
    if (random.boolean(0.02)) {
      await replica.shipLog();
      await replica.shipSnapshot();
    }
    if (random.boolean(0.04)) {
      await replica.shipLog();
      // The end of a segment as a point is, or a transaction in the middle of one.
      const pin = { lineage: replica.lineage, txid: replica.last.txid - (random.boolean() ? 0 : random.integer(0, 2)) };
      meant.set(pin, await bytesAt(target, directory, pin));
    }
    const pins = pinned ? [...meant.keys()] : [];
    const upkeep = { target, database: 'app', now: at, pins };
    if (random.boolean(0.05)) merged += (await compact({ ...upkeep, scratchDirectory: directory.path })).merged.length;
    if (random.boolean(0.05)) await applyRetention({ ...upkeep, policy });
  }
  await replica.shipLog();
  const catalogue = await readCatalogue(target, 'app');
  let there = 0;
  for (const [pin, bytes] of meant) {
    if (!pinned && planRestoreSteps(catalogue, pin) === undefined) continue;
    assert.ok((await bytesAt(target, directory, pin)).equals(bytes), `transaction ${pin.txid} is another one now`);
    there += 1;
  }
  await bytesAt(target, directory, 'latest');
  const last = await restoredChecksum(target, directory);
  assert.equal(last, replica.last.checksum, 'the newest state');
  return { meant: meant.size, there, merged };
};

const restoredChecksum = async (target: FakeTarget, directory: TemporaryDirectory): Promise<string> => {
  const into = directory.join('latest.db');
  rmSync(into, { force: true });
  return (await restore({ target, database: 'app', to: 'latest', into })).checksum;
};

for (const seed of [1, 2, 3, 4])
  test(`each pinned state comes back byte for byte, and so does the newest (seed ${seed})`, async () => {
    await using directory = await temporaryDirectory();
    const { meant, there, merged } = await live({
      target: createFakeTarget(),
      directory,
      random: createRandom(seed),
      pinned: true,
    });
    assert.ok(meant > 5 && merged > 10, `${meant} states, ${merged} merged segments`);
    assert.equal(there, meant);
  });

test('the same states without pins are gone', async () => {
  await using directory = await temporaryDirectory();
  const { meant, there } = await live({ target: createFakeTarget(), directory, random: createRandom(1), pinned: false });
  assert.ok(there < meant, `${there} of ${meant} states are left`);
});

test('no merged segment reaches across a pinned state', async () => {
  await using directory = await temporaryDirectory();
  const target = createFakeTarget();
  const file = directory.join('app.db');
  using database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE note(body TEXT)');
  const replica = await createFakeReplica({ target, database: 'app', pageSize: 4096 });
  replica.capture(`${file}-wal`, 0);
  await replica.shipSnapshot();
  for (let log = 1; log <= 12; log += 1) {
    for (let left = 3; left > 0; left -= 1) database.exec("INSERT INTO note VALUES ('x')");
    replica.capture(`${file}-wal`, log * 1000);
    await replica.shipLog();
  }
  const { lineage } = replica;
  const start = replica.last.txid - 36;
  // The end of the fourth log, and the middle of the eighth.
  const pins = [12, 23].map((behind) => ({ lineage, txid: start + behind }));
  const { merged } = await compact({ target, database: 'app', now: 3_600_000, pins, scratchDirectory: directory.path });
  const ranges = merged.map((name) =>
    name
      .slice(-33)
      .split('-')
      .map((end) => Number(end) - start),
  );
  // The first log also has what the snapshot was taken of.
  assert.deepEqual([...new Set(ranges.map(String))], ['0,12', '13,21', '25,36']);
});
