import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationWords } from './expiry.ts';

for (const [hours, words] of [
  [1, '1 hour'],
  [6, '6 hours'],
  [24, '1 day'],
  [36, '36 hours'],
  [168, '7 days'],
  [720, '30 days'],
] as const)
  test(`${hours} hours read "${words}"`, () => assert.equal(durationWords(hours), words));
