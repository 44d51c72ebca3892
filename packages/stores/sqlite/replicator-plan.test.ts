import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeForReplication, type VaultAccess } from '@berth/vault';
import type { ProtectedStore } from '../store.ts';
import { planReplicator } from './replicator-plan.ts';

const store = (id: string, over: Partial<ProtectedStore> = {}): ProtectedStore => ({
  id,
  path: `/srv/${id}.db`,
  owner: null,
  snapshotEveryMs: 0,
  ...over,
});

const near: VaultAccess = { name: 'near', url: 'dir:/near', dataKey: Buffer.alloc(32, 1) };
const far: VaultAccess = {
  name: 'far',
  url: 's3://bucket/prefix?endpoint=https://s3.example.com',
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  dataKey: Buffer.alloc(32, 2),
};

const plan = (stores: readonly ProtectedStore[], targets: readonly VaultAccess[]) =>
  planReplicator(stores, targets, { stateDirectory: '/state', describe: describeForReplication });

const changes: readonly { name: string; stores: ProtectedStore[]; targets: VaultAccess[]; same: boolean }[] = [
  { name: 'another order', stores: [store('b'), store('a')], targets: [far, near], same: true },
  {
    name: 'another owner and another age of snapshots',
    stores: [store('a', { owner: { name: 'x', uid: 1, gid: 1 }, snapshotEveryMs: 5 }), store('b')],
    targets: [near, far],
    same: true,
  },
  { name: 'another name for a target', stores: [store('a'), store('b')], targets: [{ ...near, name: 'here' }, far], same: true },
  { name: 'one store less', stores: [store('a')], targets: [near, far], same: false },
  { name: 'another path', stores: [store('a', { path: '/x' }), store('b')], targets: [near, far], same: false },
  { name: 'one target less', stores: [store('a'), store('b')], targets: [near], same: false },
  {
    name: 'other credentials',
    stores: [store('a'), store('b')],
    targets: [near, { ...far, credentials: { accessKeyId: 'key', secretAccessKey: 'new' } }],
    same: false,
  },
  { name: 'a moved target', stores: [store('a'), store('b')], targets: [{ ...near, url: 'dir:/moved' }, far], same: false },
  {
    name: 'another vault under the same name',
    stores: [store('a'), store('b')],
    targets: [{ ...near, dataKey: Buffer.alloc(32, 9) }, far],
    same: false,
  },
];

for (const { name, stores, targets, same } of changes)
  test(`${name} ${same ? 'asks nothing new' : 'is a new plan'}`, () => {
    const before = plan([store('a'), store('b')], [near, far]);
    const after = plan(stores, targets);
    assert.equal(before?.fingerprint === after?.fingerprint, same);
  });

test('without stores or without targets there is nothing to run', () => {
  assert.equal(plan([], [near]), null);
  assert.equal(plan([store('a')], []), null);
});

test('what the replicator remembers of a target belongs to its vault, wherever that is and whatever it is called', () => {
  const keyOf = (access: VaultAccess) => plan([store('a')], [access])?.targets[0]?.key;
  assert.equal(keyOf(near), keyOf({ ...near, name: 'here', url: 'dir:/moved' }));
  assert.notEqual(keyOf(near), keyOf({ ...near, dataKey: Buffer.alloc(32, 9) }));
});

test('a fingerprint tells no secret', () => {
  const made = plan([store('a')], [far]);
  assert.doesNotMatch(made?.fingerprint ?? '', /secret|02020202/);
});
