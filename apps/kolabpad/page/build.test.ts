import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePageSettings } from './build.ts';

for (const [what, variables, sha] of [
  ['VITE_SHA', { VITE_SHA: '0123456789abcdef' }, '0123456'],
  ['BUILD_SHA', { BUILD_SHA: 'fedcba9876543210' }, 'fedcba9'],
  ['VITE_SHA before BUILD_SHA', { VITE_SHA: '0123456', BUILD_SHA: 'fedcba9' }, '0123456'],
  ['BUILD_SHA where VITE_SHA is empty', { VITE_SHA: '', BUILD_SHA: 'fedcba9' }, 'fedcba9'],
] as const)
  test(`the page shows the commit of ${what}`, () => assert.equal(parsePageSettings(variables).sha, sha));

test('the console is silent below error unless it is asked for more', () => {
  assert.equal(parsePageSettings({}).logLevel, 'error');
  assert.equal(parsePageSettings({ FRONTEND_LOG_LEVEL: 'debug' }).logLevel, 'debug');
});

test('an unknown level stops the build and is named', () => {
  assert.throws(() => parsePageSettings({ FRONTEND_LOG_LEVEL: 'loud' }), /FRONTEND_LOG_LEVEL is "loud".*debug, info, error/);
});
