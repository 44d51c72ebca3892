import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { at, NOON, snapshot } from './conformance.ts';
import { StoreError } from './errors.ts';
import { openStore } from './open-store.ts';
import { verifyStore } from './verify.ts';

/** A disk of its own, small enough to be filled. */
const mountSmall = (path: string): AsyncDisposable => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'kolabpad-test', path]);
  return { [Symbol.asyncDispose]: async () => void execFileSync('umount', ['--lazy', path]) };
};

const skip = process.getuid?.() === 0 ? false : 'only root may mount a disk to fill';

/** All but so many bytes. */
const fill = (path: string, leave: number): string => {
  const { bavail, bsize } = statfsSync(path);
  const file = `${path}/filler`;
  writeFileSync(file, Buffer.alloc(bavail * bsize - leave));
  return file;
};

for (const leave of [0, 4_096, 40_960, 300_000])
  test(`a disk with ${leave} bytes left refuses what it has no room for, keeps all the rest, and goes on with room`, {
    skip,
  }, async () => {
    await using directory = await temporaryDirectory();
    await using _disk = mountSmall(directory.path);
    const file = directory.join('pads.db');
    const store = await openStore({ uri: file, key: null, now: () => NOON });
    const text = 'x'.repeat(3_000);
    let revision = 0;
    const commit = (): void => {
      const operations = [at('other', revision + 1, [revision, 'y']), at('pad', revision + 1, [revision * 3_000, text])];
      store.commit({ operations, epochs: [] });
      revision += 1;
    };
    commit();
    const filler = fill(directory.path, leave);
    assert.throws(
      () => {
        for (;;) commit();
      },
      (error) => {
        assert.ok(error instanceof StoreError);
        assert.equal(error.code, 'STORE_FULL', error.message);
        return true;
      },
    );
    for (let times = 0; times < 3; times++) assert.throws(commit, { code: 'STORE_FULL' });
    assert.throws(() => store.writeSnapshot(snapshot('pad', 'z'.repeat(1_000_000), 1)), { code: 'STORE_FULL' });
    for (const id of ['pad', 'other']) assert.equal(store.find(id)?.revision, revision);
    assert.equal(store.find('pad')?.text, text.repeat(revision));

    rmSync(filler);
    for (let times = 0; times < 20; times++) commit();
    assert.equal(store.find('pad')?.text, text.repeat(revision));
    await store.close();
    assert.deepEqual(verifyStore(file), { documents: 2, operations: revision * 2, problems: [] });
  });

test('a disk without room for a database is named when the store is opened', { skip }, async () => {
  await using directory = await temporaryDirectory();
  await using _disk = mountSmall(directory.path);
  const filler = fill(directory.path, 4_096);
  const file = directory.join('pads.db');
  await assert.rejects(openStore({ uri: file, key: 'k'.repeat(32), now: () => NOON }), {
    code: 'STORE_FULL',
    message: /pads\.db/,
  });
  rmSync(filler);
  const store = await openStore({ uri: file, key: 'k'.repeat(32), now: () => NOON });
  store.commit({ operations: [at('pad', 1, ['x'])], epochs: [] });
  await store.close();
});

test('a disk that is read-only is named when the store is opened, new or not', { skip }, async () => {
  await using directory = await temporaryDirectory();
  await using _disk = mountSmall(directory.path);
  await (await openStore({ uri: directory.join('old.db'), key: null, now: () => NOON })).close();
  execFileSync('mount', ['-o', 'remount,ro', directory.path]);
  for (const name of ['new.db', 'old.db'])
    await assert.rejects(openStore({ uri: directory.join(name), key: null, now: () => NOON, waitForOwnerMs: 0 }), {
      code: 'STORE_NOT_WRITABLE',
      message: new RegExp(name),
    });
});
