import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { temporaryDirectory } from '@berth/testing';
import { SYSTEM_USER } from '../domain/messages.ts';
import { at, NOON } from './conformance.ts';
import { openStore } from './open-store.ts';
import { verifyStore } from './verify.ts';

/** As the original program leaves it; its guide knows of more columns than its program makes. */
const writeOriginal = (file: string, { columns = '' } = {}): void => {
  const db = new DatabaseSync(file);
  db.exec(`
    CREATE TABLE document (id TEXT PRIMARY KEY, text TEXT NOT NULL, language TEXT, otp TEXT ${columns});
    CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, filename TEXT NOT NULL, applied_at INTEGER NOT NULL);
    INSERT INTO schema_migrations VALUES (1, '1_document.sql', 1700000000), (2, '2_otp.sql', 1700000001);
    INSERT INTO document (id, text, language, otp) VALUES
      ('plain', 'Hello 😀', NULL, NULL), ('empty', '', 'go', NULL), ('locked', 'secret text', 'python', 'TokenOfLocked'),
      ('unlocked', 'open', NULL, ''), ('broken', CAST(x'61ff62' AS TEXT), NULL, NULL), ('gone', '${'TokenOfDeleted '.repeat(20_000)}', NULL, 'TokenOfDeleted');
    DELETE FROM document WHERE id = 'gone';`);
  db.close();
};

const open = (uri: string) => openStore({ uri, key: 'k'.repeat(32), now: () => NOON });

test('a database of the original program opens with its texts as one operation of nobody', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  writeOriginal(file);
  const store = await open(file);
  const plain = store.find('plain');
  assert.deepEqual(plain?.entries, [
    { revision: 1, author: SYSTEM_USER, operation: '["Hello 😀"]', session: null, sequence: null },
  ]);
  const cases = [
    { id: 'plain', text: 'Hello 😀', revision: 1, language: null, otp: null },
    { id: 'empty', text: '', revision: 0, language: 'go', otp: null },
    { id: 'locked', text: 'secret text', revision: 1, language: 'python', otp: 'TokenOfLocked' },
    { id: 'unlocked', text: 'open', revision: 1, language: null, otp: null },
    { id: 'broken', text: 'a\ufffdb', revision: 1, language: null, otp: null },
  ];
  for (const { id, ...expected } of cases) {
    const document = store.find(id);
    assert.ok(document);
    const { text, revision, language, otp, base, origin } = document;
    assert.deepEqual({ text, revision, language, otp, base, origin }, { ...expected, base: 0, origin: 0 });
  }
  assert.equal(store.countDocuments(), 5);
  store.commit({ operations: [at('empty', 1, ['x']), at('new', 1, ['y']), at('plain', 2, [7, '!'])], epochs: [] });
  assert.equal(store.find('plain')?.text, 'Hello 😀!');
  await store.close();
  assert.deepEqual(verifyStore(file).problems, []);
});

test('clear tokens of the original are in no file any more, those that it had deleted included', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  writeOriginal(file);
  assert.ok(readFileSync(file).includes('TokenOfDeleted'), 'the original leaves it in a free place');
  await (await open(file)).close();
  for (const name of readdirSync(directory.path)) {
    const bytes = readFileSync(directory.join(name));
    assert.ok(!bytes.includes('TokenOfLocked') && !bytes.includes('TokenOfDeleted'), name);
  }
});

test('migrations are recorded once, after those of the original', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('pads.db');
  writeOriginal(file);
  const events: unknown[] = [];
  for (const _ of [1, 2]) {
    const store = await openStore({
      uri: file,
      key: null,
      now: () => NOON,
      log: (event, { applied, adopted }) => events.push({ event, applied, adopted }),
    });
    await store.close();
  }
  assert.deepEqual(events, [{ event: 'store_migrated', applied: ['1001_documents_and_journal'], adopted: true }]);
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('SELECT version, applied_at FROM schema_migrations ORDER BY version').all();
  db.close();
  assert.deepEqual(
    rows.map((row) => [row['version'], row['applied_at']]),
    [
      [1, 1_700_000_000],
      [2, 1_700_000_001],
      [1001, NOON.getTime() / 1000],
    ],
  );
});

test('expiry of documents of the original counts from the day that they were taken over, or last used', async () => {
  const hours = 3_600_000;
  for (const { columns, update, due } of [
    { columns: '', update: '', due: [] },
    {
      columns: ', created_at DATETIME, updated_at DATETIME, last_accessed_at DATETIME',
      update: "UPDATE document SET last_accessed_at = '2029-12-31 12:00:00' WHERE id = 'plain'",
      due: ['plain'],
    },
  ]) {
    await using directory = await temporaryDirectory();
    const file = directory.join('pads.db');
    writeOriginal(file, { columns });
    const db = new DatabaseSync(file);
    db.exec(update);
    db.close();
    const store = await open(file);
    assert.deepEqual(store.findExpired(new Date(NOON.getTime() + 47 * hours), 48), due);
    assert.equal(store.findExpired(new Date(NOON.getTime() + 49 * hours), 48).length, 5);
    await store.close();
  }
});
