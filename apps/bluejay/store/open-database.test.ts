import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { openDatabase } from './open-database.ts';
import { inTransaction } from './transaction.ts';

test('a new database is private, in WAL mode, with foreign keys and a patient lock', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('data', 'site.db');
  using database = openDatabase(file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  for (const [pragma, wanted] of [
    ['journal_mode', 'wal'],
    ['synchronous', 1],
    ['foreign_keys', 1],
    ['busy_timeout', 5_000],
  ])
    assert.equal(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0], wanted, String(pragma));
});

test('one that others could read is made private', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  new DatabaseSync(file).close();
  openDatabase(file).close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

const PAGE_BYTES = 4_096;

const broken: readonly { readonly says: string; readonly prepare: (file: string) => void; readonly code: string }[] = [
  {
    says: 'what is no database',
    prepare: (file) => writeFileSync(file, 'This is a text that somebody put here by mistake. '.repeat(100)),
    code: 'STORE_NOT_A_DATABASE',
  },
  { says: 'a directory', prepare: (file) => mkdirSync(file), code: 'STORE_NOT_WRITABLE' },
  {
    says: 'a damaged one',
    prepare: (file) => {
      const database = new DatabaseSync(file);
      database.exec('CREATE TABLE t (x)');
      for (let x = 0; x < 5_000; x++) database.prepare('INSERT INTO t VALUES (?)').run(x);
      database.close();
      writeFileSync(file, readFileSync(file).fill(0xff, 2 * PAGE_BYTES, 4 * PAGE_BYTES));
    },
    code: 'STORE_DAMAGED',
  },
];

for (const { says, prepare, code } of broken) {
  test(`${says} is not opened, and the message says why`, async () => {
    await using directory = await temporaryDirectory();
    const file = directory.join('site.db');
    prepare(file);
    assert.throws(
      () => openDatabase(file),
      (error: { name: string; code: string; message: string; hint: string }) => {
        assert.equal(error.name, 'StoreError');
        assert.equal(error.code, code, error.message);
        assert.ok(error.message.startsWith(file) && error.hint !== '');
        return true;
      },
    );
  });
}

test('a part of a transaction can fail alone, and the whole undoes its parts', () => {
  using database = openDatabase(':memory:');
  database.exec('CREATE TABLE t (x)');
  const rows = () =>
    database
      .prepare('SELECT x FROM t ORDER BY x')
      .all()
      .map(({ x }) => x);
  const insert = (x: number) => database.prepare('INSERT INTO t VALUES (?)').run(x);
  const failing = (): void =>
    inTransaction(database, () => {
      insert(2);
      throw new Error('no');
    });
  inTransaction(database, () => {
    insert(1);
    assert.throws(failing, /no/);
    inTransaction(database, () => insert(3));
  });
  assert.deepEqual(rows(), [1, 3]);
  assert.throws(() => {
    inTransaction(database, () => {
      inTransaction(database, () => insert(4));
      throw new Error('all');
    });
  }, /all/);
  assert.deepEqual(rows(), [1, 3]);
});
