import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerthError } from '@berth/core';
import { renderError } from './errors.ts';
import { createStyle } from './style.ts';

const tried = (hint: string, on: string | null) =>
  renderError(new BerthError('X', 'it broke', { hint }), { style: createStyle(false, on) })[1];

test('a command that a hint names says that it is for the server which the error came from', () => {
  assert.equal(tried('see: berth ps', 'shop'), 'Try: see: berth ps --on shop');
  assert.equal(tried('see: berth ps', null), 'Try: see: berth ps');
  assert.equal(tried('berth server add root@HOST', 'shop'), 'Try: berth server add root@HOST');
  assert.equal(tried('wait a while', 'shop'), 'Try: wait a while');
});
