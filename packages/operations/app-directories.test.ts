import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareHome } from '@berth/host';
import { temporaryDirectory } from '@berth/testing';
import { ensureAppDirectories, ensureStores, type Owners } from './app-directories.ts';
import { manifestOf } from './testing/manifests.ts';

/** Only root gives a directory to somebody else. */
const owners: Owners = { app: process.getuid?.() === 0 ? { name: 'shop', uid: 65_533, gid: 65_533 } : null, edge: null };

test('directories of stores are made whole, also where somebody was killed while he made one, and are left as they are', async () => {
  await using home = await temporaryDirectory();
  const layout = prepareHome(home.path, process.getuid?.() ?? 0);
  const manifest = manifestOf([], { app: 'shop', stores: [{ name: 'up', kind: 'files', path: 'a/b/c' }] });
  await ensureAppDirectories(layout, 'shop', owners);
  const store = join(layout.app('shop').stores, 'up');
  mkdirSync(join(store, 'a', 'b.being-made'), { recursive: true });
  await ensureStores(layout, manifest, owners);
  assert.deepEqual(readdirSync(join(store, 'a')), ['b']);
  assert.ok(existsSync(join(store, 'a/b/c')));
  assert.equal(statSync(join(store, 'a/b')).uid, owners.app?.uid ?? process.getuid?.());

  writeFileSync(join(store, 'a/b/c/kept'), '');
  chmodSync(join(store, 'a/b'), 0o700);
  await ensureStores(layout, manifest, owners);
  assert.deepEqual(readdirSync(join(store, 'a/b/c')), ['kept']);
  assert.equal(statSync(join(store, 'a/b')).mode & 0o777, 0o700);
});
