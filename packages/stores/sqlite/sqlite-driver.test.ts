import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createFakeClock, temporaryDirectory } from '@berth/testing';
import type { StoreNotice } from '../store.ts';
import { broken, databaseStatus, FakeReplicators, targetStatus } from './fake-replicator.ts';
import { createSqliteDriver } from './sqlite-driver.ts';

const target = { name: 'near', url: 'dir:/near', dataKey: Buffer.alloc(32, 1) };

const open = async () => {
  const directory = await temporaryDirectory('stores-');
  const replicators = new FakeReplicators();
  const clock = createFakeClock();
  const notices: StoreNotice[] = [];
  const driver = createSqliteDriver({
    stateDirectory: directory.join('state'),
    onNotice: (notice) => notices.push(notice),
    clock,
    start: replicators.start,
    endLeft: async () => undefined,
  });
  const stores = ['a', 'b'].map((id) => ({ id, path: directory.join(`${id}.db`), owner: null, snapshotEveryMs: 0 }));
  const [first] = stores;
  assert.ok(first);
  await writeFile(first.path, 'something');
  const [dispose, key] = [() => directory[Symbol.asyncDispose](), () => replicators.started[0]?.targets[0]?.key ?? ''];
  return { directory, replicators, clock, notices, driver, stores, key, [Symbol.asyncDispose]: dispose };
};

test('a mark asks for the stores that exist, and leaves the others out', async () => {
  await using at = await open();
  await at.driver.protect(at.stores, [target]);
  const marked = await at.driver.mark(['a', 'b'], at.clock.now());
  assert.deepEqual([...marked], [['a', { kind: 'sqlite', lineage: 'a1b2c3d4e5f60718', txid: 40 }]]);
  assert.deepEqual(at.replicators.journal, ['start 1', 'point a']);
  assert.equal((await at.driver.mark(['b'], at.clock.now())).size, 0);
});

test('a mark that cannot be promised says why, in the words of the health', async () => {
  await using at = await open();
  await at.driver.protect(at.stores, []);
  await assert.rejects(at.driver.mark(['a'], at.clock.now()), /there is no target/);
  await assert.rejects(at.driver.mark(['c'], at.clock.now()), { code: 'STORE_UNKNOWN' });
  await at.driver.protect(at.stores, [target]);
  const error = { code: 'DATABASE_NOT_WAL', message: 'it is not in WAL mode', hint: 'switch it on once', atMs: 1 };
  at.replicators.databases = [databaseStatus('a', { state: 'waiting', error })];
  at.replicators.refusals.push(broken('DATABASE_UNFOLLOWED'));
  await assert.rejects(at.driver.mark(['a'], at.clock.now()), {
    code: 'STORE_NOT_FOLLOWED',
    message: `${at.directory.join('a.db')} is not followed: it is not in WAL mode`,
    hint: 'switch it on once',
  });
});

test('a replicator that begins anew is waited for, but not for ever', async () => {
  await using at = await open();
  await at.driver.protect(at.stores, [target]);
  at.replicators.refusals.push(broken('REPLICATOR_ENDED'), broken('REPLICATOR_ENDED'));
  const marked = at.driver.mark(['a'], at.clock.now());
  await passing(at.clock, marked);
  assert.equal((await marked).size, 1);
  at.replicators.refusals.push(...Array.from({ length: 10_000 }, () => broken('REPLICATOR_ENDED')));
  const never = assert.rejects(at.driver.mark(['a'], at.clock.now()), { code: 'STORE_NOT_FOLLOWED' });
  await passing(at.clock, never);
  await never;
});

test('a backup that is late names the targets that are behind, and why', async () => {
  await using at = await open();
  await at.driver.protect(at.stores, [target]);
  const error = { code: 'TARGET_FAILED', message: 'no answer', hint: 'look', atMs: 1 };
  at.replicators.databases = [databaseStatus('a', { targets: [targetStatus(at.key(), { state: 'retrying', error })] })];
  at.replicators.refusals.push(broken('REPLICATION_LATE'));
  await assert.rejects(at.driver.backup(['a', 'b'], { timeoutMs: 500 }), {
    code: 'BACKUP_LATE',
    message: 'not all of it is safe at every target after 500 ms: near: no answer',
  });
  await at.driver.backup(['a', 'b'], { timeoutMs: 500 });
  assert.deepEqual(at.replicators.journal, ['start 1', 'flush a', 'flush a']);
  await assert.rejects(at.driver.backup(['a'], { timeoutMs: 500, signal: AbortSignal.abort(new Error('enough')) }), /enough/);
});

test('health is asked for once a second at most, and anew when something else is protected', async () => {
  await using at = await open();
  await at.driver.protect(at.stores, [target]);
  await Promise.all([at.driver.health(), at.driver.health()]);
  await at.clock.advance(900);
  await at.driver.health();
  assert.equal(at.replicators.statuses, 1);
  await at.clock.advance(200);
  await at.driver.health();
  assert.equal(at.replicators.statuses, 2);
  await at.driver.protect(at.stores.slice(0, 1), [target]);
  assert.equal((await at.driver.health()).length, 1);
  await at.driver.protect([], [target]);
  assert.deepEqual(await at.driver.health(), []);
});

test('a start that fails is no exception, but what every store that exists says, until it succeeds', async () => {
  await using at = await open();
  at.replicators.failures.push(broken('REPLICATION_STATE_IN_USE'));
  await at.driver.protect(at.stores, [target]);
  const errors = async () => (await at.driver.health()).map(({ error }) => error?.code);
  assert.deepEqual(await errors(), ['REPLICATION_STATE_IN_USE', undefined]);
  assert.deepEqual(
    at.notices.map(({ name, fields }) => [name, fields['code']]),
    [['replicator.failed', 'REPLICATION_STATE_IN_USE']],
  );
  await at.clock.advance(1000);
  assert.deepEqual(await errors(), [undefined, undefined]);
  assert.equal(at.driver.replicatorPid, 1002);
});

test('notices name targets as people do', async () => {
  await using at = await open();
  await at.driver.protect(at.stores, [target]);
  at.replicators.tell({ level: 'info', name: 'snapshot.stored', id: 'a', target: at.key(), fields: { txid: 1 } });
  at.replicators.tell({ level: 'warning', name: 'log.large', id: 'a', fields: {} });
  assert.deepEqual(
    at.notices.map(({ name, id, target: where }) => [name, id, where]),
    [
      ['snapshot.stored', 'a', 'near'],
      ['log.large', 'a', null],
    ],
  );
});

test('a database that is gone or empty is none that has a size', async () => {
  await using at = await open();
  await at.driver.protect(at.stores, [target]);
  at.replicators.databases = [databaseStatus('a'), databaseStatus('b')];
  await rm(at.directory.join('a.db'));
  await writeFile(at.directory.join('b.db'), '');
  assert.deepEqual(
    (await at.driver.health()).map(({ id, bytes, error }) => [id, bytes, error]),
    [
      ['a', null, null],
      ['b', null, null],
    ],
  );
});

/** Moves the clock until the promise is settled. */
const passing = async (clock: ReturnType<typeof createFakeClock>, promise: Promise<unknown>): Promise<void> => {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  while (!settled) await clock.advance(20);
};
