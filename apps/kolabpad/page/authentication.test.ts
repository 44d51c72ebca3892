import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenIn } from './authentication.ts';

for (const [entered, token] of [
  ['tOkEn-_12345', 'tOkEn-_12345'],
  ['  tOkEn-_12345\n', 'tOkEn-_12345'],
  ['https://pad.example.com/#notes?otp=tOkEn-_12345', 'tOkEn-_12345'],
  ['look: https://pad.example.com/#notes?otp=abc and read', 'abc'],
  ['   ', ''],
] as const)
  test(`of ${JSON.stringify(entered)} the token is ${JSON.stringify(token)}`, () => assert.equal(tokenIn(entered), token));
