import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE } from '../domain/messages.ts';
import { reconnectDelayMs } from './backoff.ts';

for (const [attempt, code, random, expected] of [
  [0, 1006, 0, 200],
  [1, 1006, 0, 400],
  [5, 1006, 0, 6_400],
  [6, 1006, 0, 10_000],
  [2_000, 1006, 0, 10_000],
  [0, 1006, 0.5, 150],
  [0, CLOSE.restart, 0, 0],
  [0, CLOSE.restart, 0.99, 297],
  [2, CLOSE.restart, 0, 0],
  // The server does nothing but restart: as with any other that is not there.
  [3, CLOSE.restart, 0, 1_600],
] as const)
  test(`attempt ${attempt} after close ${code} waits ${expected} ms when the dice say ${random}`, () =>
    assert.equal(reconnectDelayMs({ attempt, code, random }), expected));
