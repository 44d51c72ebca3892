import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  abandonTry,
  allowedAt,
  type Attempts,
  beginTry,
  dueAt,
  endInFailure,
  endInSuccess,
  noAttempts,
  renewalAt,
  warningDue,
} from './schedule.ts';

const NOW = Date.parse('2030-03-01T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LE = 'letsencrypt';
const iso = (ms: number) => new Date(ms).toISOString();
const present = {
  names: ['a.example.com'],
  notBefore: iso(NOW),
  notAfter: iso(NOW + 90 * DAY),
  fingerprint: 'AA:BB',
};
const error = { code: 'ACME_CONNECTION_FAILED', message: 'refused', hint: 'open it' };

test('what is missing, has other names, or is another authority’s is due at once', async (t) => {
  const wanted = { names: ['a.example.com'] };
  const cases: readonly { name: string; due: Parameters<typeof dueAt>[0]; at: number | 'renewal' }[] = [
    { name: 'none yet', due: { wanted, present: null, attempts: noAttempts, directory: LE }, at: 0 },
    { name: 'there is one', due: { wanted, present, attempts: noAttempts, directory: LE }, at: 'renewal' },
    {
      name: 'of this authority',
      due: { wanted, present, attempts: { ...noAttempts, issuedBy: LE }, directory: LE },
      at: 'renewal',
    },
    {
      name: 'of staging',
      due: { wanted, present, attempts: { ...noAttempts, issuedBy: 'letsencrypt-staging' }, directory: LE },
      at: 0,
    },
    {
      name: 'a name more',
      due: { wanted: { names: ['a.example.com', '*.a.example.com'] }, present, attempts: noAttempts, directory: LE },
      at: 0,
    },
    {
      name: 'after a failure',
      due: { wanted, present: null, attempts: { ...noAttempts, notBefore: iso(NOW + HOUR) }, directory: LE },
      at: NOW + HOUR,
    },
  ];
  for (const { name, due, at } of cases)
    await t.test(name, () => assert.equal(dueAt(due), at === 'renewal' ? renewalAt(present, null) : at));
});

test('renewal is due at two thirds of the life, a little earlier for each certificate, or in the window of the authority', () => {
  const chances = Array.from({ length: 200 }, (_, n) => renewalAt({ ...present, fingerprint: String(n) }, null));
  assert.ok(chances.every((at) => at <= NOW + 60 * DAY && at >= NOW + 55 * DAY));
  assert.ok(new Set(chances).size > 190, 'spread');
  assert.equal(renewalAt(present, null), renewalAt(present, null), 'the same after a restart');
  const suggested = { start: iso(NOW + 10 * DAY), end: iso(NOW + 12 * DAY) };
  const window = { suggested, askAgainAt: iso(NOW), fingerprint: present.fingerprint };
  const at = renewalAt(present, window);
  assert.ok(at >= NOW + 10 * DAY && at <= NOW + 12 * DAY);
  assert.equal(renewalAt(present, { ...window, fingerprint: 'of another' }), renewalAt(present, null));
  assert.equal(renewalAt(present, { ...window, suggested: null }), renewalAt(present, null));
  const past = { ...window, suggested: { start: iso(NOW - 2 * DAY), end: iso(NOW - DAY) } };
  assert.equal(renewalAt(present, past), NOW + 12 * HOUR, 'a window that is over at issuing is not followed at once');
  const short = { ...present, notAfter: iso(NOW + 3 * HOUR) };
  assert.equal(renewalAt(short, past), NOW + HOUR, 'and never so late that a short life ends');
});

test('failures are tried again ever later, and never more than five times an hour', () => {
  let attempts: Attempts = noAttempts;
  let nowMs = NOW;
  const tries: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    tries.push(nowMs);
    attempts = endInFailure(beginTry(attempts, nowMs), error, { nowMs, counted: true });
    nowMs = Date.parse(attempts.notBefore ?? '');
  }
  assert.deepEqual(
    tries.slice(1, 8).map((at, n) => (at - (tries[n] ?? 0)) / MINUTE),
    [2, 10, 45, 120, 240, 360, 360],
  );
  const inOneHour = tries.map((at) => tries.filter((other) => other >= at && other < at + HOUR).length);
  assert.ok(Math.max(...inOneHour) <= 5);
  assert.equal(attempts.failures, 12);
  assert.ok(attempts.triedAt.length <= 5, 'only the last hour is remembered');
});

test('a process that dies with every try asks no more often, one that is told to end is not punished', () => {
  const begun = beginTry(beginTry(noAttempts, NOW), NOW + 2 * MINUTE);
  assert.equal(begun.notBefore, iso(NOW + 12 * MINUTE));
  assert.deepEqual(abandonTry(beginTry(noAttempts, NOW), noAttempts), { ...noAttempts, triedAt: [iso(NOW)] });
});

test('what was found out before asking is looked at again soon, and uses nothing up', () => {
  let attempts: Attempts = noAttempts;
  const waits: number[] = [];
  for (let n = 0; n < 15; n += 1) {
    attempts = endInFailure(attempts, error, { nowMs: NOW, counted: false });
    waits.push((Date.parse(attempts.notBefore ?? '') - NOW) / MINUTE);
  }
  assert.deepEqual([waits.slice(0, 3), waits.at(-1)], [[1, 2, 3], 10]);
  assert.deepEqual(attempts.triedAt, []);
  assert.equal(allowedAt(attempts, NOW), 0);
});

test('a rate limit is waited for to its end', () => {
  const limited = { ...error, code: 'ACME_RATE_LIMITED', fields: { retryAt: iso(NOW + 3 * DAY) } };
  const attempts = endInFailure(beginTry(noAttempts, NOW), limited, { nowMs: NOW, counted: true });
  assert.equal(attempts.notBefore, iso(NOW + 3 * DAY));
  assert.equal(allowedAt(attempts, NOW), NOW + 3 * DAY);
});

test('who asks by hand is refused the sixth try within an hour', () => {
  let attempts: Attempts = noAttempts;
  for (let n = 0; n < 5; n += 1) {
    assert.ok(allowedAt(attempts, NOW + n * MINUTE) <= NOW + n * MINUTE);
    attempts = endInFailure(beginTry(attempts, NOW + n * MINUTE), error, { nowMs: NOW + n * MINUTE, counted: true });
  }
  assert.equal(allowedAt(attempts, NOW + 5 * MINUTE), NOW + HOUR);
  assert.equal(allowedAt(attempts, NOW + HOUR + 1), 0);
});

test('success forgets the failures and remembers whose certificate it is', () => {
  const begun = beginTry(endInFailure(noAttempts, error, { nowMs: NOW, counted: true }), NOW);
  assert.deepEqual(endInSuccess(begun, LE), { ...noAttempts, triedAt: [iso(NOW)], issuedBy: LE });
});

test('an end that comes near is told 14, 7, 3 and 1 days before, each once', () => {
  const cases: readonly [days: number, warned: number | null, due: number | null][] = [
    [20, null, null],
    [14, null, 14],
    [13, 14, null],
    [7, 14, 7],
    [6.5, null, 7],
    [2, 7, 3],
    [2, 3, null],
    [0.5, 3, 1],
    [-1, 1, null],
    [-1, null, 1],
  ];
  for (const [days, warned, due] of cases)
    assert.equal(warningDue(iso(NOW + days * DAY), warned, NOW), due, `${days} days, told ${warned}`);
});
