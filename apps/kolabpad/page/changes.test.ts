import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeSet, type ChangeSpec, Text } from '@codemirror/state';
import { createRandom } from '@berth/testing';
import { applyOperation, type Operation } from '../domain/operation.ts';
import { changesOfOperation, operationOfChanges, positionsOf } from './changes.ts';

const textOf = (content: string): Text => Text.of(content.split('\n'));

const cases: readonly { text: string; change: ChangeSpec; operation: Operation }[] = [
  { text: '', change: { from: 0, insert: 'hi' }, operation: ['hi'] },
  { text: 'abc', change: { from: 1, to: 2, insert: 'X' }, operation: [1, 'X', -1, 1] },
  { text: 'a😀b', change: { from: 3, insert: 'x' }, operation: [2, 'x', 1] },
  { text: 'a😀b', change: { from: 1, to: 3 }, operation: [1, -1, 1] },
  { text: 'one\ntwo', change: { from: 3, to: 4, insert: '\n\n' }, operation: [3, '\n\n', -1, 3] },
  {
    text: 'abc',
    change: [
      { from: 0, insert: 'x' },
      { from: 2, to: 3 },
    ],
    operation: ['x', 2, -1],
  },
];
for (const { text, change, operation } of cases)
  test(`${JSON.stringify(change)} on ${JSON.stringify(text)} is ${JSON.stringify(operation)}`, () => {
    const changes = ChangeSet.of(change, text.length, '\n');
    assert.deepEqual(operationOfChanges(changes, textOf(text)), operation);
    assert.equal(changesOfOperation(operation, textOf(text)).apply(textOf(text)).toString(), applyOperation(text, operation));
  });

test('an operation for another text is refused', () => {
  assert.throws(() => changesOfOperation([3], textOf('ab')), RangeError);
  assert.throws(() => changesOfOperation([1], textOf('ab')), RangeError);
});

test('positions count code points', () => assert.deepEqual(positionsOf(textOf('😀a\n😀'), [0, 2, 3, 4, 6]), [0, 1, 2, 3, 4]));

test('random changes come back as they were', () => {
  const random = createRandom(11);
  const letters = ['a', 'é', '😀', '\n', '漢', '👩‍👧'];
  const word = (): string =>
    Array.from({ length: random.integer(0, 6) }, () => letters[random.integer(0, letters.length - 1)]).join('');
  for (let round = 0; round < 500; round += 1) {
    const text = word() + word() + word();
    const characters = [...text];
    const from = random.integer(0, characters.length);
    const to = random.integer(from, characters.length);
    const offset = (index: number): number => characters.slice(0, index).join('').length;
    const changes = ChangeSet.of({ from: offset(from), to: offset(to), insert: word() }, text.length, '\n');
    const operation = operationOfChanges(changes, textOf(text));
    const expected = changes.apply(textOf(text)).toString();
    assert.equal(applyOperation(text, operation), expected);
    assert.equal(changesOfOperation(operation, textOf(text)).apply(textOf(text)).toString(), expected);
  }
});
