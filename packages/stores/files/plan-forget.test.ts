import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '@berth/testing';
import { chooseTree, planForget } from './plan-forget.ts';
import type { Tree } from './trees.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const keep = { everythingMs: 24 * 3_600_000, hourlyMs: 3 * 24 * 3_600_000, dailyMs: 7 * 24 * 3_600_000 };

const tree = (time: string): Tree => ({
  id: time,
  tag: 'a',
  at: Date.parse(`2026-${time.replace('!', '')}:00Z`),
  state: null,
  isComplete: !time.endsWith('!'),
});

describe('what is forgotten', () => {
  const cases: { name: string; trees: string[]; pins?: string[]; gone: string[] }[] = [
    { name: 'nothing of nothing', trees: [], gone: [] },
    { name: 'not the only one, however old', trees: ['01-01T00:00'], gone: [] },
    { name: 'nothing of the last day', trees: ['03-09T12:00', '03-09T12:01', '03-10T11:58', '03-10T11:59'], gone: [] },
    {
      name: 'all but the last of an hour of the last three days',
      trees: ['03-08T10:00', '03-08T10:30', '03-08T10:59', '03-08T11:00', '03-10T11:59'],
      gone: ['03-08T10:00', '03-08T10:30'],
    },
    {
      name: 'all but the last of a day of the last week',
      trees: ['03-05T00:00', '03-05T13:00', '03-05T23:59', '03-06T00:00', '03-10T11:59'],
      gone: ['03-05T00:00', '03-05T13:00'],
    },
    { name: 'what is older', trees: ['02-01T00:00', '03-01T00:00', '03-10T11:59'], gone: ['02-01T00:00', '03-01T00:00'] },
    {
      name: 'not what is pinned, nor what stands for a pinned moment without a copy of its own',
      trees: ['02-01T00:00', '02-02T00:00', '02-03T00:00', '03-10T11:59'],
      pins: ['02-01T00:00', '02-02T17:00'],
      gone: ['02-03T00:00'],
    },
    {
      name: 'neither the newest nor the newest complete one',
      trees: ['01-01T00:00', '01-02T00:00', '01-03T00:00!'],
      gone: ['01-01T00:00'],
    },
    {
      name: 'rather an incomplete one than a complete one of the same hour',
      trees: ['03-08T10:00', '03-08T10:30!', '03-10T11:59'],
      gone: ['03-08T10:30!'],
    },
    { name: 'nothing of the future', trees: ['03-10T12:01', '03-11T00:00', '03-11T00:01'], gone: [] },
  ];
  for (const { name, trees, pins = [], gone } of cases)
    test(name, () => {
      const planned = planForget(trees.map(tree), { keep, pins: pins.map((pin) => tree(pin).at), now: NOW });
      assert.deepEqual(
        planned.map(({ id }) => id),
        gone,
      );
    });

  test('is nothing more when it is asked for again', () => {
    const random = createRandom(4);
    for (let round = 0; round < 50; round++) {
      const trees = Array.from({ length: 60 }, (_, index): Tree => {
        const at = NOW - random.integer(0, 14 * 24 * 3_600_000);
        return { id: `${index}`, tag: 'a', at, state: null, isComplete: random.boolean(0.9) };
      });
      const pins = random
        .shuffle(trees)
        .slice(0, 3)
        .map(({ at }) => at + random.integer(0, 1));
      const gone = new Set(planForget(trees, { keep, pins, now: NOW }));
      const left = trees.filter((each) => !gone.has(each));
      assert.deepEqual(planForget(left, { keep, pins, now: NOW }), []);
      const byAge = (list: readonly Tree[]): Tree[] => list.toSorted((a, b) => a.at - b.at);
      for (const pin of pins) assert.equal(chooseTree(byAge(left), pin), chooseTree(byAge(trees), pin));
    }
  });
});
