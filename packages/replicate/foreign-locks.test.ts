import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBlockingCheckpoints } from './foreign-locks.ts';

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
