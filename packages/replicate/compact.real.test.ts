/** Compaction and retention on a replica of a real database, also killed in the middle. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, type TemporaryDirectory, temporaryDirectory, waitUntil } from '@berth/testing';
import { readCatalogue } from './catalogue.ts';
import { compact } from './compact.ts';
import { describeReplica } from './describe.ts';
import { createDirectoryTarget } from './directory-target.ts';
import { createFakeReplica } from './fake-replica.ts';
import { restorePoints } from './restore-point.ts';
import { restore } from './restore.ts';
import { applyRetention } from './retention.ts';
import { createSealer, sealTarget } from './seal.ts';
import { openSegment, readSegmentTable } from './segment-reader.ts';
import { encodeSegment } from './segment-writer.ts';
import type { Target } from './target.ts';

const HOUR = 3_600_000;
const sealer = createSealer({ dataKey: Buffer.alloc(32, 9) });

type World = {
  target: Target;
  lineage: string;
  end: number;
  checksums: Map<number, { checksum: string; at: number }>;
  /** The last transactions of the logs: what an hour ends with is the last of these. */
  ends: number[];
};

/** Some hours of transactions, each batch a log of its own, a snapshot now and then; the database grows and shrinks. */
const recordHistory = async (directory: TemporaryDirectory, seed: number): Promise<World> => {
  const random = createRandom(seed);
  const target = createDirectoryTarget(directory.join('target'));
  const file = directory.join('app.db');
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA page_size = 1024; PRAGMA synchronous = OFF; PRAGMA auto_vacuum = 1; PRAGMA journal_mode = WAL;
    PRAGMA wal_autocheckpoint = 0; CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)`);
  const replica = await createFakeReplica({ target: sealTarget(target, sealer), database: 'app', pageSize: 1024 });
  const checksums: World['checksums'] = new Map();
  const ends: number[] = [];
  let at = 0;
  replica.capture(`${file}-wal`, at);
  await replica.shipSnapshot();
  while (at < 3 * HOUR) {
    at += random.boolean(0.1) ? random.integer(60_000, 600_000) : random.integer(100, 20_000);
    if (random.boolean(0.1)) database.exec(`DELETE FROM note WHERE id % 3 = ${random.integer(0, 2)}`);
    else database.prepare('INSERT INTO note VALUES (NULL, ?)').run(random.text(random.integer(1, 4_000)));
    for (const { txid, checksum } of replica.capture(`${file}-wal`, at)) checksums.set(txid, { checksum, at });
    if (random.boolean(0.7) && (await replica.shipLog()) !== undefined) ends.push(replica.last.txid);
    if (random.boolean(0.01)) await replica.shipSnapshot();
  }
  await replica.shipLog();
  return { target, lineage: replica.lineage, end: at, checksums, ends };
};

const checkSome = async ({ target, lineage, checksums }: World, directory: TemporaryDirectory, txids: readonly number[]) => {
  const sealed = sealTarget(target, sealer);
  for (const txid of txids) {
    const into = directory.join('restored.db');
    const { checksum } = await restore({ target: sealed, database: 'app', lineage, to: { txid }, into });
    assert.equal(checksum, checksums.get(txid)?.checksum, `transaction ${txid}`);
    await rm(into);
  }
};

const pointsOf = async (target: Target, lineage: string): Promise<number[]> =>
  restorePoints(await readCatalogue(sealTarget(target, sealer), 'app'), lineage).flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index),
  );

/** The last state that a log ended with before that time. */
const lastEnd = ({ ends, checksums }: World, before: number): number =>
  ends.findLast((txid) => (checksums.get(txid)?.at ?? before) < before) ?? 0;

test('merged segments lead to the same states with fewer objects, and retention leaves one state per hour', async () => {
  await using directory = await temporaryDirectory();
  const world = await recordHistory(directory, 1);
  const { target, lineage, end } = world;
  const last = Math.max(...world.checksums.keys());
  const latest = { target, sealer, database: 'app', to: 'latest', into: directory.join('latest.db') } as const;
  const before = await restore(latest);
  await rm(latest.into);
  const { merged } = await compact({ target, sealer, database: 'app', now: end + HOUR });
  assert.ok(merged.length > 50, `${merged.length} merged segments`);
  for (const level of [1, 2, 3])
    assert.ok(
      merged.some((name) => name.includes(`merged-${level}-`)),
      `of level ${level}`,
    );
  const after = await restore(latest);
  assert.equal(after.checksum, before.checksum);
  assert.ok(after.plan.steps.length * 5 < before.plan.steps.length, `${before.plan.steps.length}, ${after.plan.steps.length}`);
  for (const name of merged) {
    await using segment = await openSegment(await sealTarget(target, sealer).get(name, {}), name);
    let highest = 0;
    for await (const entries of segment.blocks())
      for (const entry of entries) {
        if (!('commit' in entry)) highest = entry.page;
        else assert.ok(highest <= entry.commit.databasePages, `${name} has pages that are cut off`);
      }
  }
  // Each merged segment as the last step of a restore.
  const ends = merged.map((name) => Number(name.slice(-16)));
  await checkSome(world, directory, [...new Set(ends)]);
  assert.deepEqual(
    (await compact({ target, sealer, database: 'app', now: end + HOUR })).merged,
    [],
    'a second run has nothing to do',
  );

  const policy = { everySecondForMs: HOUR, hourlyForMs: 7 * 24 * HOUR, dailyForMs: 30 * 24 * HOUR };
  const { deleted, bytesFreed } = await applyRetention({ target, sealer, database: 'app', now: end, policy });
  assert.ok(deleted > 100 && bytesFreed > 0, `${deleted} objects deleted`);
  const points = await pointsOf(target, lineage);
  const recent = [...world.checksums].filter(([, { at }]) => at >= end - HOUR).map(([txid]) => txid);
  assert.deepEqual(points.slice(-recent.length), recent, 'each transaction of the last hour');
  for (const hour of [0, 1, 2]) {
    const last = lastEnd(world, (hour + 1) * HOUR);
    assert.ok(points.includes(last), `the last state of hour ${hour}, ${last}`);
  }
  assert.ok(points.length < world.checksums.size);
  await checkSome(world, directory, [...points.filter((txid) => !recent.includes(txid) && world.checksums.has(txid)), last]);
  assert.equal((await applyRetention({ target, sealer, database: 'app', now: end, policy })).deleted, 0);
  const [described] = await describeReplica({ target, sealer, database: 'app' });
  const [older, newest, ...others] = described?.ranges ?? [];
  assert.ok(older && newest);
  assert.deepEqual([older.resolution, newest.resolution, newest.states, others], ['snapshots', 'every-change', null, []]);
  assert.deepEqual([newest.from, newest.to], [older.to, Math.max(...world.checksums.keys())]);
  const states = (await pointsOf(target, lineage)).filter((txid) => txid <= older.to);
  assert.deepEqual([states.length, states[0]], [older.states, older.from]);
});

test('a damaged merged segment is not accepted in the place of the logs', async () => {
  await using directory = await temporaryDirectory();
  const world = await recordHistory(directory, 2);
  const { target, end } = world;
  await compact({ target, sealer, database: 'app', now: end + HOUR });
  const catalogue = await readCatalogue(sealTarget(target, sealer), 'app');
  const victim = catalogue.lineages[0]?.segments.find(({ level }) => level === 3)?.name ?? '';
  const bytes = readFileSync(directory.join('target', victim));
  bytes[bytes.length >>> 1] = (bytes[bytes.length >>> 1] ?? 0) ^ 1;
  await target.put(victim, bytes, {});
  const policy = { everySecondForMs: 0, hourlyForMs: 7 * 24 * HOUR, dailyForMs: 30 * 24 * HOUR };
  await assert.rejects(applyRetention({ target, sealer, database: 'app', now: end + HOUR, policy }), { code: 'SEAL_BROKEN' });
  const { lineages } = await readCatalogue(sealTarget(target, sealer), 'app');
  assert.equal(lineages[0]?.segments.length, catalogue.lineages[0]?.segments.length, 'nothing was deleted');
});

test('logs that do not continue each other are not merged', async () => {
  await using directory = await temporaryDirectory();
  const { target, lineage, end } = await recordHistory(directory, 4);
  const sealed = sealTarget(target, sealer);
  const { lineages } = await readCatalogue(sealed, 'app');
  const victim = lineages[0]?.segments[5];
  assert.ok(victim);
  const { header, transactions } = await readSegmentTable(await sealed.get(victim.name, {}), victim.name);
  const commits = transactions.map((commit) => ({ commit }));
  await sealed.put(victim.name, encodeSegment({ ...header, lineage, previous: 'of another writer' }, commits), {});
  await assert.rejects(compact({ target, sealer, database: 'app', now: end + HOUR }), { code: 'REPLICA_BROKEN' });
  const after = await readCatalogue(sealed, 'app');
  const merged = after.lineages[0]?.segments.filter(({ level }) => level > 0) ?? [];
  assert.ok(merged.length > 50, 'all the rest is merged');
  assert.ok(merged.every(({ minTxid, maxTxid }) => maxTxid < victim.minTxid || minTxid > victim.maxTxid));
});

/** An import in the text of a program that another process runs. */
const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);

const WORKER = `
import { compact } from ${here('./compact.ts')};
import { applyRetention } from ${here('./retention.ts')};
import { createDirectoryTarget } from ${here('./directory-target.ts')};
import { createSealer } from ${here('./seal.ts')};
const [directory, scratchDirectory, end] = process.argv.slice(1);
const options = {
  target: createDirectoryTarget(directory), sealer: createSealer({ dataKey: Buffer.alloc(32, 9) }), database: 'app', scratchDirectory,
};
const policy = { everySecondForMs: ${HOUR}, hourlyForMs: ${7 * 24 * HOUR}, dailyForMs: ${30 * 24 * HOUR} };
await compact({ ...options, now: Number(end) + ${HOUR} });
await applyRetention({ ...options, now: Number(end), policy });
console.log('done');
`;

test('killed at any moment, compaction and retention leave all restorable that shall be', async () => {
  await using directory = await temporaryDirectory();
  const world = await recordHistory(directory, 3);
  const random = createRandom(33);
  const last = Math.max(...world.checksums.keys());
  const hourAgo = lastEnd(world, world.end - HOUR);
  const hourEnd = lastEnd(world, HOUR);
  const objects = async (): Promise<string> =>
    (await readdir(directory.join('target'), { recursive: true })).toSorted().join('\n');
  let killed = 0;
  for (let round = 0; round < 12; round += 1) {
    const before = await objects();
    const args = ['--input-type=module', '-e', WORKER, directory.join('target'), directory.path, `${world.end}`];
    const worker = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(worker, 'exit');
    // Some steps after its first one.
    await waitUntil(async () => worker.exitCode !== null || (await objects()) !== before, {
      what: 'it does something',
      everyMs: 2,
    });
    for (let steps = random.integer(0, 6); steps > 0; steps -= 1) {
      const now = await objects();
      await waitUntil(async () => worker.exitCode !== null || (await objects()) !== now, { what: 'it goes on', everyMs: 1 });
    }
    worker.kill('SIGKILL');
    await ended;
    if (worker.signalCode === 'SIGKILL') killed += 1;
    await checkSome(world, directory, [last, hourAgo, hourEnd]);
  }
  assert.ok(killed > 3, `only ${killed} kills met it at work`);
  await cp(directory.join('target'), directory.join('unfinished'), { recursive: true });
  const worker = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    WORKER,
    directory.join('target'),
    directory.path,
    `${world.end}`,
  ]);
  assert.deepEqual(await once(worker, 'exit'), [0, null]);
  await checkSome(world, directory, [last, hourAgo, hourEnd]);
});
