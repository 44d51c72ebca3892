import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLiveness, LOOK_MS, type Verdict } from './liveness.ts';

/** Looks every second from `from` to `to`, and says when there was something to say. */
const watch = (liveness: { look(now: number): Verdict }, from: number, to: number): string[] => {
  const seen: string[] = [];
  for (let now = from; now <= to; now += LOOK_MS) {
    const verdict = liveness.look(now);
    if (verdict !== 'fine') seen.push(`${verdict} at ${now / 1_000} s`);
    if (verdict === 'dead') break;
  }
  return seen;
};

test('a link that went silent is dead within 30 seconds', () => {
  assert.deepEqual(watch(createLiveness(0), 1_000, 60_000), ['ask at 15 s', 'dead at 23 s']);
});

test('an answer is enough, and the next silence is asked about again', () => {
  const liveness = createLiveness(0);
  assert.deepEqual(watch(liveness, 1_000, 16_000), ['ask at 15 s']);
  liveness.heard(16_000);
  assert.deepEqual(watch(liveness, 17_000, 35_000), ['ask at 31 s']);
});

test('a busy link is never asked', () => {
  const liveness = createLiveness(0);
  for (let now = 1_000; now < 100_000; now += 1_000) {
    assert.equal(liveness.look(now), 'fine');
    liveness.heard(now);
  }
});

test('after a sleep the question is urgent', () => {
  const liveness = createLiveness(0);
  assert.deepEqual(watch(liveness, 1_000, 5_000), []);
  assert.deepEqual(watch(liveness, 3_600_000, 3_700_000), ['ask at 3600 s', 'dead at 3603 s']);
});

test('a sleep between question and answer gives the answer its time again', () => {
  const liveness = createLiveness(0);
  assert.deepEqual(watch(liveness, 1_000, 15_000), ['ask at 15 s']);
  assert.equal(liveness.look(3_600_000), 'ask');
  liveness.heard(3_600_100);
  assert.equal(liveness.look(3_601_000), 'fine');
});

test('a doubt is asked at once and answered soon or never', () => {
  const liveness = createLiveness(0);
  assert.equal(liveness.look(1_000), 'fine');
  liveness.doubt(1_500);
  assert.deepEqual(watch(liveness, 2_000, 10_000), ['ask at 2 s', 'dead at 5 s']);
});
