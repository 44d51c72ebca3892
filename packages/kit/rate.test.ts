import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttemptLimiter, createTokenBucket } from './index.ts';

const setUpLimiter = (options: { maxKeys?: number } = {}) => {
  const time = { ms: 1_000_000 };
  const limiter = createAttemptLimiter({ limit: 3, windowMs: 60_000, now: () => time.ms, ...options });
  const fail = (key: string, times = 1): void => {
    for (let n = 0; n < times; n += 1) limiter.fail(key);
  };
  return { time, limiter, fail };
};

test('a key must wait after its last allowed failure, until the oldest is out of the window', () => {
  const { time, limiter, fail } = setUpLimiter();
  fail('a', 1);
  time.ms += 10_500;
  fail('a', 1);
  assert.equal(limiter.retryAfterSec('a'), 0);
  fail('a', 1);
  assert.equal(limiter.retryAfterSec('a'), 50);
  assert.equal(limiter.retryAfterSec('b'), 0);
  time.ms += 49_499;
  assert.equal(limiter.retryAfterSec('a'), 1);
  time.ms += 1;
  assert.equal(limiter.retryAfterSec('a'), 0);
  fail('a', 1);
  assert.equal(limiter.retryAfterSec('a'), 11);
});

test('a success forgets the failures', () => {
  const { limiter, fail } = setUpLimiter();
  fail('a', 3);
  limiter.clear('a');
  assert.equal(limiter.retryAfterSec('a'), 0);
});

test('many keys make it forget those that failed longest ago, and not grow', () => {
  const { limiter, fail } = setUpLimiter({ maxKeys: 2 });
  fail('a', 3);
  fail('b', 3);
  fail('a', 1);
  fail('c', 3);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => limiter.retryAfterSec(key) > 0),
    [true, false, true],
  );
});

test('a clock that is set back locks nobody out until it has caught up', () => {
  const { time, limiter, fail } = setUpLimiter();
  fail('a', 3);
  time.ms -= 900_000;
  assert.equal(limiter.retryAfterSec('a'), 0);
  fail('a', 3);
  assert.equal(limiter.retryAfterSec('a'), 60);
});

test('a bucket gives what it holds at once, then what flows in, and never more than it holds', () => {
  const time = { ms: 0 };
  const bucket = createTokenBucket({ capacity: 3, refillPerSecond: 2, now: () => time.ms });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => bucket.take()),
    [true, true, true, false],
  );
  assert.equal(bucket.waitMs(), 500);
  time.ms += 499;
  assert.equal(bucket.take(), false);
  time.ms += 1;
  assert.equal(bucket.waitMs(), 0);
  assert.equal(bucket.take(), true);
  time.ms += 60_000;
  assert.equal(bucket.take(4), false);
  assert.equal(bucket.waitMs(4), Number.POSITIVE_INFINITY);
  assert.equal(bucket.take(3), true);
  time.ms -= 5000;
  assert.equal(bucket.take(), false);
  time.ms += 500;
  assert.equal(bucket.take(), true);
});
