import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { filesBelow, openMediaDatabase, openTestLibrary } from './testing/library.ts';
import { noise } from './testing/pictures.ts';

const PROCESS = path.join(import.meta.dirname, 'testing', 'media-process.ts');
const ROUNDS = 12;

const start = (...words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [PROCESS, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });

test('a library that is killed while files come in has neither a row without its file nor a file without its row', {
  timeout: 120_000,
}, async () => {
  await using directory = await temporaryDirectory('bluejay-killed-');
  const random = createRandom(6);
  let told = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = start(directory.path, 'endless');
    const wanted = random.integer(1, 4);
    let seen = 0;
    for await (const _ of createInterface({ input: child.stdout ?? process.stdin })) {
      told += 1;
      seen += 1;
      // Somewhere between two answers: what is half done then differs each time.
      if (seen === wanted) setTimeout(() => child.kill('SIGKILL'), random.integer(0, 120));
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.equal(child.signalCode, 'SIGKILL');
  }

  const database = openMediaDatabase(directory.join('media.db'));
  const uploads = directory.join('uploads');
  const before = filesBelow(uploads);
  // Two hours later: nothing that lies around can belong to somebody who is still at work.
  await using library = await openTestLibrary({ directory: uploads, database, nowMs: Date.now() + 7_200_000 });
  await library.media.settled();
  const after = library.files();
  const names = (table: string, column: string): readonly string[] =>
    database
      .prepare(`SELECT ${column} AS name FROM ${table} ORDER BY 1`)
      .all()
      .map((row) => String(row['name']));
  assert.deepEqual(after['incoming'], []);
  assert.deepEqual(after['originals'], names('media_files', 'stored_name'));
  assert.deepEqual(after['renditions'], names('media_renditions', 'name'));
  const { total } = library.media.list({});
  assert.ok(total >= told, `${total} rows, ${told} were told`);
  assert.equal(after['renditions']?.length, total * 3 * 3);
  const remains = (before['incoming']?.length ?? 0) + (before['originals']?.length ?? 0) - total;
  assert.ok(remains > 0, 'no kill came in the middle of anything: the test proves nothing');
  database.close();
});

test('200 uploads at once take no more memory than a few', { timeout: 120_000 }, async () => {
  await using directory = await temporaryDirectory('bluejay-burst-');
  const child = start(directory.path, 'burst', '200');
  let answer = '';
  child.stdout?.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(child, 'close');
  const { ids, grownBytes } = JSON.parse(answer) as { readonly ids: number; readonly grownBytes: number };
  assert.equal(ids, 200);
  // All 200 bodies together are 400 MB.
  assert.ok(grownBytes < 250e6, `${Math.round(grownBytes / 1e6)} MB more`);
});

const isRoot = process.getuid?.() === 0;

test('a full disk refuses a file with a sentence, keeps nothing of it, and hurts none of the others', {
  skip: !isRoot && 'only root can mount a small disk',
}, async (context) => {
  await using directory = await temporaryDirectory('bluejay-full-');
  const mountPoint = directory.join('disk');
  mkdirSync(mountPoint);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mountPoint], { stdio: 'pipe' });
  } catch (error) {
    context.skip(`this machine does not let us mount: ${String(error).split('\n')[0]}`);
    return;
  }
  try {
    await fillDisk(path.join(mountPoint, 'uploads'));
  } finally {
    execFileSync('umount', [mountPoint]);
  }
});

const fillDisk = async (uploads: string): Promise<void> => {
  await using library = await openTestLibrary({ directory: uploads });
  const first = await library.add('first.txt', text(1_500_000));
  const before = library.files();
  await assert.rejects(library.add('second.txt', text(2_000_000)), { code: 'MEDIA_DISK_FULL', statusCode: 507 });
  assert.deepEqual(library.files(), before);
  await library.add('third.txt', text(900_000));
  const full = library.files();
  // It can be received; written anew at full quality it is too large.
  const large = await noise('jpeg', 800, 600);
  assert.ok(large.length < 400_000, `${large.length}`);
  await assert.rejects(library.add('picture.jpg', large), {
    code: 'MEDIA_DISK_FULL',
    message: /no room left on the server for “picture\.jpg/,
  });
  assert.deepEqual(library.files(), full);
  await library.media.remove(first.id, null);
  await library.add('picture.jpg', large);
  await library.media.settled();
  assert.deepEqual(await library.media.missing(), []);
};

const text = (bytes: number): string =>
  randomBytes(Math.ceil(bytes / 2))
    .toString('hex')
    .slice(0, bytes);
