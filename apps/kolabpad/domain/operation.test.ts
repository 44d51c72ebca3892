import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import {
  applyOperation,
  baseLength,
  byteGrowth,
  composeAll,
  composeOperations,
  insertedLength,
  invertOperation,
  isNoop,
  type Operation,
  OperationError,
  parseOperation,
  renderOperation,
  splitOperation,
  targetLength,
  transformCursors,
  transformIndex,
  transformOperations,
} from './operation.ts';
import { randomOperation, randomText } from './testing/random-operations.ts';
import { codePointLength, utf8Length } from './text.ts';

const parsed: { from: unknown[]; to: Operation }[] = [
  { from: [10, -5, 'world'], to: [10, 'world', -5] },
  { from: [1, 2, 'a', 'b', -1, -2], to: [3, 'ab', -3] },
  { from: ['a', -1, 'b'], to: ['ab', -1] },
  { from: [-1, 'a', -1], to: ['a', -2] },
  { from: [0, '', -0, 2], to: [2] },
  { from: [2.9, -1.9, 0.5, -0.5], to: [2, -1] },
  { from: ['\ud83d', '\ude00', 1], to: ['\ufffd\ufffd', 1] },
  { from: ['😀'], to: ['😀'] },
  { from: [], to: [] },
];
for (const { from, to } of parsed) {
  test(`parses ${JSON.stringify(from)} as ${JSON.stringify(to)}`, () => assert.deepEqual(parseOperation(from), to));
}

test('the lengths of a parsed operation are those of its texts', () => {
  const operation = parseOperation([10, -5, 'world']);
  assert.equal(baseLength(operation), 15);
  assert.equal(targetLength(operation), 15);
  assert.equal(insertedLength(operation), 5);
  assert.equal(targetLength([1, '😀～', -1]), 3);
});

const refused: { name: string; value: unknown }[] = [
  { name: 'null', value: null },
  { name: 'an object', value: {} },
  { name: 'text', value: '[1]' },
  { name: 'null inside', value: [1, null] },
  { name: 'a boolean inside', value: [true] },
  { name: 'an object inside', value: [{}] },
  { name: 'an array inside', value: [[1]] },
  { name: 'a hole', value: Array.from({ length: 1 }) },
  { name: 'not a number', value: [Number.NaN] },
  { name: 'infinity', value: [Number.POSITIVE_INFINITY] },
  { name: 'a number beyond 2^53', value: [2 ** 53] },
  { name: 'numbers that together are beyond 2^53', value: [2 ** 52, -(2 ** 52)] },
  { name: 'numbers and texts that together are beyond 2^53', value: [2 ** 53 - 1, 'a'] },
  { name: 'more than a million components', value: Array.from({ length: 1_000_001 }, () => 1) },
];
for (const { name, value } of refused) {
  test(`refuses ${name}`, () =>
    assert.throws(() => parseOperation(value), { name: 'OperationError', code: 'INVALID_OPERATION' }));
}

const transformed: { a: Operation; b: Operation; a2: Operation; b2: Operation; before?: string; after?: string }[] = [
  { a: ['B'], b: ['A'], a2: [1, 'B'], b2: ['A', 1], before: '', after: 'AB' },
  { a: ['x'], b: ['x'], a2: ['x', 1], b2: ['x', 1], before: '', after: 'xx' },
  { a: ['a'], b: ['ab'], a2: ['a', 2], b2: [1, 'ab'], before: '', after: 'aab' },
  { a: ['～'], b: ['😀'], a2: ['～', 1], b2: [1, '😀'], before: '', after: '～😀' },
  { a: [6, 'beautiful ', 5], b: [6, -5], a2: [6, 'beautiful '], b2: [16, -5], before: 'Hello world', after: 'Hello beautiful ' },
  { a: [1, 'X', -1, 1], b: [1, -1, 'Y', 1], a2: [1, 'X', 2], b2: [2, 'Y', 1], before: 'abc', after: 'aXYc' },
  { a: [1, -3, 2], b: [2, -3, 1], a2: [1, -1, 1], b2: [1, -1, 1], before: 'abcdef', after: 'af' },
  { a: [], b: [], a2: [], b2: [], before: '', after: '' },
];
for (const { a, b, a2, b2, before = '', after = '' } of transformed) {
  test(`transforms ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () => {
    // As it comes from a peer: the sixth has its insert after the delete.
    const [left, right] = [parseOperation(a), parseOperation(b)];
    assert.deepEqual(transformOperations(left, right), [a2, b2]);
    assert.deepEqual(transformOperations(right, left), [b2, a2]);
    assert.equal(applyOperation(applyOperation(before, left), b2), after);
    assert.equal(applyOperation(applyOperation(before, right), a2), after);
  });
}

test('composes', () => {
  assert.deepEqual(composeOperations([5, ' world'], [6, -5, 'there']), [5, ' there']);
  assert.deepEqual(composeOperations([-1, 2], ['z', 2]), ['z', -1, 2]);
  assert.deepEqual(composeOperations([], []), []);
  assert.deepEqual(composeOperations(['a😀bcd'], [1, -1, 'x', 1, -1, 1]), ['axbd']);
});

const mismatched: { name: string; act: () => unknown }[] = [
  { name: 'a transform of 3 and 4', act: () => transformOperations([3], [4]) },
  { name: 'a transform of 4 and 3', act: () => transformOperations([4], [3]) },
  { name: 'a transform of a delete and nothing', act: () => transformOperations(['a', -1], []) },
  { name: 'a second operation for less text', act: () => composeOperations([3], [2]) },
  { name: 'a second operation for more text', act: () => composeOperations([2, 'a'], [4]) },
  { name: 'an operation without its last retain', act: () => applyOperation('abcd', [1, 'x']) },
  { name: 'an operation that counts UTF-16 units', act: () => applyOperation('😀', [2]) },
  { name: 'an operation on less text', act: () => applyOperation('', [1]) },
  { name: 'an inverse for another text', act: () => invertOperation([1], 'ab') },
];
for (const { name, act } of mismatched) {
  test(`refuses ${name}`, () =>
    assert.throws(act, (error) => error instanceof OperationError && error.code === 'INCOMPATIBLE_LENGTHS'));
}

test('says whether an operation changes anything', () => {
  assert.ok(isNoop([]));
  assert.ok(isNoop([5]));
  assert.ok(!isNoop([-5]));
  assert.ok(!isNoop(['a']));
  assert.ok(!isNoop([1, 'a']));
});

const moved: { operation: Operation; from: number; to: number }[] = [
  { operation: [3, 'xy', 3], from: 3, to: 5 },
  { operation: [3, 'xy', 3], from: 2, to: 2 },
  { operation: [2, -3, 1], from: 4, to: 2 },
  { operation: [2, -3, 1], from: 6, to: 3 },
  { operation: [-6], from: 6, to: 0 },
  { operation: ['😀', 1], from: 0, to: 1 },
  { operation: [], from: 0, to: 0 },
];
for (const { operation, from, to } of moved) {
  test(`${JSON.stringify(operation)} moves the place ${from} to ${to}`, () => assert.equal(transformIndex(operation, from), to));
}

test('moves cursors and both ends of selections', () => {
  assert.deepEqual(transformCursors([3, 'xy', 3], { cursors: [1, 4], selections: [[2, 5]] }), {
    cursors: [1, 6],
    selections: [[2, 7]],
  });
});

test('10,000 random pairs of edits: both orders make the same text, and no inserted text is lost', () => {
  const random = createRandom(11);
  for (let i = 0; i < 10_000; i++) {
    const text = randomText(random, 20);
    const length = codePointLength(text);
    const [a, b] = [randomOperation(random, length), randomOperation(random, length)];
    const [a2, b2] = transformOperations(a, b);
    const why = `seed 11, round ${i}: ${JSON.stringify({ text, a, b, a2, b2 })}`;
    const viaA = applyOperation(applyOperation(text, a), b2);
    assert.equal(viaA, applyOperation(applyOperation(text, b), a2), why);
    assert.equal(insertedLength(a2), insertedLength(a), why);
    assert.equal(insertedLength(b2), insertedLength(b), why);
    assert.deepEqual(a2, parseOperation(a2), why);
    assert.deepEqual(transformOperations(b, a), [b2, a2], why);
    assert.equal(renderOperation(parseOperation(JSON.parse(renderOperation(a2)))), renderOperation(a2));
    // Composed, the two ways are the same too.
    assert.equal(applyOperation(text, composeOperations(a, b2)), viaA, why);
    assert.equal(applyOperation(text, composeOperations(b, a2)), viaA, why);
  }
});

test('10,000 random rows of edits: composed in any grouping they do what they do one by one', () => {
  const random = createRandom(12);
  for (let i = 0; i < 10_000; i++) {
    const text = randomText(random, 20);
    const a = randomOperation(random, codePointLength(text));
    const b = randomOperation(random, targetLength(a));
    const c = randomOperation(random, targetLength(b));
    const why = `seed 12, round ${i}: ${JSON.stringify({ text, a, b, c })}`;
    const step = applyOperation(text, a);
    const ab = composeOperations(a, b);
    assert.equal(applyOperation(text, ab), applyOperation(step, b), why);
    assert.deepEqual(ab, parseOperation(ab), why);
    assert.equal(baseLength(ab), codePointLength(text));
    assert.equal(targetLength(ab), targetLength(b));
    const all = applyOperation(applyOperation(step, b), c);
    assert.equal(applyOperation(text, composeOperations(ab, c)), all, why);
    assert.equal(applyOperation(text, composeOperations(a, composeOperations(b, c))), all, why);
    assert.equal(applyOperation(text, composeAll([a, b, c])), all, why);
  }
});

test('10,000 random edits: taken back, the text is what it was; their growth in bytes is known beforehand', () => {
  const random = createRandom(13);
  for (let i = 0; i < 10_000; i++) {
    const text = randomText(random, 20);
    const operation = randomOperation(random, codePointLength(text));
    const after = applyOperation(text, operation);
    const inverse = invertOperation(operation, text);
    const why = `seed 13, round ${i}: ${JSON.stringify({ text, operation, inverse })}`;
    assert.equal(applyOperation(after, inverse), text, why);
    assert.deepEqual(inverse, parseOperation(inverse), why);
    assert.equal(applyOperation(text, composeOperations(operation, inverse)), text, why);
    assert.equal(applyOperation(applyOperation(after, inverse), invertOperation(inverse, after)), after, why);
    assert.equal(codePointLength(after), targetLength(operation), why);
    assert.equal(byteGrowth(operation, text), utf8Length(after) - utf8Length(text), why);
  }
});

test('an index stays with the character after it', () => {
  const random = createRandom(14);
  for (let i = 0; i < 2000; i++) {
    // Every character once, so that it can be found again.
    const characters = Array.from({ length: random.integer(1, 20) }, (_, index) =>
      String.fromCodePoint((index % 2 ? 0x4e00 : 0x20000) + index),
    );
    const at = random.integer(0, characters.length - 1);
    const operation = randomOperation(random, characters.length);
    const after = [...applyOperation(characters.join(''), operation)];
    const found = after.indexOf(characters[at] ?? '');
    if (found >= 0) assert.equal(transformIndex(operation, at), found, JSON.stringify({ at, operation }));
  }
});

test('composing hundreds of edits all over a text takes them in any number', () => {
  const random = createRandom(15);
  for (const count of [1, 2, 3, 7, 300]) {
    let text = randomText(random, 500);
    const before = text;
    const operations: Operation[] = [];
    for (let i = 0; i < count; i++) {
      const operation = randomOperation(random, codePointLength(text));
      operations.push(operation);
      text = applyOperation(text, operation);
    }
    const [first = [], ...rest] = operations;
    assert.equal(applyOperation(before, composeAll([first, ...rest])), text);
  }
});

test('3,000 random edits: each of two halves is smaller, and together they do what the whole did', () => {
  const random = createRandom(16);
  for (let i = 0; i < 3000; i++) {
    const text = randomText(random, 40);
    const operation = randomOperation(random, codePointLength(text));
    const [first, second] = splitOperation(operation);
    const why = `seed 16, round ${i}: ${JSON.stringify({ operation, first, second })}`;
    assert.equal(applyOperation(applyOperation(text, first), second), applyOperation(text, operation), why);
    for (const part of [first, second]) assert.deepEqual(part, parseOperation(part), why);
  }
  const large = '"😀\n'.repeat(10_000);
  for (const part of splitOperation([3, large, -2, 5])) assert.ok(renderOperation(part).length < large.length * 0.8);
});
