import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidePersist } from './persistence-policy.ts';

const SECOND = 1_000;
const now = 10_000 * SECOND;
const typing = { isDirty: true, lastEditAt: now - SECOND, lastWriteAt: now - 60 * SECOND, lastCriticalWriteAt: -Infinity };

const cases = [
  { name: 'nothing while somebody types', state: typing, reason: null },
  { name: 'nothing that is written already', state: { ...typing, isDirty: false, lastEditAt: 0, lastWriteAt: 0 }, reason: null },
  { name: 'when nobody has typed for 30 s', state: { ...typing, lastEditAt: now - 30 * SECOND }, reason: 'idle_threshold' },
  { name: 'not a moment earlier', state: { ...typing, lastEditAt: now - 30 * SECOND + 1 }, reason: null },
  { name: 'after 5 minutes of typing', state: { ...typing, lastWriteAt: now - 300 * SECOND }, reason: 'safety_net' },
  {
    name: 'nothing for 2 s after a token was written',
    state: { ...typing, lastEditAt: now - 60 * SECOND, lastCriticalWriteAt: now - 1_999 },
    reason: null,
  },
];
for (const { name, state, reason } of cases) test(`a tick writes ${name}`, () => assert.equal(decidePersist(state, now), reason));
