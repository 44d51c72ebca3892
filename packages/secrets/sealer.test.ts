import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { inspect } from 'node:util';
import { generateSecret } from './generate.ts';
import { createIdentity, unwrap } from './identity.ts';
import { createRedactor } from './redact.ts';
import { createSealer } from './sealer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a sealed secret opens again, also after a restart, and does not show its text', async () => {
  const keyFile = join(directory, 'key.txt');
  const sealed = await createSealer(keyFile).seal('correct horse');
  assert.ok(!Buffer.from(sealed).includes('correct horse'));
  assert.equal(await createSealer(keyFile).open('X', sealed), 'correct horse');
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
});

test('two first uses at once make one key', async () => {
  const sealer = createSealer(join(directory, 'key.txt'));
  const [one, two] = await Promise.all([sealer.seal('one'), sealer.seal('two')]);
  assert.deepEqual([await sealer.open('1', one), await sealer.open('2', two)], ['one', 'two']);
});

test('another key opens nothing, and the error names the secret but not its value', async () => {
  const sealed = await createSealer(join(directory, 'a.txt')).seal('correct horse');
  await assert.rejects(createSealer(join(directory, 'b.txt')).open('SESSION', sealed), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'SECRET_UNREADABLE');
    return error.message.includes('SESSION') && !error.message.includes('horse');
  });
});

test('a key file without a key is refused and kept', async () => {
  const keyFile = join(directory, 'key.txt');
  writeFileSync(keyFile, 'hello\n');
  await assert.rejects(createSealer(keyFile).seal('x'), { code: 'SECRET_KEY_UNREADABLE' });
  assert.equal(statSync(keyFile).size, 6);
});

test('generated secrets are long, safe in a URL, and never the same', () => {
  const made = new Set(Array.from({ length: 100 }, generateSecret));
  assert.equal(made.size, 100);
  for (const secret of made) assert.match(secret, /^[\w-]{43}$/);
});

test('redaction hides the longest value first and leaves short ones', () => {
  const redact = createRedactor(['abcdef', 'abcdefgh', 'on']);
  assert.equal(redact('on abcdefgh abcdef'), 'on [redacted] [redacted]');
});

test('bytes are sealed as they are, and the identity that opens them is given to those who ask', async () => {
  const sealer = createSealer(join(directory, 'key.txt'));
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  const sealed = await sealer.sealBytes(bytes);
  assert.deepEqual(new Uint8Array(await sealer.openBytes('x', sealed)), bytes);
  assert.deepEqual(new Uint8Array(await unwrap(sealed, await sealer.identity())), bytes);
});

test('a key file with a wrong character is refused without telling what it holds', async () => {
  const keyFile = join(directory, 'key.txt');
  const identity = await createIdentity();
  writeFileSync(keyFile, `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}\n`);
  await assert.rejects(createSealer(keyFile).identity(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'SECRET_KEY_UNREADABLE');
    return !inspect(error, { depth: 9 }).includes(identity.slice(20, 40));
  });
});
