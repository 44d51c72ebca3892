/** What happens by itself, and what it costs: a day of a platform, a few seconds at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerthError } from '@berth/core';
import { homeLayout } from '@berth/host';
import { openJournal } from '@berth/journal';
import type { Trees } from '@berth/stores';
import { createFakeStoreDriver } from '../testing/fake-store-driver.ts';
import { createKeeper } from './keeper.ts';
import type { StoreWatch } from './store-watch.ts';
import type { TargetRegistry } from './target-registry.ts';
import type { VaultWork } from './vault-work.ts';

const DAY_S = 86_400;

function createDay() {
  let nowMs = Date.parse('2026-02-10T00:00:00Z');
  const now = () => new Date(nowMs);
  const journal = openJournal(':memory:', { now });
  const access = { name: 'far', url: 's3://bucket', dataKey: Buffer.alloc(32) };
  journal.targets.put({ name: 'far', url: access.url, credentials: null, dataKey: access.dataKey });
  const calls = { tend: 0, upkeep: 0, refresh: 0, points: 0, drills: 0, takeOver: 0 };
  const sqlite = createFakeStoreDriver('sqlite');
  let sentBytes = 0;
  const store = journal.stores.ensure({ app: 'notes', name: 'db', kind: 'sqlite', path: 'notes.db' });
  const driver = {
    ...sqlite,
    health: async () => [
      {
        ...{ id: store.id, bytes: 1, error: null },
        targets: [{ ...{ target: 'far', lagMs: 0, error: null, isFenced: false, requests: 0 }, sentBytes }],
      },
    ],
    upkeep: async () => {
      calls.upkeep += 1;
      return { deleted: 0, bytesFreed: 0 };
    },
  };
  const failures: string[] = [];
  const told: (string | null)[] = [];
  let trouble: BerthError | null = null;
  let usable = true;
  let changes = 0;
  const work: VaultWork = {
    check: async () => ({ ok: true, checks: [] }),
    setUp: async () => ({ dataKey: access.dataKey }),
    erase: async () => undefined,
    async tend(_, { takeOver }) {
      calls.tend += 1;
      if (takeOver) calls.takeOver += 1;
      if (trouble) throw trouble;
    },
  };
  const watch: StoreWatch = {
    refresh: async () => void (calls.refresh += 1),
    status: () => [],
    targets: () => [],
    safeAt: () => null,
    noteTarget(_, found) {
      usable = found?.code !== 'VAULT_OWNED';
      told.push(found?.code ?? null);
    },
    isUnusable: () => !usable,
  };
  const keeper = createKeeper({
    ...{ journal, now, work, watch, layout: homeLayout('/nowhere') },
    trees: {} as Trees,
    registry: { list: () => [access], installation: () => ({ id: 'i', host: 'h' }) } as unknown as TargetRegistry,
    accesses: () => (usable ? [access] : []),
    driver: (kind) => (kind === 'sqlite' ? driver : createFakeStoreDriver('files')),
    locate: async ({ id }) => ({ id, path: '/nowhere', owner: null, snapshotEveryMs: 1 }),
    takePoint: async () => {
      calls.points += 1;
      return { point: null, reason: null };
    },
    enqueue: () => void (calls.drills += 1),
    onUsableChanged: () => void (changes += 1),
    onFailure: (what, { code }) => void failures.push(`${what} ${code}`),
  });
  return {
    journal,
    calls,
    failures,
    told,
    send: () => void (sentBytes += 1),
    breakTarget: (error: BerthError | null) => void (trouble = error),
    changes: () => changes,
    async seconds(count: number, each: () => void = () => undefined) {
      // As often as anything can change within them.
      const step = count > 3_600 ? 5 : 1;
      for (let second = 0; second < count; second += step) {
        nowMs += step * 1_000;
        each();
        keeper.tick();
        for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      }
      await new Promise(setImmediate);
    },
  };
}

test('a day on which nobody does anything costs a target a few hundred visits, and its stores one look', async () => {
  const day = createDay();
  await day.seconds(DAY_S);
  assert.ok(day.calls.tend <= DAY_S / 300 + 1, `${day.calls.tend} times told that we are there`);
  assert.ok(day.calls.upkeep <= 2, `${day.calls.upkeep} times looked after`);
});

test('a store that is written is looked after every hour', async () => {
  const day = createDay();
  await day.seconds(DAY_S, day.send);
  assert.ok(day.calls.upkeep >= 22 && day.calls.upkeep <= 26, `${day.calls.upkeep} times`);
});

test('a target that somebody else has taken is let go at once, and asked again until it is ours', async () => {
  const day = createDay();
  await day.seconds(10);
  day.breakTarget(new BerthError('VAULT_OWNED', 'another machine writes there', { hint: '' }));
  await day.seconds(400);
  assert.equal(day.told.at(-1), 'VAULT_OWNED');
  assert.equal(day.changes(), 1);
  const { tend } = day.calls;
  await day.seconds(3_600);
  assert.ok(day.calls.tend - tend <= 13, 'not all the time');
  day.breakTarget(null);
  await day.seconds(400);
  assert.equal(day.told.at(-1), null);
  assert.equal(day.changes(), 2);
});

test('what the target should know is told at once, and once', async () => {
  const day = createDay();
  await day.seconds(10);
  const { tend } = day.calls;
  day.journal.points.add({
    ...{ app: 'notes', at: '2026-02-10T00:00:10Z', kind: 'manual', label: null, release: 1, operation: 1, positions: {} },
  });
  await day.seconds(10);
  assert.equal(day.calls.tend, tend + 1);
});

test('a target that was silent while this home was recovered is taken over once it answers, and only once', async () => {
  const day = createDay();
  day.journal.settings.set('recovered', { silent: ['far'] });
  await day.seconds(1_000);
  assert.equal(day.calls.takeOver, 1);
  assert.ok(day.calls.tend > 1);
});
