import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepingOf, listedPoints } from './keeping.ts';

const DAY = 86_400_000;

const policies = [
  { keepMs: 30 * DAY, kept: { everythingMs: DAY, hourlyMs: 7 * DAY, dailyMs: 30 * DAY } },
  { keepMs: 3 * DAY, kept: { everythingMs: DAY, hourlyMs: 3 * DAY, dailyMs: 3 * DAY } },
  { keepMs: DAY, kept: { everythingMs: DAY, hourlyMs: DAY, dailyMs: DAY } },
];
for (const { keepMs, kept } of policies) {
  test(`${keepMs / DAY} days of keeping`, () => assert.deepEqual(keepingOf({ keepMs }), kept));
}

const now = new Date('2026-02-10T12:00:00Z');
const point = (days: number) => ({ point: `${days} days`, at: new Date(now.getTime() - days * DAY).toISOString() });

const lists = [
  { name: 'all that are young enough', ages: [0, 1, 30, 31, 32], newest: 1, left: [0, 1, 30] },
  { name: 'the newest whatever their age', ages: [40, 50, 60], newest: 2, left: [40, 50] },
  { name: 'in whichever order they come', ages: [60, 1, 50, 40], newest: 3, left: [1, 50, 40] },
  { name: 'none of none', ages: [], newest: 10, left: [] },
  { name: 'of two of one moment the first', ages: [40, 40], newest: 1, left: [40] },
];
for (const { name, ages, newest, left } of lists) {
  test(`listed are ${name}`, () => {
    assert.deepEqual(listedPoints(ages.map(point), { now, keepMs: 30 * DAY, newest }), left.map(point));
  });
}

test('ten are listed if nothing else is said', () =>
  assert.equal(
    listedPoints(
      Array.from({ length: 15 }, (_, each) => point(100 + each)),
      { now, keepMs: DAY },
    ).length,
    10,
  ));
