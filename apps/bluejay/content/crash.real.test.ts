import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, temporaryDirectory, waitUntil } from '@berth/testing';
import { backUp } from '../store/backup.ts';
import { blogTag, product } from '../types/index.ts';
import type { Content } from './content.ts';
import type { AnyRecord } from './content-type.ts';
import { mediaIn } from './media-uses.ts';
import { snapshotOf } from './snapshot.ts';
import { Program } from './testing/program.ts';
import { openTestContent } from './testing/test-content.ts';

const WRITER = new URL('testing/writer-program.ts', import.meta.url);
const ROUNDS = 12;

test(`what was saved is there, whole, after ${ROUNDS} times kill -9 in a burst of saves`, { timeout: 120_000 }, async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  const random = createRandom(20_260_601);
  for (let round = 0; round < ROUNDS; round++) {
    await using writer = new Program(WRITER, [file, String(round)]);
    const saves = random.integer(1, 5);
    await waitUntil(() => writer.hasEnded || writer.lines.length >= saves, { what: `${saves} saves`, everyMs: 2 });
    assert.ok(!writer.hasEnded, writer.errors);
    // Not a wait for anything: the moment of the kill has to be any.
    await sleep(random.integer(0, 60));
    await writer.kill();

    using tested = await openTestContent({ file });
    assert.deepEqual(complaintsOf(tested.database), ['ok']);
    const records = all(tested.content);
    const versions = new Map(writer.lines.map((line) => line.split(' ').map(Number) as [number, number]));
    for (const record of records) {
      assertWhole(tested, record);
      assert.ok(record.version >= (versions.get(record.id) ?? 0), `product ${record.id} has all that was committed`);
      versions.delete(record.id);
    }
    // What is not there any more was deleted, with all that belonged to it.
    for (const id of versions.keys()) assertGone(tested.database, id);
  }
});

test('a backup that is made in a burst of saves is whole', { timeout: 60_000 }, async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  using tested = await openTestContent({ file });
  await using writer = new Program(WRITER, [file, '3']);
  for (let number = 0; number < 3; number++) {
    const before = writer.lines.length;
    await waitUntil(() => writer.hasEnded || writer.lines.length > before + 5, { what: 'the writer has saved more', everyMs: 2 });
    assert.ok(!writer.hasEnded, writer.errors);
    const copy = await backUp(tested.database, { directory: directory.join('backups'), now: Date.now() });
    using copied = await openTestContent({ file: copy });
    assert.deepEqual(complaintsOf(copied.database), ['ok']);
    const records = all(copied.content);
    assert.ok(records.length > 0);
    for (const record of records) assertWhole(copied, record);
  }
});

test('another process saves, and this one is told which pages to make anew', { timeout: 60_000 }, async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  using tested = await openTestContent({ file });
  await using writer = new Program(WRITER, [file, '7', '5']);
  assert.equal(await writer.ended(), 0, writer.errors);
  tested.content.notice();
  const [id = ''] = writer.lines[0]?.split(' ') ?? [];
  assert.ok(
    tested.changes.some(({ type, tags }) => type === 'product' && tags.includes(`product:${id}`) && tags.includes('product:*')),
    JSON.stringify(tested.changes),
  );
  const before = tested.changes.length;
  tested.content.create(blogTag, { fields: { name: 'mine' } }, null);
  tested.content.notice();
  assert.equal(tested.changes.length, before + 1, 'its own is told once');
});

const all = (content: Content): readonly AnyRecord[] =>
  content.list(product, { perPage: 1_000 }).records as readonly unknown[] as readonly AnyRecord[];

const complaintsOf = (database: DatabaseSync): readonly unknown[] => [
  ...database
    .prepare('PRAGMA integrity_check')
    .all()
    .map((row) => row['integrity_check']),
  ...database.prepare('PRAGMA foreign_key_check').all(),
];

/** The record, its newest revision, its media, its words for the search: all of one save. */
const assertWhole = ({ content, database }: Awaited<ReturnType<typeof openTestContent>>, record: AnyRecord): void => {
  const revisions = content.revisions(product, record.id);
  assert.equal(revisions.length, record.version);
  assert.equal(revisions[0]?.number, record.version);
  assert.deepEqual(content.revision(product, record.id, record.version), snapshotOf(product, record));
  const media = database
    .prepare("SELECT media FROM media_uses WHERE type = 'product' AND record = ? ORDER BY media")
    .all(record.id);
  assert.deepEqual(
    media.map((row) => row['media']),
    mediaIn(product, record),
  );
  const words = database
    .prepare(
      "SELECT title FROM search_index WHERE rowid = (SELECT id FROM search_documents WHERE type = 'product' AND record = ?)",
    )
    .get(record.id);
  assert.equal(words?.['title'], record.fields['name']);
};

const assertGone = (database: DatabaseSync, id: number): void => {
  for (const sql of [
    'SELECT 1 FROM products WHERE id = ?',
    'SELECT 1 FROM products_specs WHERE record = ?',
    "SELECT 1 FROM revisions WHERE type = 'product' AND record = ?",
    "SELECT 1 FROM search_documents WHERE type = 'product' AND record = ?",
    "SELECT 1 FROM media_uses WHERE type = 'product' AND record = ?",
  ])
    assert.equal(database.prepare(sql).get(id), undefined, sql);
};
