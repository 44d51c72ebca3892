import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { createDirectoryTarget } from './directory-target.ts';
import { createSealer, sealTarget } from './seal.ts';
import type { Target } from './target.ts';

const dataKey = Buffer.alloc(32, 'k');
const sealer = createSealer({ dataKey });
const CHUNK = 64 * 1024;
const HEAD = 41;
const SEALED_CHUNK = CHUNK + 16;

const bytesOf = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const seal = (name: string, content: Buffer): Promise<Buffer> => bytesOf(sealer.seal(name, content));
const open = (name: string, sealed: Buffer, by = sealer): Promise<Buffer> => bytesOf(by.open(name, inPieces(sealed, 50_001)));

const contentOf = (length: number): Buffer => {
  const random = createRandom(length + 1);
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
};

for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
  test(`${length} bytes come back, in any pieces`, async () => {
    const content = contentOf(length);
    const sealed = await bytesOf(sealer.seal('a/b', inPieces(content, 10_007)));
    assert.ok((await open('a/b', sealed)).equals(content));
    // An empty object and one that ends with a whole chunk have no empty chunk more than they need.
    assert.equal(sealed.length, HEAD + length + 16 * Math.max(1, Math.ceil(length / CHUNK)));
  });

test('the same content under the same name is never the same bytes: no nonce is used twice with one key', async () => {
  const [first, second] = [await seal('a/b', contentOf(100)), await seal('a/b', contentOf(100))];
  assert.ok(!first.subarray(HEAD).equals(second.subarray(HEAD)));
});

const sealed = await seal('a/b', contentOf(3 * CHUNK + 7));
const chunk = (number: number): Buffer => sealed.subarray(HEAD + number * SEALED_CHUNK, HEAD + (number + 1) * SEALED_CHUNK);
const head = sealed.subarray(0, HEAD);
const changed = (at: number): Buffer => {
  const bytes = Buffer.from(sealed);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};

for (const [what, bytes, code] of [
  ['cut off between chunks', Buffer.concat([head, chunk(0), chunk(1)]), 'SEAL_BROKEN'],
  ['cut off within a chunk', sealed.subarray(0, -5), 'SEAL_BROKEN'],
  ['cut off within a tag', sealed.subarray(0, HEAD + 5), 'SEAL_BROKEN'],
  ['without chunks', head, 'SEAL_BROKEN'],
  ['cut off within its head', sealed.subarray(0, 20), 'SEAL_BROKEN'],
  ['with two chunks exchanged', Buffer.concat([head, chunk(1), chunk(0), chunk(2), chunk(3)]), 'SEAL_BROKEN'],
  ['with a chunk left out', Buffer.concat([head, chunk(0), chunk(2), chunk(3)]), 'SEAL_BROKEN'],
  ['with a chunk twice', Buffer.concat([head, chunk(0), chunk(0), chunk(1), chunk(2), chunk(3)]), 'SEAL_BROKEN'],
  ['with something added', Buffer.concat([sealed, Buffer.alloc(40)]), 'SEAL_BROKEN'],
  ['with a bit changed in its content', changed(HEAD + 70_000), 'SEAL_BROKEN'],
  ['with a bit changed in its salt', changed(20), 'SEAL_BROKEN'],
  ['with another version', changed(8), 'SEAL_BROKEN'],
  ['that was never encrypted', contentOf(200), 'SEAL_MISSING'],
  ['that is empty', Buffer.alloc(0), 'SEAL_MISSING'],
] as const)
  test(`an object ${what} is refused`, async () => {
    await assert.rejects(open('a/b', bytes), { code });
  });

test('each bit of a small object counts', async () => {
  const small = await seal('a/b', contentOf(30));
  for (let at = 0; at < small.length; at += 1) {
    const bytes = Buffer.from(small);
    bytes[at] = (bytes[at] ?? 0) ^ 0x80;
    await assert.rejects(open('a/b', bytes), { name: 'BerthError' }, `byte ${at}`);
    await assert.rejects(open('a/b', small.subarray(0, at)), { name: 'BerthError' }, `cut at ${at}`);
  }
});

test('an object is refused under another name and with another key', async () => {
  await assert.rejects(open('a/c', sealed), { code: 'SEAL_BROKEN' });
  await assert.rejects(open('a/b', sealed, createSealer({ dataKey: Buffer.alloc(32, 'l') })), { code: 'SEAL_BROKEN' });
});

test('a key has 32 bytes', () => {
  assert.throws(() => createSealer({ dataKey: Buffer.alloc(31) }), { code: 'DATA_KEY_INVALID' });
});

test('through a sealed target nothing readable leaves, and parts can be asked for', async () => {
  await using directory = await temporaryDirectory();
  const plain = createDirectoryTarget(directory.join('target'));
  const target: Target = sealTarget(plain, sealer);
  const content = Buffer.from('the secret of the house '.repeat(9_000));
  await target.put('db/x', content, {});
  await target.put('db/y', Buffer.from('the secret of the house'), {});
  for (const name of ['x', 'y']) {
    const stored = readFileSync(directory.join('target', 'db', name));
    assert.equal(stored.includes('secret'), false);
  }
  assert.deepEqual(readdirSync(directory.join('target')).toSorted(), ['.incoming', 'db']);
  assert.ok((await bytesOf(await target.get('db/x', {}))).equals(content));
  for (const [from, length] of [
    [0, 10],
    [70_000, 100],
    [65_530, 20],
    [content.length - 5, 100],
  ] as const)
    assert.deepEqual(await bytesOf(await target.get('db/x', { from, length })), content.subarray(from, from + length));
  // Exchanged at the target, by whoever can write there.
  const [x, y] = ['x', 'y'].map((name) => readFileSync(directory.join('target', 'db', name)));
  writeFileSync(path.join(directory.path, 'target', 'db', 'x'), y ?? '');
  writeFileSync(path.join(directory.path, 'target', 'db', 'y'), x ?? '');
  await assert.rejects(async () => bytesOf(await target.get('db/x', {})), { code: 'SEAL_BROKEN' });
});
