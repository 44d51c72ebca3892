import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '@berth/kit';
import { temporaryDirectory } from '@berth/testing';
import { blogTag, product, siteSettings } from '../types/index.ts';
import { inTransaction } from '../store/transaction.ts';
import { createChanges } from './changes.ts';
import { NOON, openTestContent } from './testing/test-content.ts';

const ADA = { id: 1, name: 'Ada' };
const HOUR_MS = 3_600_000;

test('a save says which pages it touches', async () => {
  using tested = await openTestContent();
  const { content, changes } = tested;
  const tag = content.create(blogTag, { fields: { name: 'one' } }, ADA);
  const settings = content.single(siteSettings);
  content.update(siteSettings, settings.id, { fields: { siteName: 'Ours' } }, { version: settings.version, actor: ADA });
  content.remove(blogTag, tag.id, ADA);
  content.announce({ type: 'media', id: 7, action: 'updated', tags: ['media:7'] });
  assert.deepEqual(changes, [
    { type: 'blog-tag', id: 1, action: 'created', tags: ['blog-tag:1', 'blog-tag:*'] },
    { type: 'site-settings', id: 1, action: 'updated', tags: ['site-settings:1', 'site-settings:*', 'settings:*'] },
    { type: 'blog-tag', id: 1, action: 'deleted', tags: ['blog-tag:1', 'blog-tag:*'] },
    { type: 'media', id: 7, action: 'updated', tags: ['media:7'] },
  ]);
});

test('another connection learns of a save when it looks, once, and one does not hear oneself again', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  using here = await openTestContent({ file });
  using there = await openTestContent({ file });
  here.content.create(blogTag, { fields: { name: 'one' } }, ADA);
  assert.deepEqual(there.changes, []);
  there.content.notice();
  assert.deepEqual(there.changes, here.changes);
  there.content.notice();
  here.content.notice();
  assert.equal(there.changes.length, 1);
  assert.equal(here.changes.length, 1);
  // Both save, then both look.
  there.content.create(blogTag, { fields: { name: 'two' } }, ADA);
  here.content.create(blogTag, { fields: { name: 'three' } }, ADA);
  here.content.notice();
  there.content.notice();
  assert.deepEqual(
    [here, there].map(({ changes }) => changes.map(({ id }) => id)),
    [
      [1, 3, 2],
      [1, 2, 3],
    ],
  );
});

test('who has not looked for longer than changes are kept is told that everything may have changed', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  using here = await openTestContent({ file });
  using there = await openTestContent({ file });
  here.content.create(blogTag, { fields: { name: 'one' } }, ADA);
  here.clock.nowMs = NOON + 2 * HOUR_MS;
  here.content.create(blogTag, { fields: { name: 'two' } }, ADA);
  there.content.notice();
  assert.deepEqual(
    there.changes.map(({ tags }) => tags),
    [['*'], ['blog-tag:2', 'blog-tag:*']],
  );
});

test('what is undone as a whole is not told to others', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  using here = await openTestContent({ file });
  using there = await openTestContent({ file });
  const dryRun = (): void =>
    inTransaction(here.database, () => {
      here.content.create(blogTag, { fields: { name: 'tried' } }, ADA);
      throw new Error('only a trial');
    });
  assert.throws(dryRun, /only a trial/);
  assert.equal(here.content.list(blogTag).total, 0);
  there.content.notice();
  assert.deepEqual(there.changes, []);
});

test('a listener that fails takes neither the save nor the other listeners with it', async () => {
  using tested = await openTestContent();
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    format: 'json',
    destination: { write: (line) => lines.push(line), flush: () => undefined },
  });
  const changes = createChanges({ database: tested.database, now: () => NOON, log });
  const heard: number[] = [];
  changes.onChange(() => {
    throw new Error('deaf');
  });
  changes.onChange(({ id }) => heard.push(id));
  changes.saving(() => changes.note({ type: product.name, id: 3, action: 'updated', tags: [] }));
  assert.deepEqual(heard, [3]);
  assert.match(lines.join(''), /content\.listener_failed.*deaf/s);
});

test('a listener may save something itself', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  let isFirst = true;
  content.onChange(() => {
    if (!isFirst) return;
    isFirst = false;
    content.create(blogTag, { fields: { name: 'second' } }, ADA);
  });
  content.create(blogTag, { fields: { name: 'first' } }, ADA);
  assert.deepEqual(
    tested.changes.map(({ id }) => id),
    [1, 2],
  );
});
