import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken, createViewLinkId, isGuessable, isSameToken } from './token.ts';

test('a token has 12 characters that a link can carry, and never comes twice', () => {
  const tokens = new Set(Array.from({ length: 1_000 }, createToken));
  assert.equal(tokens.size, 1_000);
  for (const token of tokens) assert.match(token, /^[\w-]{12}$/);
});

for (const [given, wanted, same] of [
  ['abc', 'abc', true],
  ['abd', 'abc', false],
  ['abcd', 'abc', false],
  ['', 'abc', false],
  [null, 'abc', false],
  [null, '', false],
] as const)
  test(`${JSON.stringify(given)} is ${same ? '' : 'not '}the token ${JSON.stringify(wanted)}`, () =>
    assert.equal(isSameToken(given, wanted), same));

for (const [id, guessable] of [
  ['notes', true],
  ['aaaaaaaaaaaaaaaaaaaaaaa', true],
  ['meeting-notes-of-monday', true],
  ['xK3fQ9aLmT7zRbC2v', false],
  [createViewLinkId(), false],
] as const)
  test(`${id} can ${guessable ? '' : 'hardly '}be guessed`, () => assert.equal(isGuessable(id), guessable));
