import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { createDirectoryTarget } from './directory-target.ts';
import type { Target } from './target.ts';

const bytesOf = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
const read = async (target: Target, name: string, part = {}): Promise<string> => bytesOf(await target.get(name, part));
const list = async (target: Target, prefix: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const { name, bytes } of target.list(prefix)) found.push(`${name} ${bytes}`);
  return found.toSorted();
};
const incoming = (directory: string): string[] => readdirSync(`${directory}/.incoming`);

test('what is put is got, listed and deleted', async () => {
  await using directory = await temporaryDirectory();
  const target = createDirectoryTarget(directory.join('made', 'when', 'needed'));
  assert.deepEqual(await list(target, ''), []);
  await target.put('db/a/1', Buffer.from('one'), {});
  await target.put('db/a/2', inParts('tw', 'o'), {});
  await target.put('db/b', Buffer.from('three'), {});
  await target.put('dbx', Buffer.from(''), {});
  assert.equal(await read(target, 'db/a/2'), 'two');
  assert.equal(await read(target, 'db/b', { from: 1, length: 3 }), 'hre');
  assert.equal(await read(target, 'db/b', { from: 3 }), 'ee');
  assert.equal(await read(target, 'db/b', { from: 30 }), '');
  assert.deepEqual(await list(target, ''), ['db/a/1 3', 'db/a/2 3', 'db/b 5', 'dbx 0']);
  assert.deepEqual(await list(target, 'db/'), ['db/a/1 3', 'db/a/2 3', 'db/b 5']);
  assert.deepEqual(await list(target, 'db/a/2'), ['db/a/2 3']);
  assert.deepEqual(await list(target, 'd'), ['db/a/1 3', 'db/a/2 3', 'db/b 5', 'dbx 0']);
  assert.deepEqual(await list(target, 'none/'), []);
  await target.delete(['db/a/1', 'db/none', 'none/none', 'dbx/under-a-file']);
  assert.deepEqual(await list(target, 'db/a/'), ['db/a/2 3']);
  await assert.rejects(read(target, 'db/a/1'), { code: 'TARGET_OBJECT_MISSING' });
  await assert.rejects(read(target, 'db/a'), { code: 'TARGET_OBJECT_MISSING' }, 'a directory is no object');
});

async function* inParts(...texts: string[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (const text of texts) yield Buffer.from(text);
}

test('a listing of many is complete', async () => {
  await using directory = await temporaryDirectory();
  const target = createDirectoryTarget(directory.path);
  const names = Array.from({ length: 300 }, (_, index) => `db/object-${index}`);
  for (const name of names.slice(0, 1)) await target.put(name, Buffer.from('x'), {});
  for (const name of names.slice(1)) writeFileSync(directory.join(name), 'x');
  assert.deepEqual(await list(target, 'db/'), names.map((name) => `${name} 1`).toSorted());
});

test('an object is replaced, unless it shall be absent', async () => {
  await using directory = await temporaryDirectory();
  const target = createDirectoryTarget(directory.path);
  await target.put('db/a', Buffer.from('first'), { ifAbsent: true });
  await assert.rejects(target.put('db/a', Buffer.from('second'), { ifAbsent: true }), { code: 'TARGET_EXISTS' });
  assert.equal(await read(target, 'db/a'), 'first');
  await target.put('db/a', Buffer.from('third'), {});
  assert.equal(await read(target, 'db/a'), 'third');
  assert.deepEqual(incoming(directory.path), []);
});

test('of many that put the same name at once, one wins and the others are told', async () => {
  await using directory = await temporaryDirectory();
  const targets = Array.from({ length: 8 }, () => createDirectoryTarget(directory.path));
  const outcomes = await Promise.allSettled(
    targets.map((target, index) => target.put('db/epochs/1', Buffer.from(`${index}`), { ifAbsent: true })),
  );
  const winners = outcomes.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [`${index}`] : []));
  assert.deepEqual(winners, [readFileSync(directory.join('db', 'epochs', '1'), 'utf8')]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'TARGET_EXISTS');
});

test('a body that fails, or is aborted, leaves nothing', async () => {
  await using directory = await temporaryDirectory();
  const target = createDirectoryTarget(directory.path);
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield* inParts('half');
    throw new Error('the source is gone');
  };
  await assert.rejects(target.put('db/a', failing(), {}), /the source is gone/);
  const unreadable = async function* (): AsyncGenerator<Uint8Array> {
    yield readFileSync(directory.join('not', 'there'));
    await Promise.resolve();
  };
  await assert.rejects(target.put('db/a', unreadable(), {}), { code: 'ENOENT' }, 'no fault of the target');
  const controller = new AbortController();
  const aborting = async function* (): AsyncGenerator<Uint8Array> {
    yield* inParts('half');
    controller.abort();
    yield* inParts('rest');
  };
  await assert.rejects(target.put('db/a', aborting(), { signal: controller.signal }), { name: 'AbortError' });
  assert.deepEqual(await list(target, ''), []);
  assert.deepEqual(incoming(directory.path), []);
});

for (const name of [
  '../a',
  'db/../../a',
  '/etc/a',
  'db//a',
  'db/',
  '.incoming/a',
  'db/.a',
  'a\0b',
  '',
  `db/${'x'.repeat(2_000)}`,
])
  test(`the name ${JSON.stringify(name.slice(0, 20))} leads nowhere`, async () => {
    await using directory = await temporaryDirectory();
    const target = createDirectoryTarget(directory.join('target'));
    await assert.rejects(target.put(name, Buffer.from('x'), {}), { code: 'TARGET_NAME_REFUSED' });
    await assert.rejects(read(target, name), { code: 'TARGET_NAME_REFUSED' });
    await assert.rejects(target.delete([name]), { code: 'TARGET_NAME_REFUSED' });
  });

test('a link inside the target leads nowhere either', async () => {
  await using directory = await temporaryDirectory();
  mkdirSync(directory.join('target'));
  mkdirSync(directory.join('outside'));
  symlinkSync(directory.join('outside'), directory.join('target', 'db'));
  const target = createDirectoryTarget(directory.join('target'));
  await assert.rejects(target.put('db/a', Buffer.from('x'), {}), { code: 'TARGET_NAME_REFUSED' });
  assert.deepEqual(readdirSync(directory.join('outside')), []);
});

test('a target that is itself reached by a link works', async () => {
  await using directory = await temporaryDirectory();
  mkdirSync(directory.join('disk'));
  symlinkSync(directory.join('disk'), directory.join('target'));
  await createDirectoryTarget(directory.join('target')).put('db/a', Buffer.from('x'), {});
  assert.equal(readFileSync(directory.join('disk', 'db', 'a'), 'utf8'), 'x');
});

test('files left by programs that died are removed at the next start, those of living ones stay', async () => {
  await using directory = await temporaryDirectory();
  mkdirSync(directory.join('.incoming'));
  const uuid = '00000000-0000-4000-8000-000000000000';
  const file = (name: string): string => directory.join('.incoming', name);
  // Process 1 lives as long as the machine; numbers beyond pid_max belong to nobody.
  const files = {
    dead: file(`${hostname()}.99999999.${uuid}`),
    living: file(`${hostname()}.1.${uuid}`),
    elsewhere: file(`other.host.99999999.${uuid}`),
    elsewhereLongAgo: file(`another.host.1.${uuid}`),
  };
  for (const path of Object.values(files)) writeFileSync(path, 'half');
  const longAgo = Date.now() / 1000 - 25 * 3600;
  utimesSync(files.elsewhereLongAgo, longAgo, longAgo);
  await createDirectoryTarget(directory.path).put('db/a', Buffer.from('x'), {});
  assert.deepEqual(
    Object.entries(files)
      .filter(([, path]) => existsSync(path))
      .map(([name]) => name),
    ['living', 'elsewhere'],
  );
});

test('a target that cannot be written says so', async () => {
  await using directory = await temporaryDirectory();
  writeFileSync(directory.join('file'), 'not a directory');
  const target = createDirectoryTarget(directory.join('file', 'target'));
  await assert.rejects(target.put('db/a', Buffer.from('x'), {}), { code: 'TARGET_FAILED' });
});
