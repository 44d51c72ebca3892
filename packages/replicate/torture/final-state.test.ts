import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { checkpointedCopy, publishedCopy } from './final-state.ts';
import type { Places } from './round.ts';

const rowsOf = (bytes: Buffer, file: string): number => {
  writeFileSync(file, bytes);
  const database = new DatabaseSync(file);
  const count = Number(database.prepare('SELECT count(*) AS n FROM t').get()?.['n']);
  database.close();
  return count;
};

test('a commit whose writer died before it was published is in the one copy and not in the other', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('live.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
  const places = { database: directory.join('left.db'), directory: directory.path } as Places;
  copyFileSync(`${file}-shm`, `${places.database}-shm`);
  assert.equal(publishedCopy({ ...places, database: file }), undefined, 'all is published');
  database.exec('INSERT INTO t VALUES (2)');
  for (const suffix of ['', '-wal']) copyFileSync(file + suffix, places.database + suffix);
  database.close();

  assert.equal(rowsOf(checkpointedCopy(places), directory.join('all.db')), 2);
  const published = publishedCopy(places);
  assert.ok(published);
  assert.equal(rowsOf(published, directory.join('published.db')), 1);
});
