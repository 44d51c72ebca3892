import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { applyOperation } from './operation.ts';
import { randomOperation, randomText } from './testing/random-operations.ts';
import { changesToOperation, operationToChanges, type TextChange } from './text-changes.ts';
import { codePointLength, wellFormed } from './text.ts';

test('changes of an editor become an operation in code points', () => {
  assert.deepEqual(changesToOperation('abc', [{ from: 1, to: 2, insert: 'X' }]), [1, 'X', -1, 1]);
  assert.deepEqual(
    changesToOperation('😀bc', [
      { from: 2, to: 3, insert: '' },
      { from: 4, to: 4, insert: 'é' },
    ]),
    [1, -1, 1, 'é'],
  );
  assert.deepEqual(changesToOperation('', []), []);
});

test('an operation becomes changes in UTF-16 units, an insert and the delete after it as one', () => {
  assert.deepEqual(operationToChanges('a😀c', [1, 'X', -1, 1, 'Y']), [
    { from: 1, to: 3, insert: 'X' },
    { from: 4, to: 4, insert: 'Y' },
  ]);
  assert.deepEqual(operationToChanges('abc', [3]), []);
});

const halves: { name: string; text: string; changes: TextChange[] }[] = [
  { name: 'an insert inside a pair', text: 'a😀b', changes: [{ from: 2, to: 2, insert: 'x' }] },
  { name: 'a deleted half', text: 'a😀b', changes: [{ from: 2, to: 3, insert: '' }] },
  { name: 'another second half', text: 'a😀b', changes: [{ from: 2, to: 3, insert: '\ude01' }] },
  { name: 'a lone half', text: 'ab', changes: [{ from: 1, to: 1, insert: '\ud83d' }] },
  {
    name: 'two halves in two changes',
    text: '😀',
    changes: [
      { from: 0, to: 1, insert: 'x' },
      { from: 1, to: 2, insert: 'y' },
    ],
  },
];
for (const { name, text, changes } of halves) {
  test(`understands ${name}`, () => {
    let expected = text;
    for (const { from, to, insert } of changes.toReversed()) expected = expected.slice(0, from) + insert + expected.slice(to);
    assert.equal(applyOperation(text, changesToOperation(text, changes)), wellFormed(expected));
  });
}

for (const changes of [
  [
    { from: 2, to: 2, insert: 'a' },
    { from: 1, to: 1, insert: 'b' },
  ],
  [{ from: 2, to: 1, insert: '' }],
  [{ from: 0, to: 4, insert: '' }],
]) {
  test(`refuses ${JSON.stringify(changes)} to a text of 3`, () =>
    assert.throws(() => changesToOperation('abc', changes), { code: 'INVALID_OPERATION' }));
}

test('5,000 random operations there and back', () => {
  const random = createRandom(21);
  for (let i = 0; i < 5000; i++) {
    const text = randomText(random, 30);
    const operation = randomOperation(random, codePointLength(text));
    const changes = operationToChanges(text, operation);
    let edited = text;
    for (const { from, to, insert } of changes.toReversed()) edited = edited.slice(0, from) + insert + edited.slice(to);
    assert.equal(edited, applyOperation(text, operation), JSON.stringify({ text, operation, changes }));
    assert.deepEqual(changesToOperation(text, changes), operation);
  }
});
