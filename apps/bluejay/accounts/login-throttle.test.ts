import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Limit, openThrottle, sweepAttempts } from './login-throttle.ts';
import { openDatabase } from './testing/panel.ts';

const KEY: Limit = { key: 'account:x', free: 3, forgiving: true };
const HOUR_MS = 3_600_000;

const throttleAt = (startMs = 1_900_000_000_000) => {
  const database = openDatabase();
  let nowMs = startMs;
  const throttle = openThrottle(database, () => nowMs);
  return {
    database,
    throttle,
    now: () => nowMs,
    advance: (ms: number) => void (nowMs += ms),
    fail: (...limits: readonly Limit[]) => assert.equal(throttle.attempt(limits).waitSec, 0),
    wait: (...limits: readonly Limit[]) => {
      const attempt = throttle.attempt(limits);
      if ('succeed' in attempt) attempt.succeed();
      return attempt.waitSec;
    },
  };
};

test('after the free failures each wait is twice the last one, up to a quarter of an hour', () => {
  const { throttle, fail, advance } = throttleAt();
  for (let index = 0; index < 3; index += 1) fail(KEY);
  const waits: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    const { waitSec } = throttle.attempt([KEY]);
    waits.push(waitSec);
    advance(waitSec * 1_000 - 1);
    assert.equal(throttle.attempt([KEY]).waitSec, 1);
    advance(1);
    fail(KEY);
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
});

test('refused attempts prolong nothing', () => {
  const { throttle, fail, advance } = throttleAt();
  for (let index = 0; index < 3; index += 1) fail(KEY);
  for (let index = 0; index < 100; index += 1) assert.ok(throttle.attempt([KEY]).waitSec > 0);
  advance(5_000);
  fail(KEY);
});

test('a thousand attempts at once are not taken for the first one', () => {
  const { throttle } = throttleAt();
  const let_in = Array.from({ length: 1_000 }, () => throttle.attempt([KEY])).filter(({ waitSec }) => waitSec === 0);
  assert.equal(let_in.length, 3);
});

test('failures leave the window one by one', () => {
  const { wait, fail, advance } = throttleAt();
  for (let index = 0; index < 3; index += 1) {
    fail(KEY);
    advance(HOUR_MS);
  }
  fail(KEY);
  assert.equal(wait(KEY), 10);
  advance(3 * HOUR_MS);
  // The first of four is out now; the others count.
  fail(KEY);
  assert.equal(wait(KEY), 10);
});

test('success forgets what was wrong before, but of a network only itself', () => {
  const network: Limit = { key: 'network:x', free: 3, forgiving: false };
  const { throttle, wait, fail } = throttleAt();
  fail(KEY, network);
  fail(KEY, network);
  const attempt = throttle.attempt([KEY, network]);
  assert.ok('succeed' in attempt);
  attempt.succeed();
  fail(KEY, network);
  assert.equal(wait(network), 5);
  assert.equal(wait(KEY), 0);
});

test('the longest wait of several counts, and keys do not touch each other', () => {
  const other: Limit = { key: 'account:y', free: 3, forgiving: true };
  const { wait, fail } = throttleAt();
  for (let index = 0; index < 3; index += 1) fail(KEY);
  assert.equal(wait(other), 0);
  assert.equal(wait(other, KEY), 5);
});

test('another process, or the next one, goes on counting', () => {
  const { database, now, fail } = throttleAt();
  for (let index = 0; index < 3; index += 1) fail(KEY);
  assert.equal(openThrottle(database, now).attempt([KEY]).waitSec, 5);
});

test('a clock that is set back by a year locks nobody out for longer than the longest wait', () => {
  const { wait, fail, advance } = throttleAt();
  for (let index = 0; index < 3; index += 1) fail(KEY);
  advance(-365 * 24 * HOUR_MS);
  assert.equal(wait(KEY), 900);
});

test('the sweep removes what is out of the window, and nothing else', () => {
  const { database, fail, advance, now } = throttleAt();
  fail(KEY);
  advance(5 * HOUR_MS);
  fail(KEY);
  advance(HOUR_MS);
  assert.equal(sweepAttempts(database, now()), 1);
  assert.equal(sweepAttempts(database, now()), 0);
});
