import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { test } from 'node:test';
import {
  createDummyHash,
  createOneTimePassword,
  hashPassword,
  needsRehash,
  passwordProblem,
  verifyPassword,
} from './password.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');

test('a password is kept as argon2id with 19 MiB and two passes, and verified against that alone', async () => {
  const hash = await hashPassword('seven blue jays');
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.equal(await verifyPassword(hash, 'seven blue jays'), true);
  assert.equal(await verifyPassword(hash, 'seven blue jay'), false);
  assert.notEqual(await hashPassword('seven blue jays'), hash);
  assert.equal(needsRehash(hash), false);
});

test('a hash that another program made with other parameters is verified with those, and is to be made anew', async () => {
  const nonce = Buffer.from('0123456789abcdef');
  const tag = argon2Sync('argon2id', { message: 'seven blue jays', nonce, parallelism: 2, tagLength: 24, memory: 64, passes: 1 });
  const hash = `$argon2id$v=19$m=64,t=1,p=2$${base64(nonce)}$${base64(tag)}`;
  assert.equal(await verifyPassword(hash, 'seven blue jays'), true);
  assert.equal(needsRehash(hash), true);
});

test('the same letters composed in another way are the same password', async () => {
  assert.equal(await verifyPassword(await hashPassword('blåhäher im garten'.normalize('NFD')), 'blåhäher im garten'), true);
});

for (const hash of [
  '',
  'plain',
  '$2a$10$abcdefghijklmnopqrstuv',
  '$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAA$BBBB',
  '$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$',
])
  test(`nothing matches a hash that is none: ${JSON.stringify(hash)}`, async () => {
    assert.equal(await verifyPassword(hash, ''), false);
    assert.equal(needsRehash(hash), true);
  });

test('the dummy hash is one like all others, of no password', async () => {
  const hash = createDummyHash();
  assert.equal(needsRehash(hash), false);
  assert.equal(await verifyPassword(hash, ''), false);
});

const RULES: readonly (readonly [string, RegExp | null])[] = [
  ['eleven char', /at least 12/],
  ['äöüßäöüßäöü', /at least 12/],
  ['twelve chars', null],
  ['x'.repeat(40), /first that are guessed/],
  ['abababababababab', /first that are guessed/],
  ['Password1234', /first that are guessed/],
  ['correct horse battery staple', /first that are guessed/],
  ['Jay@Example.com', /mail address/],
  ['seven blue jays in a row', null],
  ['abcde'.repeat(41), /at most 200/],
];
for (const [password, problem] of RULES)
  test(`as a password, ${JSON.stringify(password.slice(0, 30))} is ${problem === null ? 'good' : 'refused'}`, () => {
    const found = passwordProblem(password, { email: 'jay@example.com' });
    if (problem === null) assert.equal(found, null);
    else assert.match(found ?? '', problem);
  });

test('a one-time password fulfils the rules, and is another one each time', () => {
  const made = Array.from({ length: 50 }, createOneTimePassword);
  assert.equal(new Set(made).size, 50);
  for (const one of made) {
    assert.match(one, /^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    assert.equal(passwordProblem(one, { email: 'jay@example.com' }), null);
  }
});
