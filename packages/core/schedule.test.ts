import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLag, type LagLimit, lagLimitMs, nextDrillAt, nextScheduledPointAt, nextUpkeepAt } from './schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const born = Date.UTC(2026, 1, 10, 12);
const apps = Array.from({ length: 400 }, (_, number) => `app${number}`);

test('an app that shall not be rehearsed never is', () =>
  assert.equal(nextDrillAt({ app: 'pad', everyMs: null, lastMs: null, createdMs: born }), null));

test('the first rehearsal is soon, and not within the first hour of an app', () => {
  for (const everyMs of [HOUR, DAY, WEEK, 365 * DAY])
    for (const app of apps) {
      const due = nextDrillAt({ app, everyMs, lastMs: null, createdMs: born }) ?? 0;
      assert.ok(due >= born + HOUR && due <= born + 13 * HOUR, `${app}: ${(due - born) / HOUR} h`);
    }
});

test('rehearsals keep their distance and their rhythm', () => {
  for (const app of apps) {
    let last = nextDrillAt({ app, everyMs: WEEK, lastMs: null, createdMs: born }) ?? 0;
    for (let round = 0; round < 5; round++) {
      const next = nextDrillAt({ app, everyMs: WEEK, lastMs: last, createdMs: born }) ?? 0;
      if (round === 0) assert.ok(next - last >= WEEK / 2 && next - last <= 1.5 * WEEK, app);
      else assert.equal(next - last, WEEK);
      last = next;
    }
  }
});

test('a rehearsal by hand stands for the next one', () => {
  const args = { app: 'pad', everyMs: WEEK, createdMs: born };
  const turn = nextDrillAt({ ...args, lastMs: born }) ?? 0;
  assert.equal(nextDrillAt({ ...args, lastMs: turn - HOUR }), turn + WEEK);
  assert.equal(nextDrillAt({ ...args, lastMs: turn - WEEK + HOUR }), turn);
});

test('after a long absence a rehearsal is overdue, once', () => {
  const args = { app: 'pad', everyMs: DAY, createdMs: born };
  const due = nextDrillAt({ ...args, lastMs: born }) ?? 0;
  assert.ok(due <= born + 1.5 * DAY);
  const back = born + 100 * DAY;
  assert.ok((nextDrillAt({ ...args, lastMs: back }) ?? 0) >= back + DAY / 2);
});

test('one restore point a day, at the same time of the day', () => {
  for (const app of apps) {
    const first = nextScheduledPointAt({ app, lastMs: null, createdMs: born });
    assert.ok(first >= born + HOUR && first <= born + 1.5 * DAY);
    // Taken a little late, as always: the next is still on time.
    assert.equal(nextScheduledPointAt({ app, lastMs: first + 5 * MINUTE, createdMs: born }), first + DAY);
  }
});

test('upkeep is hourly', () => {
  const first = nextUpkeepAt({ app: 'pad', lastMs: null, createdMs: born });
  assert.ok(first > born && first <= born + 1.5 * HOUR);
  assert.equal(nextUpkeepAt({ app: 'pad', lastMs: first + 2 * MINUTE, createdMs: born }), first + HOUR);
});

const recurring: { name: string; everyMs: number; due: (app: string) => number }[] = [
  {
    name: 'first rehearsals',
    everyMs: 12 * HOUR,
    due: (app) => nextDrillAt({ app, everyMs: WEEK, lastMs: null, createdMs: 0 }) ?? 0,
  },
  { name: 'rehearsals', everyMs: WEEK, due: (app) => nextDrillAt({ app, everyMs: WEEK, lastMs: born, createdMs: 0 }) ?? 0 },
  { name: 'restore points', everyMs: DAY, due: (app) => nextScheduledPointAt({ app, lastMs: born, createdMs: 0 }) },
  { name: 'upkeep', everyMs: HOUR, due: (app) => nextUpkeepAt({ app, lastMs: born, createdMs: 0 }) },
];
for (const { name, everyMs, due } of recurring) {
  test(`${name} of many apps are spread over the whole time`, () => {
    const tenths = apps.map((app) => Math.floor(((due(app) % everyMs) / everyMs) * 10));
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = tenths.filter((each) => each === tenth).length;
      // 40 of 400 are expected in each; 4 standard deviations are 24.
      assert.ok(count > 15 && count < 65, `${count} in tenth ${tenth}`);
    }
  });
}

test('what is due for one purpose says nothing of another', () => {
  const together = apps.filter(
    (app) =>
      Math.abs(
        (((nextDrillAt({ app, everyMs: DAY, lastMs: born, createdMs: 0 }) ?? 0) -
          nextScheduledPointAt({ app, lastMs: born, createdMs: 0 })) %
          DAY) /
          MINUTE,
      ) < 5,
  );
  assert.ok(together.length < 20, `${together.length}`);
});

const limits: (LagLimit & { limitMs: number })[] = [
  { store: 'sqlite', target: 'directory', filesEveryMs: HOUR, limitMs: 15_000 },
  { store: 'sqlite', target: 's3', filesEveryMs: HOUR, limitMs: MINUTE },
  { store: 'files', target: 'directory', filesEveryMs: HOUR, limitMs: 2 * HOUR + 10 * MINUTE },
  { store: 'files', target: 's3', filesEveryMs: 5 * MINUTE, limitMs: 20 * MINUTE },
];
for (const { limitMs, ...limit } of limits) {
  test(`a ${limit.store} store at a ${limit.target} target is late beyond ${limitMs} ms`, () => {
    assert.equal(lagLimitMs(limit), limitMs);
    assert.equal(judgeLag({ ...limit, lagMs: limitMs }), 'ok');
    assert.equal(judgeLag({ ...limit, lagMs: limitMs + 1 }), 'late');
  });
}
