import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { createPageTable, loadPageTable, type PageTable } from './page-table.ts';

const PAGE = 512;
const page = (text: string): Buffer => Buffer.alloc(PAGE, text);

const tableOf = (pages: readonly Buffer[]): PageTable => {
  const table = createPageTable(PAGE);
  for (const [index, content] of pages.entries()) table.update(index + 1, content);
  return table;
};

test('the checksum depends on the state alone, not on how it came about', () => {
  const random = createRandom(11);
  const table = createPageTable(PAGE);
  let pages: Buffer[] = [];
  for (let round = 0; round < 500; round += 1) {
    if (random.boolean(0.1)) {
      const size = random.integer(0, 40);
      table.resize(size);
      pages = Array.from({ length: size }, (_, index) => pages[index] ?? Buffer.alloc(PAGE));
    } else {
      const number = random.integer(1, pages.length + 1);
      const content = random.boolean(0.1) ? Buffer.alloc(PAGE) : page(random.text(8));
      const isNew = !(pages[number - 1] ?? Buffer.alloc(PAGE)).equals(content);
      assert.equal(table.update(number, content), isNew);
      pages[number - 1] = content;
    }
    assert.equal(table.pages, pages.length);
    assert.equal(table.checksum, tableOf(pages).checksum);
  }
});

test('it tells whether a page is the one it knows', () => {
  const table = tableOf([page('a'), page('b')]);
  assert.equal(table.matches(1, page('a')), true);
  assert.equal(table.matches(1, page('b')), false);
  assert.equal(table.matches(3, page('a')), false);
});

test('the page of the lock byte is no part of the state', () => {
  const lock = 0x4000_0000 / 65_536 + 1;
  const table = createPageTable(65_536);
  table.resize(lock + 1);
  const { checksum } = table;
  assert.equal(table.update(lock, Buffer.alloc(65_536, 'x')), false);
  assert.equal(table.checksum, checksum);
  assert.equal(table.matches(lock, Buffer.alloc(65_536, 'y')), true);
});

test('a saved table comes back with its label, and a damaged one not at all', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('table');
  const table = tableOf([page('a'), page('b'), page('c')]);
  await table.save(file, 'lineage/42');
  const loaded = await loadPageTable(file);
  assert.equal(loaded?.label, 'lineage/42');
  assert.equal(loaded?.table.checksum, table.checksum);
  assert.equal(loaded?.table.pages, 3);
  loaded?.table.update(2, page('d'));
  assert.equal(loaded?.table.checksum, tableOf([page('a'), page('d'), page('c')]).checksum);
  assert.deepEqual(await readdir(directory.path), ['table']);

  const bytes = await readFile(file);
  for (let at = 0; at < bytes.length; at += 1) {
    const broken = Buffer.from(bytes);
    broken[at] = (broken[at] ?? 0) ^ 1;
    await writeFile(file, broken);
    assert.equal(await loadPageTable(file), undefined, `byte ${at}`);
  }
  await writeFile(file, bytes.subarray(0, -1));
  assert.equal(await loadPageTable(file), undefined);
  assert.equal(await loadPageTable(directory.join('none')), undefined);
});
