import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedByOne, reorderedWithin } from './ordering.ts';

const IDS = [7, 3, 9, 1];

const steps = [
  { id: 9, direction: 'up', expected: [7, 9, 3, 1] },
  { id: 3, direction: 'down', expected: [7, 9, 3, 1] },
  { id: 7, direction: 'up', expected: IDS },
  { id: 1, direction: 'down', expected: IDS },
  { id: 5, direction: 'up', expected: undefined },
] as const;
for (const { id, direction, expected } of steps)
  test(`${id} one ${direction} gives ${expected?.join(' ') ?? 'nothing'}`, () =>
    assert.deepEqual(movedByOne(IDS, id, direction), expected));

const parts = [
  { part: [1, 3], expected: [7, 1, 9, 3] },
  { part: [1, 9, 3, 7], expected: [1, 9, 3, 7] },
  { part: [9], expected: IDS },
  { part: [], expected: IDS },
  { part: [3, 3], expected: undefined },
  { part: [3, 5], expected: undefined },
];
for (const { part, expected } of parts)
  test(`${part.join(' ') || 'none'} within them gives ${expected?.join(' ') ?? 'nothing'}`, () =>
    assert.deepEqual(reorderedWithin(IDS, part), expected));
