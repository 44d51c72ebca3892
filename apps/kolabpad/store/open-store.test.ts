import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { temporaryDirectory } from '@berth/testing';
import { at, NOON, snapshot } from './conformance.ts';
import { StoreError } from './errors.ts';
import { type OpenStoreOptions, openStore } from './open-store.ts';
import type { StoreEvent } from './store-log.ts';
import { verifyStore } from './verify.ts';

const open = (uri: string, options: Partial<OpenStoreOptions> = {}) =>
  openStore({ uri, key: null, now: () => NOON, waitForOwnerMs: 0, ...options });

const modes = (directory: string) =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, (statSync(`${directory}/${name}`).mode & 0o777).toString(8)]));

describe('opening the store', () => {
  test('makes the directory, and every file in it is readable for its user alone', async () => {
    await using directory = await temporaryDirectory();
    const store = await open(`sqlite://${directory.join('new', 'folder', 'pads.db')}`);
    store.commit({ operations: [at('pad', 1, ['x'])], epochs: [] });
    const files = ['pads.db', 'pads.db-shm', 'pads.db-wal', 'pads.db.key', 'pads.db.lock', 'pads.db.pid'];
    assert.deepEqual(modes(directory.join('new', 'folder')), Object.fromEntries(files.map((name) => [name, '600'])));
    assert.equal(statSync(directory.join('new')).mode & 0o777, 0o700);
    assert.ok(store.sizeBytes() > 4096);
    await store.close();
    assert.deepEqual(readdirSync(directory.join('new', 'folder')).toSorted(), ['pads.db', 'pads.db.key', 'pads.db.lock']);
  });

  test('takes rights away that a file had too many of', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    new DatabaseSync(file).close();
    chmodSync(file, 0o666);
    const store = await open(file);
    assert.equal(modes(directory.path)['pads.db'], '600');
    await store.close();
  });

  test('finds what was there when it was closed', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    const before = await open(file);
    before.commit({ operations: [at('pad', 1, ['text'])], epochs: [{ id: 'pad', epoch: { id: 'e', start: 0 } }] });
    before.writeToken(snapshot('pad', 'text', 1, 'go'), 'abcdefghijkl');
    const expected = before.find('pad');
    await before.close();
    const events: StoreEvent[] = [];
    const after = await open(file, { log: (event) => events.push(event) });
    assert.deepEqual(after.find('pad'), expected);
    assert.deepEqual(events, []);
    await after.close();
    assert.deepEqual(verifyStore(file), { documents: 1, operations: 1, problems: [] });
  });

  test('is refused to a second opener, by the name of the first, until that closes', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    const first = await open(file);
    await assert.rejects(open(file, { waitForOwnerMs: 60 }), {
      code: 'STORE_OWNED',
      message: new RegExp(`process ${process.pid}`),
    });
    first.commit({ operations: [at('pad', 1, ['still mine'])], epochs: [] });
    const second = open(file, { waitForOwnerMs: 10_000 });
    await first.close();
    const store = await second;
    assert.equal(store.find('pad')?.text, 'still mine');
    await store.close();
  });

  test('says that the disk, the file or the secret will not do', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('file');
    writeFileSync(file, 'x');
    const cases: readonly (readonly [Partial<OpenStoreOptions> & { uri: string }, string])[] = [
      [{ uri: `${file}/pads.db` }, 'STORE_NOT_WRITABLE'],
      [{ uri: directory.path }, 'STORE_NOT_WRITABLE'],
      [{ uri: 'mysql://localhost/pads' }, 'STORE_URI_INVALID'],
      [{ uri: directory.join('pads.db'), key: 'short' }, 'STORE_KEY_INVALID'],
      [{ uri: '', key: 'short' }, 'STORE_KEY_INVALID'],
    ];
    for (const [options, code] of cases)
      await assert.rejects(open(options.uri, options), (error) => {
        assert.ok(error instanceof StoreError, String(error));
        assert.equal(error.code, code);
        assert.ok(error.hint.length > 10);
        return true;
      });
  });

  test('refuses a file that is no database, and leaves it as it is', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    writeFileSync(file, 'dear diary, '.repeat(1_000));
    await assert.rejects(open(file), { code: 'STORE_NOT_A_DATABASE' });
    // And the lock is free again.
    await assert.rejects(open(file), { code: 'STORE_NOT_A_DATABASE' });
    assert.equal(statSync(file).size, 12_000);
  });

  test('refuses a damaged database', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    const store = await open(file);
    store.writeSnapshot(snapshot('pad', 'x'.repeat(100_000), 1));
    await store.close();
    truncateSync(file, 60_000);
    await assert.rejects(open(file), { code: 'STORE_DAMAGED', message: /pads\.db is damaged/ });
  });

  test('refuses a database of a newer version', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    await (await open(file)).close();
    const db = new DatabaseSync(file);
    db.exec("INSERT INTO schema_migrations VALUES (9999, '9999_future', 0)");
    db.close();
    await assert.rejects(open(file), { code: 'STORE_TOO_NEW', message: /9999_future/ });
  });

  test('goes on under another key, and refuses only the documents whose tokens that does not open', async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    const before = await open(file, { key: 'a'.repeat(32) });
    before.writeToken(snapshot('locked', 'secret', 1), 'abcdefghijkl');
    before.writeSnapshot(snapshot('free', 'public', 1));
    await before.close();

    const events: unknown[] = [];
    const after = await open(file, {
      key: 'b'.repeat(32),
      log: (event, { protectedDocuments }) => events.push([event, protectedDocuments]),
    });
    assert.deepEqual(events, [['store_key_mismatch', 1]]);
    for (const read of [() => after.find('locked'), () => after.findToken('locked')])
      assert.throws(read, { code: 'STORE_TOKEN_UNREADABLE', message: /"locked"/ });
    assert.equal(after.find('free')?.text, 'public');
    after.delete(['locked']);
    await after.close();
  });
});
