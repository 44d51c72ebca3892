import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkEpoch, claimEpoch } from './epoch.ts';
import { noFault } from './fault-windows.ts';
import { createFakeTarget, type FakeTarget } from './fake-target.ts';

const { signal } = new AbortController();

type Claim = { held?: number; claims?: readonly string[] };

const claim = (target: FakeTarget, name: string, { held = 0, claims = [] }: Claim = {}) =>
  claimEpoch(target, { database: 'app', held, claims, claim: name, owner: 'this', signal, fault: noFault });

const check = (target: FakeTarget, held: number) => checkEpoch(target, { database: 'app', held, signal });

test('each start claims an epoch of its own, and keeps it', async () => {
  const target = createFakeTarget();
  assert.deepEqual(await claim(target, 'a'), { epoch: 1 });
  assert.deepEqual(await claim(target, 'b', { held: 1, claims: ['a'] }), { epoch: 2 });
  assert.deepEqual(await check(target, 2), { epoch: 2 });
});

test('a writer that never held one takes over, and the one before learns of it', async () => {
  const target = createFakeTarget();
  await claim(target, 'a');
  assert.deepEqual(await claim(target, 'b'), { epoch: 2 });
  for (const fenced of [await check(target, 1), await claim(target, 'c', { held: 1, claims: ['a'] })])
    assert.match('fencedBy' in fenced ? fenced.fencedBy : '', /epochs\/0*2$/);
});

test('a copy of a state directory is told from the original by its claim', async () => {
  const target = createFakeTarget();
  await claim(target, 'a');
  const copied = { held: 1, claims: ['a'] };
  assert.deepEqual(await claim(target, 'of the copy', copied), { epoch: 2 });
  assert.ok('fencedBy' in (await check(target, 1)), 'the original learns of it while it runs');
  assert.ok('fencedBy' in (await claim(target, 'of the original', copied)), 'and when it starts again');
});

test('of two that claim at the same moment one gets it and the other takes over from it', async () => {
  const target = createFakeTarget();
  const [a, b] = await Promise.all([claim(target, 'a'), claim(target, 'b')]);
  assert.deepEqual(
    [a, b].map((one) => ('epoch' in one ? one.epoch : 0)).toSorted((x, y) => x - y),
    [1, 2],
  );
});

test('of two copies that claim at the same moment one gets it', async () => {
  const target = createFakeTarget();
  await claim(target, 'a');
  const copied = { held: 1, claims: ['a'] };
  const both = await Promise.all([claim(target, 'b', copied), claim(target, 'c', copied)]);
  assert.equal(both.filter((one) => 'epoch' in one).length, 1);
});

test('an answer that was lost is no reason to claim twice, nor to be fenced by oneself', async () => {
  const target = createFakeTarget();
  target.afterPut = () => {
    throw new Error('the line broke');
  };
  await assert.rejects(claim(target, 'a'), /the line broke/);
  assert.deepEqual(await claim(target, 'a'), { epoch: 1 });
  await assert.rejects(claim(target, 'b', { held: 1, claims: ['a'] }), /the line broke/);
  target.afterPut = () => undefined;
  // The process ended before it could remember the number.
  assert.deepEqual(await claim(target, 'c', { held: 1, claims: ['a', 'b', 'never made'] }), { epoch: 3 });
});

test('a listing that is late misleads nobody', async () => {
  const target = createFakeTarget();
  await claim(target, 'a');
  const late = { ...target, async *list() {} } as FakeTarget;
  assert.deepEqual(await claim(late, 'b', { held: 1, claims: ['a'] }), { epoch: 2 });
  assert.ok('fencedBy' in (await claim(late, 'c', { held: 1, claims: ['a'] })));
  assert.deepEqual(await claim(late, 'd'), { epoch: 3 });
});
