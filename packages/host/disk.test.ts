import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { directoryBytes, freeBytes, writeFileAtomic } from './disk.ts';

test('a file is replaced as a whole, with its mode whatever the umask, and nothing is left beside it', async () => {
  await using directory = await temporaryDirectory();
  const before = process.umask(0o077);
  try {
    await writeFileAtomic(directory.join('a'), 'one');
    assert.equal(statSync(directory.join('a')).mode & 0o777, 0o600);
    await writeFileAtomic(directory.join('a'), Buffer.from('two'), 0o644);
  } finally {
    process.umask(before);
  }
  assert.equal(readFileSync(directory.join('a'), 'utf8'), 'two');
  assert.equal(statSync(directory.join('a')).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(directory.path), ['a']);
});

test('a write that fails leaves the old file and nothing else', async () => {
  await using directory = await temporaryDirectory();
  mkdirSync(directory.join('a'));
  await assert.rejects(writeFileAtomic(directory.join('a'), 'one'), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(directory.path), ['a']);
  await assert.rejects(writeFileAtomic(directory.join('missing', 'a'), 'one'), { code: 'ENOENT' });
});

test('the size of a directory counts a file with two names once and follows no link', async () => {
  await using directory = await temporaryDirectory();
  assert.equal(await directoryBytes(directory.join('absent')), 0);
  const empty = await directoryBytes(directory.path);
  mkdirSync(directory.join('deep'));
  writeFileSync(directory.join('deep', 'file'), 'x'.repeat(1_000_000));
  linkSync(directory.join('deep', 'file'), directory.join('again'));
  symlinkSync('/usr', directory.join('link'));
  const grown = (await directoryBytes(directory.path)) - empty;
  assert.ok(grown >= 1_000_000 && grown < 1_100_000, String(grown));
});

test('free space is told in bytes', async () => {
  assert.ok((await freeBytes('/tmp')) > 1_000_000);
});
