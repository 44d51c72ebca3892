import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSigner } from './signing.ts';

const OLD = 'the-old-secret-of-32-bytes-0123456789';
const NEW = 'the-new-secret-of-32-bytes-0123456789';

test('a token says what was signed, for its purpose, until its moment', () => {
  let nowMs = 1_000;
  const signer = createSigner([OLD], () => nowMs);
  const token = signer.sign('preview', 'product:7 – “X”', 2_000);
  assert.match(token, /^[\w.-]+$/, 'as it is in an address');
  assert.equal(signer.verify('preview', token), 'product:7 – “X”');
  assert.equal(signer.verify('download', token), undefined, 'another purpose');
  nowMs = 2_000;
  assert.equal(signer.verify('preview', token), undefined, 'too late');
});

test('what a former secret signed is believed while that is still named', () => {
  const now = () => 0;
  const token = createSigner([OLD], now).sign('preview', 'product:7', 1_000);
  assert.equal(createSigner([NEW, OLD], now).verify('preview', token), 'product:7');
  assert.equal(createSigner([NEW], now).verify('preview', token), undefined);
  assert.equal(createSigner([OLD], now).verify('preview', createSigner([NEW, OLD], now).sign('preview', 'x', 1_000)), undefined);
});

test('no changed token is believed', () => {
  const signer = createSigner([OLD], () => 0);
  const token = signer.sign('preview', 'product:7', 1_000);
  for (let index = 0; index < token.length; index += 1) {
    const changed = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
    // The last character of a base64 text has bits that say nothing.
    if (index < token.length - 1) assert.equal(signer.verify('preview', changed), undefined, changed);
  }
  for (const odd of ['', '.', '..', token.slice(1), `${token}x`, `${token}\n`])
    assert.equal(signer.verify('preview', odd), undefined);
});
