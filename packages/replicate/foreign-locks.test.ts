import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLockWatch, findBlockingCheckpoints } from './foreign-locks.ts';

const cases = [
  { name: 'both locks in one range', locks: '1: POSIX  ADVISORY  WRITE 70 fe:00:2275021 120 121', found: [2275021] },
  {
    name: 'both locks in two lines',
    locks: '1: POSIX  ADVISORY  WRITE 70 fe:00:5 120 120\n2: POSIX  ADVISORY  WRITE 70 fe:00:5 121 121',
    found: [5],
  },
  { name: 'a writer alone', locks: '1: POSIX  ADVISORY  WRITE 70 fe:00:5 120 120', found: [] },
  { name: 'a passive checkpoint', locks: '1: POSIX  ADVISORY  WRITE 70 fe:00:5 121 121', found: [] },
  {
    name: 'the two locks of two processes',
    locks: '1: POSIX  ADVISORY  WRITE 70 fe:00:5 120 120\n2: POSIX  ADVISORY  WRITE 71 fe:00:5 121 121',
    found: [],
  },
  { name: 'our own locks', locks: '1: POSIX  ADVISORY  WRITE 99 fe:00:5 120 121', found: [] },
  { name: 'readers', locks: '1: POSIX  ADVISORY  READ 70 fe:00:5 123 124', found: [] },
  { name: 'other kinds and empty lines', locks: '1: FLOCK  ADVISORY  WRITE 70 fe:00:5 0 EOF\n\n', found: [] },
] as const;

for (const { name, locks, found } of cases)
  test(`${name}: ${found.length === 0 ? 'no checkpoint waits' : 'a checkpoint may wait for us'}`, () =>
    assert.deepEqual([...findBlockingCheckpoints(locks, 99)], found));

test('the locks are looked at while our reader can be in the way, and not before it is told that it may be', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  // In steps: a timer that is set by another one counts from the end of the step.
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 25) {
      mock.timers.tick(25);
      await nextTurn();
    }
  };
  let looks = 0;
  let clock = 0;
  let took = 0;
  let exposed = false;
  let asked = 0;
  const blocked: number[] = [];
  const table = {
    read: async () => {
      looks += 1;
      return '1: POSIX  ADVISORY  WRITE 1 fe:00:5 120 121';
    },
    [Symbol.dispose]: () => undefined,
  };
  using locks = createLockWatch(table, () => clock);
  const isExposed = (): boolean => {
    asked += 1;
    return exposed;
  };
  const onBlocked = (): void => {
    blocked.push(looks);
    clock += took;
  };
  locks.add(5, { isExposed, onBlocked });
  await pass(1_000);
  assert.deepEqual({ asked, looks }, { asked: 1, looks: 0 }, 'nobody was exposed: it sleeps');
  exposed = true;
  locks.wake();
  locks.wake();
  await pass(100);
  assert.deepEqual(blocked, [1, 2, 3, 4]);
  took = 2;
  await pass(625);
  assert.equal(looks, 7, 'where a look costs 2 ms the next one comes after 300');
  took = 0;
  await pass(300);
  exposed = false;
  await pass(1_000);
  assert.deepEqual({ asked, looks }, { asked: 10, looks: 8 });
});
