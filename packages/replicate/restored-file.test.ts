import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { createRestoredFile } from './restored-file.ts';
import { createScratchPages } from './scratch-pages.ts';

const PAGE = 512;

test('the file is what the pages and sizes make of it, in whatever portions it was written', async () => {
  await using directory = await temporaryDirectory();
  const random = createRandom(21);
  for (let round = 0; round < 30; round += 1) {
    const file = directory.join(`${round}.db`);
    let expected: Buffer[] = [];
    {
      using restored = createRestoredFile(file, PAGE);
      for (let transaction = random.integer(1, 200); transaction > 0; transaction -= 1) {
        const size = random.boolean(0.2) ? random.integer(1, 60) : Math.max(1, expected.length);
        for (let frames = random.integer(0, 5); frames > 0; frames -= 1) {
          // A transaction may write pages that it cuts off itself.
          const page = random.integer(1, size + 3);
          const content = Buffer.alloc(PAGE, random.text(5));
          restored.set(page, content);
          while (expected.length < page) expected.push(Buffer.alloc(PAGE));
          expected[page - 1] = content;
        }
        restored.resize(size);
        expected = Array.from({ length: size }, (_, index) => expected[index] ?? Buffer.alloc(PAGE));
        if (random.boolean(0.5)) restored.endBlock();
      }
      restored.flush();
    }
    assert.ok(readFileSync(file).equals(Buffer.concat(expected)), `round ${round}`);
  }
});

test('of scratch pages the last version of each is given, in order, without those cut off', async () => {
  await using directory = await temporaryDirectory();
  const random = createRandom(22);
  using scratch = createScratchPages(directory.path, PAGE);
  const expected = new Map<number, Buffer>();
  for (let step = 0; step < 5_000; step += 1) {
    const page = random.integer(1, 3_000);
    const content = Buffer.alloc(PAGE, random.text(5));
    scratch.set(page, content);
    expected.set(page, content);
    if (random.boolean(0.999)) continue;
    const size = random.integer(1_000, 3_000);
    scratch.cut(size);
    for (const page of expected.keys()) if (page > size) expected.delete(page);
  }
  const commit = { txid: 1, databasePages: 3_000, at: 1, checksum: '0'.repeat(16) };
  const found = [...scratch.entries(commit)].map((entry) => ('commit' in entry ? entry.commit : entry.page));
  assert.deepEqual(found, [...[...expected.keys()].toSorted((a, b) => a - b), commit]);
  for (const entry of scratch.entries(commit))
    if (!('commit' in entry)) assert.ok(expected.get(entry.page)?.equals(entry.content));
});
