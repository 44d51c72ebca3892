import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimEpoch } from './epoch.ts';
import { createFakeTarget, type FakeTarget } from './fake-target.ts';

const claim = (target: FakeTarget, owner: string, held = 0) =>
  claimEpoch(target, { database: 'app', held, owner, signal: new AbortController().signal });

test('the first writer takes the first epoch, and finds it again', async () => {
  const target = createFakeTarget();
  assert.deepEqual(await claim(target, 'a'), { epoch: 1 });
  assert.deepEqual(await claim(target, 'a', 1), { epoch: 1 });
  assert.deepEqual(await claim(target, 'a'), { epoch: 1 });
});

test('a writer that never held one takes over, and the one before learns of it', async () => {
  const target = createFakeTarget();
  await claim(target, 'a');
  assert.deepEqual(await claim(target, 'b'), { epoch: 2 });
  const fenced = await claim(target, 'a', 1);
  assert.match('fencedBy' in fenced ? fenced.fencedBy : '', /epochs\/0*2$/);
});

test('of two that claim at the same moment one gets it and the other takes over from it', async () => {
  const target = createFakeTarget();
  const [a, b] = await Promise.all([claim(target, 'a'), claim(target, 'b')]);
  assert.deepEqual(
    [a, b].map((one) => ('epoch' in one ? one.epoch : 0)).toSorted((x, y) => x - y),
    [1, 2],
  );
});

test('an answer that was lost is no reason to claim twice', async () => {
  const target = createFakeTarget();
  target.afterPut = () => {
    throw new Error('the line broke');
  };
  await assert.rejects(claim(target, 'a'), /the line broke/);
  assert.deepEqual(await claim(target, 'a'), { epoch: 1 });
});
