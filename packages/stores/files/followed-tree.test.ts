import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import type { StoreNotice } from '../store.ts';
import { createFollowedTree } from './followed-tree.ts';

const { signal } = new AbortController();

const open = async () => {
  const directory = await temporaryDirectory();
  const path = directory.join('files');
  const notices: StoreNotice[] = [];
  const store = { id: 'files1', path, owner: null, snapshotEveryMs: 60_000 };
  const tree = createFollowedTree(store, { now: () => new Date(), notice: (notice) => notices.push(notice) });
  return { path, notices, tree, directory, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
};

describe('a tree is seen to have changed', () => {
  const changes: { name: string; change: (path: string) => void }[] = [
    { name: 'when a file is added', change: (path) => writeFileSync(`${path}/sub/new`, '') },
    { name: 'when a file grows', change: (path) => appendFileSync(`${path}/sub/a`, 'x') },
    { name: 'when a file is rewritten with as many bytes', change: (path) => writeFileSync(`${path}/sub/a`, 'b') },
    { name: 'when a file is deleted', change: (path) => rmSync(`${path}/sub/a`) },
    { name: 'when a file is renamed', change: (path) => renameSync(`${path}/sub/a`, `${path}/sub/b`) },
    { name: 'when a mode changes', change: (path) => chmodSync(`${path}/sub/a`, 0o600) },
  ];
  for (const { name, change } of changes)
    test(name, async () => {
      await using place = await open();
      mkdirSync(`${place.path}/sub`, { recursive: true });
      writeFileSync(`${place.path}/sub/a`, 'a');
      const first = await place.tree.look(signal);
      assert.ok(first?.state);
      assert.equal((await place.tree.look(signal))?.state, first.state);
      assert.ok(place.tree.isIn(first.state));
      change(place.path);
      const second = await place.tree.look(signal);
      assert.ok(second?.state);
      assert.notEqual(second.state, first.state);
      assert.equal(place.tree.isIn(first.state), false);
      assert.ok(place.tree.lastSeenIn(first.state));
    });
});

test('a tree that is not there is nothing, and a file in its place an error', async () => {
  await using place = await open();
  assert.equal(await place.tree.look(signal), null);
  assert.deepEqual([place.tree.bytes, place.tree.error], [null, null]);
  writeFileSync(place.path, '');
  await assert.rejects(place.tree.look(signal), { code: 'TREE_UNREADABLE' });
  assert.equal(place.tree.error?.code, 'TREE_UNREADABLE');
});

test('databases in a tree are named once', async () => {
  await using place = await open();
  mkdirSync(`${place.path}/deep/deeper/deepest`, { recursive: true });
  for (const name of ['app.db', 'deep/also', 'deep/deeper/deepest/unseen.db']) {
    const database = new DatabaseSync(`${place.path}/${name}`);
    database.exec('create table a (b)');
    database.close();
  }
  writeFileSync(`${place.path}/text.db`, 'x'.repeat(1024));
  for (const _ of ['once', 'twice']) await place.tree.look(signal);
  assert.equal(place.notices.length, 1);
  const [notice] = place.notices;
  assert.deepEqual([notice?.name, notice?.level], ['files.database-found', 'warning']);
  assert.deepEqual(String(notice?.fields.databases).split(', ').sort(), [`${place.path}/app.db`, `${place.path}/deep/also`]);
});
