import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANIMALS, anonymousName } from './animals.ts';

const LONGEST_NAME = 25;

test('there are 114 animals, all different', () => {
  assert.equal(new Set(ANIMALS).size, 114);
  assert.equal(ANIMALS.length, 114);
});

test('an anonymous name fits where a name fits', () => {
  for (const [index] of ANIMALS.entries()) {
    const name = anonymousName(() => index / ANIMALS.length);
    assert.ok(name.startsWith('Anonymous ') && name.length <= LONGEST_NAME, name);
  }
});
