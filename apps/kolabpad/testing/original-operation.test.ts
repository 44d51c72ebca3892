import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '@berth/testing';
import {
  applyOriginal,
  codePoints,
  composeOriginal,
  type OriginalOperation,
  parseOriginal,
  transformOriginal,
  transformPosition,
} from './original-operation.ts';

const parses: readonly [unknown, OriginalOperation][] = [
  [
    [10, -5, 'world'],
    [10, 'world', -5],
  ],
  [
    [1, 2, 'a', 'b', -1, -2],
    [3, 'ab', -3],
  ],
  [
    ['a', -1, 'b'],
    ['ab', -1],
  ],
  [
    [0, '', 1.9, -1.9],
    [1, -1],
  ],
];
for (const [given, expected] of parses) {
  test(`the judge reads ${JSON.stringify(given)} as ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(parseOriginal(given), expected));
}

const transforms: readonly [OriginalOperation, OriginalOperation, OriginalOperation, OriginalOperation, string, string][] = [
  [['B'], ['A'], [1, 'B'], ['A', 1], '', 'AB'],
  [['x'], ['x'], ['x', 1], ['x', 1], '', 'xx'],
  [['a'], ['ab'], ['a', 2], [1, 'ab'], '', 'aab'],
  [['～'], ['😀'], ['～', 1], [1, '😀'], '', '～😀'],
  [[6, 'beautiful ', 5], [6, -5], [6, 'beautiful '], [16, -5], 'Hello world', 'Hello beautiful '],
  [[1, 'X', -1, 1], [1, -1, 'Y', 1], [1, 'X', 2], [2, 'Y', 1], 'abc', 'aXYc'],
  [[1, -3, 2], [2, -3, 1], [1, -1, 1], [1, -1, 1], 'abcdef', 'af'],
];
for (const [a, b, a2, b2, text, expected] of transforms) {
  test(`the judge transforms ${JSON.stringify(a)} and ${JSON.stringify(b)} as the original's library does`, () => {
    // The vector with a delete before an insert is given before it was put in normal form.
    const [x, y] = [parseOriginal(a), parseOriginal(b)];
    assert.deepEqual(transformOriginal(x, y), [a2, b2]);
    assert.equal(applyOriginal(b2, applyOriginal(x, text)), expected);
    assert.equal(applyOriginal(a2, applyOriginal(y, text)), expected);
  });
}

test('the judge composes and moves positions as the original’s library does', () => {
  assert.deepEqual(composeOriginal([5, ' world'], [6, -5, 'there']), [5, ' there']);
  assert.deepEqual(composeOriginal([-1, 2], ['z', 2]), ['z', -1, 2]);
  assert.throws(() => transformOriginal([3], [4]), RangeError);
  assert.equal(transformPosition([3, 'xy', 3], 3), 5);
  assert.equal(transformPosition([2, -3, 1], 4), 2);
  assert.equal(transformPosition([2, -3, 1], 6), 3);
});

test('operations of the judge converge and compose for 3000 random pairs, astral characters included', () => {
  const random = createRandom(20);
  for (let i = 0; i < 3000; i++) {
    const text = random.text(random.integer(0, 12), ALPHABET);
    const [a, b] = [randomOperation(random, text), randomOperation(random, text)];
    const [a2, b2] = transformOriginal(a, b);
    assert.equal(applyOriginal(b2, applyOriginal(a, text)), applyOriginal(a2, applyOriginal(b, text)));
    assert.equal(applyOriginal(composeOriginal(a, b2), text), applyOriginal(b2, applyOriginal(a, text)));
  }
});

const ALPHABET = 'ab～😀é';

const randomOperation = (random: Random, text: string): OriginalOperation => {
  const parts: (string | number)[] = [];
  for (let left = codePoints(text); left > 0; ) {
    const length = random.integer(1, left);
    if (random.boolean(0.4)) parts.push(random.text(random.integer(1, 3), ALPHABET));
    parts.push(random.boolean(0.6) ? length : -length);
    left -= length;
  }
  if (random.boolean(0.4)) parts.push(random.text(random.integer(1, 3), ALPHABET));
  return parseOriginal(parts);
};
