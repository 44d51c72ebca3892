import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isSame, pssBytes, readProcess } from '@berth/host';
import { type Catalogue, checksumOfFile, endReplicator, readCatalogue } from '@berth/replicate';
import {
  createS3Server,
  S3_TEST_CREDENTIALS,
  type S3Server,
  temporaryDirectory,
  type TemporaryDirectory,
  waitUntil,
} from '@berth/testing';
import { openAccess, type VaultAccess } from '@berth/vault';
import type { ProtectedStore, StorePosition } from '../store.ts';
import { checksumDuring, createDatabase, endWriter, killProcess, startWriter } from './fake-app.ts';
import type { DaemonWork } from './fake-daemon.ts';
import { createSqliteDriver, type SqliteDriver } from './sqlite-driver.ts';

const DAEMON = new URL('./fake-daemon.ts', import.meta.url);
const PAGE = 4096;

type Place = AsyncDisposable & {
  readonly directory: TemporaryDirectory;
  readonly s3: S3Server;
  readonly near: VaultAccess;
  readonly disk: VaultAccess;
  readonly far: VaultAccess;
  readonly openDriver: () => SqliteDriver;
  readonly newStore: (id: string) => ProtectedStore;
  readonly write: (store: ProtectedStore) => ChildProcess;
  readonly daemon: (work: Omit<DaemonWork, 'stateDirectory'>) => Promise<{ process: ChildProcess; replicatorPid: number }>;
};

/** Whatever a test starts here has ended when it is disposed of. */
const openPlace = async (): Promise<Place> => {
  const directory = await temporaryDirectory('stores-');
  const s3 = await createS3Server({ buckets: ['vault'] });
  const stateDirectory = directory.join('state');
  const drivers: SqliteDriver[] = [];
  const children: ChildProcess[] = [];
  const key = (byte: number): Buffer => Buffer.alloc(32, byte);
  return {
    directory,
    s3,
    near: { name: 'near', url: `dir:${directory.join('near')}`, dataKey: key(1) },
    disk: { name: 'disk', url: `dir:${directory.join('disk')}`, dataKey: key(2) },
    far: { name: 'far', url: `s3://vault/one?endpoint=${s3.endpoint}`, credentials: S3_TEST_CREDENTIALS, dataKey: key(3) },
    openDriver() {
      const driver = createSqliteDriver({ stateDirectory, onNotice: () => undefined, replication: { intervalMs: 50 } });
      drivers.push(driver);
      return driver;
    },
    newStore(id) {
      const path = directory.join(`${id}.db`);
      createDatabase(path);
      return { id, path, owner: null, snapshotEveryMs: 0 };
    },
    write({ path }) {
      const writer = startWriter(path);
      children.push(writer);
      return writer;
    },
    async daemon(work) {
      const daemon = fork(DAEMON, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      children.push(daemon);
      daemon.send({ stateDirectory, ...work } satisfies DaemonWork);
      const [replicatorPid] = (await once(daemon, 'message')) as [number];
      return { process: daemon, replicatorPid };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(killProcess));
      await Promise.all(drivers.map((driver) => driver.stop({ timeoutMs: 500 })));
      if (existsSync(stateDirectory)) await endReplicator(stateDirectory);
      await s3[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
};

const catalogueOf = async (access: VaultAccess, { id }: ProtectedStore): Promise<Catalogue> =>
  readCatalogue(await openAccess(access), id);

type Marked = { readonly checksum: string; readonly position: StorePosition };

/** The state of a store that is just being written, with what it has to be equal to. */
const markOf = async (driver: SqliteDriver, { id, path }: ProtectedStore): Promise<Marked & { ms: number }> => {
  const { checksum, result } = await checksumDuring(path, async () => {
    const from = performance.now();
    const position = (await driver.mark([id], new Date())).get(id);
    assert.ok(position);
    return { position, ms: performance.now() - from };
  });
  return { checksum, ...result };
};

let restores = 0;

const checksumAt = async (
  { directory }: Place,
  driver: SqliteDriver,
  { store, from, to }: { store: ProtectedStore; from: VaultAccess; to: StorePosition | 'latest' },
): Promise<string> => {
  const into = directory.join(`restored-${++restores}.db`);
  await driver.restore({ store, from, to: to === 'latest' ? to : { position: to }, into });
  return checksumOfFile(into, PAGE);
};

test('apps are followed while no daemon runs, and the next one goes on without a new beginning', async (context) => {
  await using at = await openPlace();
  const stores = [at.newStore('one'), at.newStore('two')];
  const targets = [at.near, at.disk, at.far];
  at.s3.faults.add({ fault: { kind: 'status', status: 503 }, after: 3, times: 10 });
  at.s3.faults.add({ fault: { kind: 'lose-response' }, kinds: ['PutObject'], after: 2, times: 3 });
  const { process: daemon, replicatorPid } = await at.daemon({ stores, targets });
  const writers = stores.map(at.write);
  const before = readProcess(replicatorPid);
  assert.ok(before);
  await killProcess(daemon);
  // Without anybody to tell it, what is written goes on arriving.
  const [store] = stores;
  assert.ok(store);
  const arrived = async (): Promise<number> => (await catalogueOf(at.near, store)).lineages[0]?.segments.at(-1)?.maxTxid ?? 0;
  const then = await waitUntil(arrived, { what: 'something arrived' });
  await waitUntil(async () => (await arrived()) > then + 20, { what: 'more arrived' });
  assert.ok(isSame(replicatorPid, before.startTime));

  const driver = at.openDriver();
  const from = performance.now();
  await driver.protect(stores, targets);
  context.diagnostic(`taken over in ${Math.round(performance.now() - from)} ms`);
  assert.notEqual(driver.replicatorPid, replicatorPid);
  assert.ok(!isSame(replicatorPid, before.startTime));
  const marks = await Promise.all(stores.map((each) => markOf(driver, each)));
  await Promise.all(writers.map(endWriter));
  await driver.backup(['one', 'two'], { timeoutMs: 60_000 });
  for (const [number, each] of stores.entries()) {
    const mark = marks[number];
    assert.ok(mark);
    for (const target of targets) {
      const { lineages } = await catalogueOf(target, each);
      assert.deepEqual(
        lineages.map(({ snapshots }) => snapshots.length),
        [1],
        `${each.id} at ${target.name}`,
      );
      assert.equal(await checksumAt(at, driver, { store: each, from: target, to: mark.position }), mark.checksum);
    }
  }
});

test('what was marked while the app writes comes back page for page', async (context) => {
  await using at = await openPlace();
  const store = at.newStore('one');
  const driver = at.openDriver();
  await driver.protect([store], [at.near, at.far]);
  await driver.backup(['one'], { timeoutMs: 30_000 });
  const writer = at.write(store);
  const marks: (Marked & { ms: number })[] = [];
  const outage = at.s3.faults.during({ fault: { kind: 'status', status: 500 } });
  for (let number = 0; number < 12; number += 1) {
    await pause(50);
    marks.push(await markOf(driver, store));
    if (number === 6) outage[Symbol.dispose]();
  }
  await endWriter(writer);
  await driver.backup(['one'], { timeoutMs: 60_000 });
  const ms = marks.map((mark) => mark.ms).toSorted((a, b) => a - b);
  context.diagnostic(`marks took ${ms[6]?.toFixed(1)} ms in the middle, ${ms.at(-1)?.toFixed(1)} ms at the most`);
  for (const from of [at.near, at.far])
    for (const { checksum, position } of marks)
      assert.equal(await checksumAt(at, driver, { store, from, to: position }), checksum);
});

test('a database that was exchanged is marked as what it is now, and what was before comes back still', async () => {
  await using at = await openPlace();
  const store = at.newStore('one');
  const driver = at.openDriver();
  await driver.protect([store], [at.near]);
  await driver.backup(['one'], { timeoutMs: 30_000 });
  const before = await markOf(driver, store);
  await endWriter(await writeFor(at, store, 300));
  const spoiled = await markOf(driver, store);
  // As a restore in place does it.
  const scratch = at.directory.join('scratch.db');
  await driver.backup(['one'], { timeoutMs: 30_000 });
  await driver.restore({ store, from: at.near, to: { position: before.position }, into: scratch });
  mkdirSync(at.directory.join('before'));
  for (const [number, file] of driver.parts(store.path).entries())
    if (existsSync(file)) renameSync(file, at.directory.join('before', String(number)));
  renameSync(scratch, store.path);
  const exchanged = await markOf(driver, store);
  assert.equal(exchanged.checksum, before.checksum);
  assert.ok(exchanged.position.kind === 'sqlite' && spoiled.position.kind === 'sqlite');
  assert.notEqual(exchanged.position.lineage, spoiled.position.lineage);
  await endWriter(await writeFor(at, store, 300));
  const after = await markOf(driver, store);
  await driver.backup(['one'], { timeoutMs: 30_000 });
  for (const [name, { position, checksum }] of Object.entries({ before, spoiled, exchanged, after }))
    assert.equal(await checksumAt(at, driver, { store, from: at.near, to: position }), checksum, name);
  const [health] = await driver.health();
  assert.deepEqual([health?.error, health?.targets[0]?.lagMs], [null, 0]);
  const ranges = await driver.ranges(store, at.near);
  assert.ok(ranges.every(({ fromMs }, index) => index === 0 || fromMs >= (ranges[index - 1]?.toMs ?? 0)));
});

test('stores and targets come and go while apps write, and nothing is lost', async (context) => {
  await using at = await openPlace();
  const [one, two] = [at.newStore('one'), at.newStore('two')];
  const driver = at.openDriver();
  await driver.protect([one], [at.near]);
  await driver.backup(['one'], { timeoutMs: 30_000 });
  const writers = [at.write(one), at.write(two)];
  const plans: readonly { stores: ProtectedStore[]; targets: VaultAccess[] }[] = [
    { stores: [one, two], targets: [at.near] },
    { stores: [one, two], targets: [at.near, at.far] },
    { stores: [one], targets: [at.near, at.far] },
    { stores: [one, two], targets: [at.near, at.disk] },
    { stores: [one, two], targets: [at.near, at.disk, at.far] },
  ];
  const marks: Marked[] = [];
  const took: number[] = [];
  for (const { stores, targets } of plans) {
    const from = performance.now();
    await driver.protect(stores, targets);
    took.push(performance.now() - from);
    marks.push(await markOf(driver, one));
    await pause(200);
    marks.push(await markOf(driver, one));
  }
  context.diagnostic(`a changed plan took ${took.map((ms) => Math.round(ms)).join(', ')} ms`);
  await Promise.all(writers.map(endWriter));
  await driver.backup(['one', 'two'], { timeoutMs: 60_000 });
  for (const { checksum, position } of marks)
    assert.equal(await checksumAt(at, driver, { store: one, from: at.near, to: position }), checksum);
  for (const store of [one, two]) {
    const { checksum } = await checksumDuring(store.path, async () => undefined);
    for (const from of [at.near, at.disk, at.far])
      assert.equal(await checksumAt(at, driver, { store, from, to: 'latest' }), checksum, `${store.id} at ${from.name}`);
    assert.equal((await catalogueOf(at.near, store)).lineages.length, 1);
  }
});

test('what is damaged at the target and not needed is passed by, and told', async () => {
  await using at = await openPlace();
  const store = at.newStore('one');
  const driver = at.openDriver();
  await driver.protect([store], [at.near]);
  for (const text of ['a', 'b', 'c', 'd']) {
    writeNote(store, text);
    await driver.backup(['one'], { timeoutMs: 30_000 });
  }
  const years = 10 * 365 * 86_400_000;
  const keep = { everythingMs: years, hourlyMs: years, dailyMs: years };
  await driver.upkeep({ store, at: at.near, keep, pins: [], nowMs: Date.now() + 3 * 3_600_000 });
  const { lineages } = await catalogueOf(at.near, store);
  const merged = (lineages[0]?.segments ?? []).filter(({ kind }) => kind === 'merged').map(({ name }) => name);
  assert.ok(merged.length > 0);
  for (const name of merged) writeFileSync(at.directory.join('near', name), 'not what it was');
  const into = at.directory.join('back.db');
  const { warnings = [] } = await driver.restore({ store, from: at.near, to: 'latest', into });
  const { checksum } = await checksumDuring(store.path, async () => undefined);
  assert.equal(checksumOfFile(into, PAGE), checksum);
  assert.ok(warnings.length > 0);
  for (const line of warnings)
    assert.ok(
      merged.some((name) => line === `${name} was missing or damaged and passed by: the state is complete`),
      line,
    );
});

test('five databases cost one process', async (context) => {
  await using at = await openPlace();
  const stores = ['a', 'b', 'c', 'd', 'e'].map(at.newStore);
  const driver = at.openDriver();
  await driver.protect(stores, [at.near, at.far]);
  const ids = stores.map(({ id }) => id);
  const writers = stores.map(at.write);
  await driver.backup(ids, { timeoutMs: 60_000 });
  await pause(3000);
  await Promise.all(writers.map(endWriter));
  await driver.backup(ids, { timeoutMs: 60_000 });
  const { replicatorPid = 0 } = driver;
  const megabytes = (pssBytes(replicatorPid) ?? 0) / 1e6;
  context.diagnostic(`${megabytes.toFixed(0)} MB after three seconds of five writers`);
  assert.ok(megabytes > 10 && megabytes < 250, `${megabytes} MB`);
  driver.detach();
  assert.ok(readProcess(replicatorPid));
  const next = at.openDriver();
  // Nothing is to be followed any more: what was left behind is ended.
  await next.protect([], [at.near]);
  await waitUntil(() => readProcess(replicatorPid) === null, { what: 'it has ended' });
});

const writeNote = ({ path }: ProtectedStore, text: string): void => {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.prepare('INSERT INTO notes (text) VALUES (?)').run(text);
  database.close();
};

const writeFor = async ({ write }: Place, store: ProtectedStore, ms: number): Promise<ChildProcess> => {
  const writer = write(store);
  await pause(ms);
  return writer;
};
