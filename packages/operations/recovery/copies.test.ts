import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerthError } from '@berth/core';
import type { RestoredStore, StoreDriver, StoreRestore } from '@berth/stores';
import { bringBack, type Copy } from './copies.ts';
import type { OpenTarget } from './deps.ts';

const NEWEST_WHOLE = Date.parse('2026-02-10T12:00:00Z');

const targetNamed = (name: string) =>
  ({ name, access: { name, url: `dir:/${name}`, dataKey: Buffer.alloc(32) } }) as unknown as OpenTarget;
const copies: readonly Copy[] = ['near', 'far'].map((name) => ({ target: targetNamed(name), atMs: NEWEST_WHOLE + 60_000 }));

/** Brings a store back from targets that answer as told; says what was asked of them. */
async function bring(answer: (request: StoreRestore) => RestoredStore, at: Date | null = null) {
  const asked: string[] = [];
  const sqlite = {
    restore: async (request: StoreRestore) => {
      const to = request.to === 'latest' ? 'latest' : 'at' in request.to ? request.to.at.toISOString() : '?';
      asked.push(`${request.from.name} ${to}`);
      return answer(request);
    },
  } as unknown as StoreDriver;
  const store = { id: 's1', path: '/db', owner: null, snapshotEveryMs: 0 };
  const deps = { drivers: { sqlite, files: sqlite }, report: () => undefined };
  const request = { kind: 'sqlite', store, at, part: 'db', into: '/new', bytes: null, clear: async () => undefined } as const;
  return { asked, result: await bringBack(deps, copies, request) };
}

const whole: RestoredStore = { atMs: NEWEST_WHOLE, bytes: 1, evidence: 'equal', ms: 1 };
const gap = (at?: number) =>
  new BerthError('REPLICA_BROKEN', 'transaction 12 is missing', {
    hint: 'another target',
    fields: at === undefined ? {} : { at },
  });

test('where one target has a gap the next is taken', async () => {
  const { asked, result } = await bring(({ from }) => {
    if (from.name === 'near') throw gap(NEWEST_WHOLE);
    return whole;
  });
  assert.deepEqual(asked, ['near latest', 'far latest']);
  assert.deepEqual(result, { outcome: 'recovered', target: 'far', restored: whole });
});

test('where all have one, the newest state before it comes back, and is told as what it is', async () => {
  const { asked, result } = await bring(({ from, to }) => {
    if (to === 'latest') throw gap(from.name === 'near' ? NEWEST_WHOLE - 60_000 : NEWEST_WHOLE);
    return whole;
  });
  assert.deepEqual(asked, ['near latest', 'far latest', 'far 2026-02-10T12:00:00.000Z']);
  assert.ok(result.outcome === 'recovered');
  assert.match(result.restored.evidence, /equal; NOT the newest state.*transaction 12 is missing/);
});

test('for a moment that was asked for nothing else is taken', async () => {
  const { asked, result } = await bring(
    () => {
      throw gap(NEWEST_WHOLE);
    },
    new Date(NEWEST_WHOLE + 1_000),
  );
  assert.equal(asked.length, 2);
  assert.equal(result.outcome, 'failed');
});

test('a target that is silent ends the run: going on would lose what it has', async () => {
  const silent = bring(({ from }) => {
    if (from.name === 'far') throw new BerthError('TARGET_FAILED', 'far does not answer', { hint: 'wait' });
    throw gap(NEWEST_WHOLE);
  });
  await assert.rejects(silent, { code: 'TARGET_FAILED' });
});
