/** A directory target under kill -9 and on a disk that is full. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { createRandom, temporaryDirectory, waitUntil } from '@berth/testing';
import { createDirectoryTarget } from './directory-target.ts';

const OBJECT_BYTES = 4 * 1024 * 1024;

/** An import in the text of a program that another process runs. */
const here = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);

/** Puts objects 0, 1, 2 … of one byte repeated, a few at a time, until it is killed. */
const WRITER = `
import { createDirectoryTarget } from ${here('./directory-target.ts')};
const [directory, first] = process.argv.slice(1);
const target = createDirectoryTarget(directory);
const content = async function* (number) {
  for (let part = 0; part < 64; part += 1) yield Buffer.alloc(${OBJECT_BYTES / 64}, number % 251);
};
for (let number = Number(first); ; number += 2) {
  await Promise.all([number, number + 1].map((n) => target.put('db/object-' + n, content(n), { ifAbsent: true })));
  process.stdout.write(number + '\\n');
}`;

test('killed at any moment, a writer leaves whole objects and nothing else that would be listed', async () => {
  await using directory = await temporaryDirectory();
  const random = createRandom(20);
  let first = 0;
  let leftHalf = 0;
  for (let round = 0; round < 12; round += 1) {
    const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, directory.path, `${first}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(writer, 'exit');
    let acknowledged = -1;
    writer.stdout.on('data', (text: Buffer) => {
      acknowledged = Number(text.toString().trim().split('\n').at(-1)) + 1;
    });
    const wanted = first + random.integer(0, 6);
    await waitUntil(() => acknowledged >= wanted, { what: 'puts are acknowledged', withinMs: 30_000 });
    // Somewhere inside the next put.
    const half = random.boolean();
    if (half)
      await waitUntil(() => readdirSync(directory.join('.incoming')).length > 0, {
        what: 'a put begins',
        withinMs: 30_000,
        everyMs: 1,
      });
    writer.kill('SIGKILL');
    await ended;
    if (readdirSync(directory.join('.incoming')).length > 0) leftHalf += 1;
    const target = createDirectoryTarget(directory.path);
    const found = new Set<number>();
    for await (const { name, bytes } of target.list('db/')) {
      assert.equal(bytes, OBJECT_BYTES, name);
      const number = Number(name.slice('db/object-'.length));
      found.add(number);
      if (number < first) continue;
      for await (const chunk of await target.get(name, {}))
        assert.ok(Buffer.alloc(chunk.length, number % 251).equals(Buffer.from(chunk)), name);
    }
    for (let number = first; number <= acknowledged; number += 1) assert.ok(found.has(number), `${number} was acknowledged`);
    first = Math.max(...found) + 1;
  }
  assert.ok(leftHalf > 0, 'no kill ever met a put on its way');
  await createDirectoryTarget(directory.path).put('db/after', Buffer.from('x'), {});
  assert.deepEqual(readdirSync(directory.join('.incoming')), []);
});

const isRoot = process.getuid?.() === 0;

test('a full disk is told as such, and what is stored stays', {
  skip: isRoot ? false : 'only root may mount a small disk',
}, async (t) => {
  await using directory = await temporaryDirectory();
  const disk = directory.join('disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('this machine lets nobody mount');
    return;
  }
  try {
    const target = createDirectoryTarget(disk);
    await target.put('db/small', Buffer.alloc(1024 * 1024, 'a'), {});
    await assert.rejects(target.put('db/large', Buffer.alloc(OBJECT_BYTES), {}), { code: 'TARGET_FULL' });
    await target.put('db/next', Buffer.alloc(1024 * 1024, 'b'), {});
    const names: string[] = [];
    for await (const { name } of target.list('')) names.push(name);
    assert.deepEqual(names.toSorted(), ['db/next', 'db/small']);
    assert.deepEqual(readdirSync(`${disk}/.incoming`), []);
  } finally {
    execFileSync('umount', [disk]);
  }
});
