import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage, targetLength } from './history.ts';

const lengths: readonly [operation: (string | number)[], length: number][] = [
  [[], 0],
  [[5], 5],
  [['hi'], 2],
  [[10, 'hi', -3, 5], 17],
  [[-4], 0],
  [[1, '😀ü', -2, 3], 6],
];

for (const [operation, length] of lengths)
  test(`${JSON.stringify(operation)} leaves ${length} code points`, () => assert.equal(targetLength(operation), length));

const messages = [
  { text: '{"Identity":12}', read: { Identity: 12 } },
  {
    text: '{"History":{"start":3,"operations":[{"id":0,"operation":["hi"]},{"id":7,"operation":[2,"!"]}]}}',
    read: {
      History: {
        start: 3,
        operations: [
          { id: 0, operation: ['hi'] },
          { id: 7, operation: [2, '!'] },
        ],
      },
    },
  },
  {
    text: '{"History":{"start":0,"operations":[{"id":18446744073709551615,"operation":["x"]}]}}',
    read: { History: { start: 0, operations: [{ id: 2 ** 64, operation: ['x'] }] } },
  },
  { text: '{"UserInfo":{"id":3}}', read: null },
  { text: '{"Hello":{}}', read: null },
  { text: '{}', read: null },
];

for (const { text, read } of messages)
  test(`${text.slice(0, 60)} is ${read === null ? 'nothing to an editor' : 'read'}`, () =>
    assert.deepEqual(readMessage(Buffer.from(text)), read));
