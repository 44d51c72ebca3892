import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { createRandom, temporaryDirectory, waitUntil } from '@berth/testing';
import { at, NOON, snapshot } from './conformance.ts';
import { openStore } from './open-store.ts';
import type { StoreEvent } from './store-log.ts';
import { verifyStore } from './verify.ts';

/** In a process of its own: one that has the database open must not open its files otherwise. */
const filesWith = (directory: string, text: string): string[] => {
  try {
    return execFileSync('grep', ['-rlaF', text, directory], { encoding: 'utf8' }).trim().split('\n');
  } catch (error) {
    // 1: found nowhere.
    assert.equal((error as { status?: number }).status, 1);
    return [];
  }
};

const openWithText = async (directory: string, marker: string) => {
  const events: StoreEvent[] = [];
  const file = `${directory}/pads.db`;
  const store = await openStore({ uri: file, key: null, now: () => NOON, log: (event) => events.push(event) });
  const other = createRandom(1);
  // Small and large, so that it lies in cells, in overflow pages, in the index and in pages that are freed on the way.
  const texts = [`${marker} short`, `${marker} ${'filling '.repeat(3_000)} ${marker}`];
  for (const [index, text] of texts.entries()) {
    const id = `${marker}-${index}`;
    store.commit({ operations: [at(id, 1, [text]), at(`neighbour-${index}`, 1, [other.text(500)])], epochs: [] });
    store.writeSnapshot(snapshot(id, text, 1));
    store.writeViewLink(snapshot(id, text, 1), `ro-${marker}-${index}`);
    store.commit({
      operations: [at(id, 2, [text.length, ` ${marker} edited`])],
      epochs: [{ id, epoch: { id: marker, start: 0 } }],
    });
    store.writeSnapshot(snapshot(id, `${text} ${marker} edited`, 2));
    store.compact({ id, base: 1, baseText: text, origin: 0 });
    store.writeToken(snapshot(id, `${text} ${marker} edited`, 2), 'abcdefghijkl');
    store.writeSnapshot(snapshot(id, marker, 2));
  }
  return { store, file, events, ids: texts.map((_, index) => `${marker}-${index}`) };
};

test('what was deleted is in none of the files, while the store is open and after it was closed', async () => {
  await using directory = await temporaryDirectory();
  const marker = 'UnmistakableMarkerOne';
  const { store, file, events, ids } = await openWithText(directory.path, marker);
  assert.notDeepEqual(filesWith(directory.path, marker), []);
  store.delete(ids);
  assert.deepEqual(filesWith(directory.path, marker), []);
  assert.equal(statSync(`${file}-wal`).size, 0);
  assert.equal(store.countDocuments(), 2);
  store.commit({ operations: [at('next', 1, ['goes on'])], epochs: [] });
  await store.close();
  assert.deepEqual(filesWith(directory.path, marker), []);
  assert.deepEqual(verifyStore(file), { documents: 3, operations: 3, problems: [] });
  assert.deepEqual(events, ['store_migrated']);
});

test('while somebody reads the database the bytes stay, which is reported, and they go once the reader has gone', async () => {
  await using directory = await temporaryDirectory();
  const marker = 'UnmistakableMarkerTwo';
  const { store, file, events, ids } = await openWithText(directory.path, marker);
  const reader = new DatabaseSync(file, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM document').get();

  const startedAt = performance.now();
  store.delete(ids);
  assert.ok(performance.now() - startedAt < 1_000, 'edits do not wait for a reader');
  assert.deepEqual(events, ['store_migrated', 'store_delete_pending']);
  assert.equal(store.find(ids[0] ?? ''), undefined);
  store.commit({ operations: [at('meanwhile', 1, ['goes on'])], epochs: [] });

  reader.close();
  await waitUntil(() => events.includes('store_delete_done'), { what: 'the log is empty' });
  assert.deepEqual(filesWith(directory.path, marker), []);
  assert.equal(store.find('meanwhile')?.text, 'goes on');
  await store.close();
});
