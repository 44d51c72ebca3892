import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPadSession } from './pad-session.ts';
import { parseSavedPad } from './saved-pad.ts';

const saved = {
  session: 'a-session-of-22-letters',
  epoch: 'e1',
  revision: 3,
  sequence: 2,
  confirmed: 'a😀c',
  outstanding: { operation: [3, 'd'], sequence: 2 },
  buffer: [4, 'e'],
};

test('a saved pad comes back as it was', () => {
  assert.deepEqual(parseSavedPad(JSON.parse(JSON.stringify(saved))), saved);
  const session = createPadSession({ sessionId: 'unused', saved: parseSavedPad(saved) });
  assert.equal(session.text, 'a😀cde');
  assert.deepEqual(session.save(), saved);
  assert.deepEqual(parseSavedPad({ ...saved, outstanding: null, buffer: null, epoch: null })?.confirmed, 'a😀c');
});

const broken: { name: string; value: unknown }[] = [
  { name: 'nothing', value: null },
  { name: 'a text', value: 'saved' },
  { name: 'no session', value: { ...saved, session: undefined } },
  { name: 'no epoch', value: { ...saved, epoch: undefined } },
  { name: 'a revision below zero', value: { ...saved, revision: -1 } },
  { name: 'half a character', value: { ...saved, confirmed: 'a\ud83dc' } },
  { name: 'an edit for another text', value: { ...saved, confirmed: 'abcd' } },
  { name: 'a buffer for another text', value: { ...saved, buffer: [5, 'e'] } },
  { name: 'an edit without its sequence', value: { ...saved, outstanding: { operation: [3, 'd'] } } },
  { name: 'an edit that is none', value: { ...saved, outstanding: 'x' } },
  { name: 'a sequence that was never used', value: { ...saved, sequence: 1 } },
  { name: 'a buffer that is none', value: { ...saved, buffer: [null] } },
];
for (const { name, value } of broken) {
  test(`${name} is no saved pad`, () => assert.equal(parseSavedPad(value), undefined));
}
