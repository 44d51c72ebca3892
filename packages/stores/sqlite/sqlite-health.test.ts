import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreHealth } from '../store.ts';
import { broken, databaseStatus, targetStatus } from './fake-replicator.ts';
import type { ReplicatorPlan } from './replicator-plan.ts';
import { healthOf } from './sqlite-health.ts';

const plan: ReplicatorPlan = {
  stores: [{ id: 'a', path: '/srv/a.db', owner: null, snapshotEveryMs: 0 }],
  targets: [{ name: 'near', key: 'k1' }],
  fingerprint: '',
  replication: { databases: [], targets: [], stateDirectory: '/state' },
};
const NOW = 1_000_000;
const notWal = { code: 'DATABASE_NOT_WAL', message: 'it is not in WAL mode', hint: 'PRAGMA journal_mode = WAL once', atMs: 5 };
const missing = { code: 'DATABASE_MISSING', message: 'there is none', hint: 'it begins by itself', atMs: 5 };

type Case = {
  readonly name: string;
  readonly database?: Parameters<typeof databaseStatus>[1];
  readonly target?: Parameters<typeof targetStatus>[1];
  readonly isThere?: boolean;
  readonly failure?: string;
  readonly followedAgoMs?: number;
  readonly is: { bytes: number | null; error?: string; lagMs: number | null; targetError?: string; isFenced?: boolean };
};

const cases: readonly Case[] = [
  { name: 'all is safe', is: { bytes: 40_960, lagMs: 0 } },
  { name: 'something is on its way', target: { lagMs: 250 }, is: { bytes: 40_960, lagMs: 250 } },
  {
    name: 'the first copy is not complete, however long ago it began',
    target: { state: 'snapshot', safeTxid: undefined, lagMs: 9000 },
    is: { bytes: 40_960, lagMs: null },
  },
  {
    name: 'it does not exist yet, which is no error',
    isThere: false,
    database: { state: 'waiting', error: missing, pageBytes: undefined },
    target: { safeTxid: undefined },
    is: { bytes: null, lagMs: null },
  },
  {
    name: 'it is not in WAL mode',
    database: { state: 'waiting', error: notWal, pageBytes: undefined },
    target: { safeTxid: undefined },
    is: { bytes: 8192, error: 'DATABASE_NOT_WAL', lagMs: null },
  },
  {
    name: 'it is no longer followed: what was committed since may be nowhere else',
    database: { state: 'waiting', error: notWal },
    followedAgoMs: 7000,
    is: { bytes: 40_960, error: 'DATABASE_NOT_WAL', lagMs: 7000 },
  },
  {
    name: 'the replicator does not answer: the lag grows',
    failure: 'REPLICATOR_ENDED',
    target: { lagMs: 100 },
    followedAgoMs: 3000,
    is: { bytes: 40_960, error: 'REPLICATOR_ENDED', lagMs: 3000 },
  },
  {
    name: 'a target fails',
    target: { state: 'retrying', lagMs: 5000, error: { ...missing, code: 'TARGET_FAILED' } },
    is: { bytes: 40_960, lagMs: 5000, targetError: 'TARGET_FAILED' },
  },
  {
    name: 'somebody else writes at the target',
    target: { state: 'fenced', lagMs: 5000, error: { ...missing, code: 'REPLICATION_FENCED' } },
    is: { bytes: 40_960, lagMs: 5000, targetError: 'REPLICATION_FENCED', isFenced: true },
  },
];

for (const { name, database, target, isThere = true, failure, followedAgoMs = 0, is } of cases)
  test(`health: ${name}`, () => {
    const [found] = healthOf({
      plan,
      status: { pid: 1, databases: [databaseStatus('a', { targets: [targetStatus('k1', target)], ...database })] },
      failure: failure === undefined ? undefined : broken(failure),
      followedAtMs: new Map([['a', NOW - followedAgoMs]]),
      bytes: new Map(isThere ? [['a', 8192]] : []),
      nowMs: NOW,
    });
    assert.deepEqual(summaryOf(found), { error: undefined, targetError: undefined, isFenced: false, ...is, target: 'near' });
  });

const summaryOf = (health: StoreHealth | undefined) => {
  const at = health?.targets[0];
  return {
    bytes: health?.bytes,
    error: health?.error?.code,
    lagMs: at?.lagMs,
    targetError: at?.error?.code,
    isFenced: at?.isFenced,
    target: at?.target,
  };
};

test('health: what is safe at a target is told with its moment, from the first copy on', () => {
  for (const [safeAt, safeAtMs] of [
    [undefined, null],
    [77, 77],
  ] as const) {
    const [found] = healthOf({
      plan,
      status: { pid: 1, databases: [databaseStatus('a', { targets: [targetStatus('k1', { safeAt })] })] },
      failure: undefined,
      followedAtMs: new Map(),
      bytes: new Map([['a', 8192]]),
      nowMs: NOW,
    });
    assert.equal(found?.targets[0]?.safeAtMs, safeAtMs);
  }
});

test('health: an error keeps its hint and since when', () => {
  const [found] = healthOf({
    plan,
    status: { pid: 1, databases: [databaseStatus('a', { state: 'waiting', error: notWal })] },
    failure: undefined,
    followedAtMs: new Map(),
    bytes: new Map([['a', 8192]]),
    nowMs: NOW,
  });
  assert.equal(found?.error?.hint, notWal.hint);
  assert.equal(found?.error?.fields['since'], 5);
  assert.equal(found?.targets[0]?.safeAtMs, null);
  // Nothing is known of a target that the replicator has not spoken of.
  assert.equal(found?.targets[0]?.lagMs, null);
});
