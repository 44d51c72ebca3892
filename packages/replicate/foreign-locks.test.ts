import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
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

test('the locks are looked at while our reader can be in the way, and not before it is told that it may be', (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  let looks = 0;
  let exposed = false;
  let asked = 0;
  const blocked: number[] = [];
  using locks = createLockWatch({
    read: () => {
      looks += 1;
      return '1: POSIX  ADVISORY  WRITE 1 fe:00:5 120 121';
    },
    [Symbol.dispose]: () => undefined,
  });
  const isExposed = (): boolean => {
    asked += 1;
    return exposed;
  };
  locks.add(5, { isExposed, onBlocked: () => blocked.push(looks) });
  mock.timers.tick(1_000);
  assert.deepEqual({ asked, looks }, { asked: 1, looks: 0 }, 'nobody was exposed: it sleeps');
  exposed = true;
  locks.wake();
  locks.wake();
  mock.timers.tick(100);
  assert.deepEqual(blocked, [1, 2, 3, 4]);
  exposed = false;
  mock.timers.tick(1_000);
  assert.deepEqual({ asked, looks }, { asked: 6, looks: 4 });
});
