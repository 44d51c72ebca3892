import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as age from 'age-encryption';
import { createIdentity, openWithPassphrase, recipientOf, sealWithPassphrase, unwrap, wrap } from './index.ts';

const KEY = Buffer.alloc(32, 7);

test('what is wrapped for an identity comes back, binary or armored, and its text shows nothing', async () => {
  const identity = await createIdentity();
  const wrapped = await wrap(KEY, await recipientOf(identity));
  assert.deepEqual(Buffer.from(await unwrap(wrapped, identity)), KEY);
  assert.deepEqual(Buffer.from(await unwrap(Buffer.from(age.armor.encode(wrapped)), identity)), KEY);
  assert.ok(!Buffer.from(wrapped).includes(KEY));
});

test('another identity, or a changed byte, opens nothing', async () => {
  const identity = await createIdentity();
  const wrapped = await wrap(KEY, await recipientOf(identity));
  await assert.rejects(unwrap(wrapped, await createIdentity()), { code: 'SEALED_FOR_ANOTHER' });
  for (const at of [0, 30, 80, wrapped.length - 1]) {
    const changed = Uint8Array.from(wrapped);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await assert.rejects(unwrap(changed, identity), { code: 'SEALED_FOR_ANOTHER' }, `byte ${at}`);
  }
  await assert.rejects(unwrap(wrapped.subarray(0, -1), identity), { code: 'SEALED_FOR_ANOTHER' });
});

test('an identity with a wrong character is refused, and the error does not hold it', async () => {
  const identity = await createIdentity();
  const wrong = identity.slice(0, -1) + (identity.endsWith('Q') ? 'P' : 'Q');
  for (const given of [wrong, identity.slice(0, -3), 'hello', '']) {
    await assert.rejects(recipientOf(given), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'IDENTITY_INVALID');
      assert.equal(error.cause, undefined);
      return !error.message.includes(identity.slice(20, 40));
    });
  }
});

test('a passphrase opens what it sealed, in the form that other programs read', { timeout: 60_000 }, async () => {
  const sealed = await sealWithPassphrase('correct horse', 'battery staple');
  assert.ok(!sealed.includes('horse'));
  assert.equal(await openWithPassphrase(`\n${sealed}\n`, 'battery staple'), 'correct horse');
  const decrypter = new age.Decrypter();
  decrypter.addPassphrase('battery staple');
  assert.equal(await decrypter.decrypt(age.armor.decode(sealed), 'text'), 'correct horse');

  const encrypter = new age.Encrypter();
  encrypter.setPassphrase('battery staple');
  encrypter.setScryptWorkFactor(12);
  const theirs = age.armor.encode(await encrypter.encrypt('theirs'));
  assert.equal(await openWithPassphrase(theirs, 'battery staple'), 'theirs');
  await assert.rejects(openWithPassphrase(theirs, 'battery stable'), { code: 'PASSPHRASE_WRONG' });
});

test('sealing with a passphrase leaves the thread to others', { timeout: 60_000 }, async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 10);
  await sealWithPassphrase('x', 'y');
  clearInterval(timer);
  // On the thread itself there would be one turn or two.
  assert.ok(turns > 5, `${turns} turns`);
});

test('what was not sealed with a passphrase, or is damaged, is told from a wrong passphrase', async () => {
  const forIdentity = age.armor.encode(await wrap(KEY, await recipientOf(await createIdentity())));
  const encrypter = new age.Encrypter();
  encrypter.setPassphrase('right');
  encrypter.setScryptWorkFactor(10);
  const sealed = age.armor.encode(await encrypter.encrypt('text of some length'));
  const cut = `${sealed.slice(0, sealed.length - 60)}\n-----END AGE ENCRYPTED FILE-----`;
  for (const text of [forIdentity, sealed.slice(0, 200), cut, 'hello', ''])
    await assert.rejects(openWithPassphrase(text, 'right'), { code: 'SEALED_UNREADABLE' }, text);
});
