import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { diffTexts } from './diff.ts';
import { applyOperation, baseLength, insertedLength, type Operation, parseOperation } from './operation.ts';
import { randomOperation, randomText } from './testing/random-operations.ts';
import { codePointLength, wellFormed } from './text.ts';

const lines = (count: number, from = 0): string => Array.from({ length: count }, (_, i) => `line ${i + from}\n`).join('');

const cases: { name: string; before: string; after: string; operation: Operation }[] = [
  { name: 'nothing', before: '', after: '', operation: [] },
  { name: 'equal texts', before: 'abc', after: 'abc', operation: [3] },
  { name: 'a first text', before: '', after: 'a😀', operation: ['a😀'] },
  { name: 'an emptied text', before: 'a😀', after: '', operation: [-2] },
  { name: 'a word more', before: 'Hello world', after: 'Hello big world', operation: [6, 'big ', 5] },
  { name: 'a repeated beginning', before: 'ab', after: 'abab', operation: ['ab', 2] },
  {
    name: 'a line before one that begins alike',
    before: '  a();\n  b();\n',
    after: '  a();\n  c();\n  b();\n',
    operation: [7, '  c();\n', 7],
  },
  { name: 'a deleted line', before: 'one\ntwo\nthree\n', after: 'one\nthree\n', operation: [4, -4, 6] },
  { name: 'a leading line end', before: '\na', after: 'b\na', operation: ['b', 2] },
  { name: 'one of two characters with the same first half', before: '😀', after: '😁', operation: ['😁', -1] },
  {
    name: 'one of two characters with the same second half',
    before: '\u{1f600}',
    after: '\u{1fa00}',
    operation: ['\u{1fa00}', -1],
  },
  {
    name: 'two places in one line',
    before: 'f(first, second)',
    after: 'f(1st, second, 3)',
    operation: [2, '1', -3, 10, ', 3', 1],
  },
  { name: 'a sentence written anew', before: 'The quick fox', after: 'Sleepy dogs!', operation: ['Sleepy dogs!', -13] },
];
for (const { name, before, after, operation } of cases) {
  test(`the difference of ${name}`, () => assert.deepEqual(diffTexts(before, after), operation));
}

test('lone surrogates become U+FFFD', () => {
  assert.deepEqual(diffTexts('a', 'a\ud83d'), [1, '\ufffd']);
});

test('two changed lines far apart in a long text leave the lines between alone', () => {
  const before = lines(5000);
  const after = before.replace('line 7\n', 'line seven\n').replace('line 4990\n', '');
  const operation = diffTexts(before, after);
  assert.equal(applyOperation(before, operation), after);
  assert.ok(insertedLength(operation) <= 5, JSON.stringify(operation));
  assert.ok(operation.length <= 6, JSON.stringify(operation));
});

test('moved blocks and lines that all look alike are compared in bounded time', () => {
  const random = createRandom(3);
  const noise = (count: number) => Array.from({ length: count }, () => random.pick(['a\n', 'b\n', '\n'])).join('');
  for (const [before, after] of [
    [lines(4000) + noise(4000), noise(4000) + lines(4000, 9)],
    [noise(60_000), noise(60_000)],
    ['a'.repeat(100_000) + 'b', 'b' + 'a'.repeat(100_000)],
    [randomText(random, 50_000), randomText(random, 50_000)],
    ['', noise(100_000)],
  ] as const) {
    assert.equal(applyOperation(before, diffTexts(before, after)), after);
  }
});

test('5,000 random edits: the difference makes the text, is in normal form and splits no character', () => {
  const random = createRandom(4);
  for (let i = 0; i < 5000; i++) {
    const before = randomText(random, 60);
    const made = randomOperation(random, codePointLength(before));
    const after = applyOperation(before, made);
    const operation = diffTexts(before, after);
    const why = `seed 4, round ${i}: ${JSON.stringify({ before, after, operation })}`;
    assert.equal(applyOperation(before, operation), after, why);
    assert.equal(baseLength(operation), codePointLength(before), why);
    assert.deepEqual(operation, parseOperation(operation), why);
    for (const component of operation) if (typeof component === 'string') assert.equal(component, wellFormed(component), why);
  }
});

test('5,000 pairs of texts that have little in common', () => {
  const random = createRandom(5);
  for (let i = 0; i < 5000; i++) {
    const [before, after] = [randomText(random, 30), randomText(random, 30)];
    assert.equal(
      applyOperation(before, diffTexts(before, after)),
      after,
      `seed 5, round ${i}: ${JSON.stringify({ before, after })}`,
    );
  }
});
