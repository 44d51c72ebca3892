import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsOf } from './status.ts';

for (const [status, words] of [
  [{ state: 'connected' }, 'connected'],
  [{ state: 'connecting' }, 'connecting'],
  [{ state: 'saving' }, 'saving…'],
  [{ state: 'offline', unsent: 0, reason: null }, 'offline, reconnecting'],
  [{ state: 'offline', unsent: 1, reason: null }, 'offline, 1 unsaved change kept in this browser'],
  [{ state: 'offline', unsent: 7, reason: 'server busy' }, 'server busy, 7 unsaved changes kept in this browser'],
  [{ state: 'broken', text: 'refresh needed' }, 'refresh needed'],
] as const)
  test(`the status reads "${words}"`, () => assert.equal(wordsOf(status), words));
