import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { createCipher, isSealed } from './cipher.ts';
import { keyFromFile, keyFromSecret } from './key.ts';

const SECRET = 'correct horse battery staple, twice';
const cipher = createCipher(keyFromSecret(SECRET));

describe('the cipher', () => {
  test('opens what it sealed, and seals the same token differently each time', () => {
    const sealed = cipher.seal('pad', 'abcdefghijkl');
    assert.equal(cipher.open('pad', sealed), 'abcdefghijkl');
    assert.notEqual(cipher.seal('pad', 'abcdefghijkl'), sealed);
    assert.match(sealed, /^v1\.[\w-]+$/);
    assert.ok(isSealed(sealed) && !isSealed('abcdefghijkl'));
  });

  const sealed = cipher.seal('pad', 'abcdefghijkl');
  const unreadable = [
    { name: 'sealed for another document', id: 'other', text: sealed },
    {
      name: 'with one bit changed',
      id: 'pad',
      text: `${sealed.slice(0, 10)}${sealed[10] === 'A' ? 'B' : 'A'}${sealed.slice(11)}`,
    },
    { name: 'cut short', id: 'pad', text: sealed.slice(0, 12) },
    { name: 'of nothing', id: 'pad', text: 'v1.' },
    { name: 'in clear', id: 'pad', text: 'abcdefghijkl' },
  ];
  for (const { name, id, text } of unreadable)
    test(`refuses a token ${name}`, () => assert.throws(() => cipher.open(id, text), { code: 'STORE_TOKEN_UNREADABLE' }));

  test('refuses a token sealed under another key', () => {
    const other = createCipher(keyFromSecret(`${SECRET}!`));
    assert.throws(() => other.open('pad', sealed), { code: 'STORE_TOKEN_UNREADABLE', message: /"pad"/ });
  });
});

describe('the key', () => {
  test('is the same for the same secret, and none comes from a short one', () => {
    assert.deepEqual(keyFromSecret(SECRET), keyFromSecret(SECRET));
    assert.equal(keyFromSecret(SECRET).length, 32);
    assert.throws(() => keyFromSecret('x'.repeat(31)), { code: 'STORE_KEY_INVALID', message: /31 bytes/ });
  });

  test('is made once in a file that only its user may read', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('key');
    const key = keyFromFile(file);
    assert.deepEqual(keyFromFile(file), key);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, 'utf8'), /^[\w-]{43}\n$/);
  });

  test('is not made anew in place of a file that holds none', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('key');
    writeFileSync(file, 'half a k');
    chmodSync(file, 0o600);
    assert.throws(() => keyFromFile(file), { code: 'STORE_KEY_INVALID' });
    assert.equal(readFileSync(file, 'utf8'), 'half a k');
    assert.throws(() => keyFromFile(directory.path), { code: 'STORE_KEY_INVALID' });
  });
});
