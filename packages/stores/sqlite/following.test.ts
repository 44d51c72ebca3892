import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock, waitUntil } from '@berth/testing';
import { broken, FakeReplicators } from './fake-replicator.ts';
import { createFollowing } from './following.ts';
import { planReplicator, type ReplicatorPlan } from './replicator-plan.ts';

const planOf = (...ids: string[]): ReplicatorPlan => {
  const stores = ids.map((id) => ({ id, path: `/srv/${id}.db`, owner: null, snapshotEveryMs: 0 }));
  const targets = [{ name: 'near', url: 'dir:/near', dataKey: Buffer.alloc(32, 1) }];
  const describe = () => ({ kind: 'directory' as const, name: 'near', path: '/near' });
  const plan = planReplicator(stores, targets, { stateDirectory: '/state', describe });
  assert.ok(plan);
  return plan;
};

const open = () => {
  const replicators = new FakeReplicators();
  const clock = createFakeClock();
  const told: string[] = [];
  const following = createFollowing({
    start: replicators.start,
    endLeft: async () => void replicators.journal.push('end what was left'),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    onNotice: ({ name }) => told.push(name),
    onFailure: ({ code }) => told.push(code),
  });
  return { replicators, clock, told, following };
};

test('the same plan starts one replicator, another plan replaces it, none ends it', async () => {
  const { replicators, following } = open();
  await following.follow(planOf('a'));
  await following.follow(planOf('a'));
  await following.follow(planOf('a', 'b'));
  await following.follow(null);
  await following.follow(null);
  assert.deepEqual(replicators.journal, ['start 1', 'stop 1', 'start 2', 'stop 2']);
  assert.equal(following.running, undefined);
});

test('who starts none ends what was left behind, once', async () => {
  const { replicators, following } = open();
  await following.follow(null);
  await following.follow(null);
  await following.stop({ timeoutMs: 100 });
  assert.deepEqual(replicators.journal, ['end what was left']);
  const other = open();
  await other.following.stop({ timeoutMs: 100 });
  assert.deepEqual(other.replicators.journal, ['end what was left']);
});

test('of the plans that come while one is put in force, only the newest is', async () => {
  const { replicators, following } = open();
  const gate = Promise.withResolvers<void>();
  replicators.gate = gate.promise;
  const calls = [planOf('a'), planOf('b'), planOf('c'), null, planOf('d')].map((plan) => following.follow(plan));
  gate.resolve();
  await Promise.all(calls);
  assert.deepEqual(replicators.journal, ['start 1', 'stop 1', 'start 2']);
  assert.deepEqual(
    following.running?.plan.stores.map(({ id }) => id),
    ['d'],
  );
});

test('a start that fails is tried again, later each time, and told of once', async () => {
  const { replicators, clock, told, following } = open();
  replicators.failures.push(broken('NO_ROOM'), broken('NO_ROOM'), broken('NO_ROOM'));
  await following.follow(planOf('a'));
  assert.equal(following.failure?.code, 'NO_ROOM');
  for (const [seconds, starts] of [
    [1, 2],
    [1, 2],
    [1, 3],
    [3, 3],
    [1, 4],
  ] as const) {
    await clock.advance(seconds * 1000);
    await following.settled();
    assert.equal(replicators.started.length, starts);
  }
  assert.equal(following.failure, undefined);
  assert.deepEqual(told, ['NO_ROOM']);
  await clock.advance(3_600_000);
  assert.equal(replicators.started.length, 4);
});

test('another plan does not wait until the failed one is tried again, and that is not', async () => {
  const { replicators, clock, following } = open();
  replicators.failures.push(broken('NO_ROOM'));
  await following.follow(planOf('a'));
  await following.follow(planOf('b'));
  await clock.advance(3_600_000);
  assert.deepEqual(
    replicators.started.map(({ stores }) => stores[0]?.id),
    ['a', 'b'],
  );
  assert.equal(following.failure, undefined);
});

test('after the end nothing is started, whatever was under way', async () => {
  const { replicators, clock, following } = open();
  const gate = Promise.withResolvers<void>();
  replicators.gate = gate.promise;
  const call = following.follow(planOf('a'));
  const ended = following.stop({ timeoutMs: 100 });
  gate.resolve();
  await Promise.all([call, ended]);
  await following.follow(planOf('b'));
  await clock.advance(3_600_000);
  assert.deepEqual(replicators.journal, ['start 1', 'stop 1']);
});

test('a replicator that is let go is not stopped, not even one that was just being started', async () => {
  const { replicators, following } = open();
  await following.follow(planOf('a'));
  following.detach();
  const other = open();
  const gate = Promise.withResolvers<void>();
  other.replicators.gate = gate.promise;
  const call = other.following.follow(planOf('a'));
  other.following.detach();
  gate.resolve();
  await call;
  await waitUntil(() => other.replicators.journal.length === 2, { what: 'it was let go' });
  for (const { journal } of [replicators, other.replicators]) assert.deepEqual(journal, ['start 1', 'detach 1']);
});
