import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTap } from './test-inside.ts';

const TAP = `TAP version 13
# Subtest: the driver
    # Subtest: starts \\#1
    ok 1 - starts \\#1
      ---
      duration_ms: 1.2
      type: 'test'
      ...
    # Subtest: stops
    not ok 2 - stops
      ---
      duration_ms: 3
      type: 'test'
      error: 'it goes on'
      ...
    ok 3 - limits # SKIP no controller
      ---
      type: 'test'
      ...
    1..3
not ok 1 - the driver
  ---
  type: 'suite'
  error: '1 subtest failed'
  ...
1..1
`;

test('tests are told apart from the suites around them, with what failed and why one was skipped', () => {
  assert.deepEqual(parseTap(TAP), [
    { title: 'starts #1', skip: null, failure: null },
    { title: 'stops', skip: null, failure: "duration_ms: 3\ntype: 'test'\nerror: 'it goes on'" },
    { title: 'limits', skip: 'no controller', failure: null },
  ]);
});
