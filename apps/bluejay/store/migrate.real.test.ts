import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, temporaryDirectory, waitUntil } from '@berth/testing';
import { Program } from '../content/testing/program.ts';
import { openTestContent } from '../content/testing/test-content.ts';
import { blogTag } from '../types/index.ts';
import { checkMigrated } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { NEXT_RELEASE, ROWS } from './testing/next-release.ts';

const MIGRATING = new URL('testing/migrating-program.ts', import.meta.url);
const ROUNDS = 10;

/** A site as it was before, in one file. */
const prepare = async (file: string): Promise<void> => {
  using tested = await openTestContent({ file });
  tested.content.create(blogTag, { fields: { name: 'kept' } }, null);
  tested.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
};

test('a migration that is killed at any moment has happened as a whole or not at all', { timeout: 180_000 }, async () => {
  await using directory = await temporaryDirectory();
  const original = directory.join('original.db');
  await prepare(original);
  const random = createRandom(20_260_602);
  let undone = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const file = directory.join(`round-${round}.db`);
    copyFileSync(original, file);
    await using program = new Program(MIGRATING, [file]);
    await waitUntil(() => program.hasEnded || program.lines.length > 0, { what: 'it has begun', everyMs: 1 });
    // Not a wait for anything: the moment of the kill has to be any.
    await sleep(random.integer(0, 250));
    await program.kill();

    using database = openDatabase(file);
    assert.equal(Object.values(database.prepare('PRAGMA integrity_check').get() ?? {})[0], 'ok');
    const steps = stepsTaken(database);
    assert.ok(
      steps.every((step) => step === steps[0]),
      `round ${round}: ${JSON.stringify(steps)}`,
    );
    if (steps[0] === false) undone += 1;
    // The release from before goes on, whatever happened.
    checkMigrated(database);
    assert.equal(database.prepare('SELECT name FROM blog_tags').get()?.['name'], 'kept');
  }
  assert.ok(undone > 0, 'some were killed on the way');

  const file = directory.join('round-0.db');
  await using program = new Program(MIGRATING, [file]);
  assert.equal(await program.ended(), 0, program.errors);
  using database = openDatabase(file);
  assert.deepEqual(stepsTaken(database), [true, true, true, true, true]);
  checkMigrated(database, NEXT_RELEASE);
  checkMigrated(database);
});

test('of two that migrate at once one does it, and the other finds it done', { timeout: 60_000 }, async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  await prepare(file);
  await using one = new Program(MIGRATING, [file]);
  await using other = new Program(MIGRATING, [file]);
  assert.deepEqual([await one.ended(), await other.ended()], [0, 0], one.errors + other.errors);
  const applied = [one, other].map(({ lines }) => (JSON.parse(lines[1] ?? 'null') as readonly string[]).length);
  assert.ok(Math.min(...applied) === 0 && Math.max(...applied) > 0, `${applied} steps: all in one process`);
  using database = openDatabase(file);
  assert.deepEqual(stepsTaken(database), [true, true, true, true, true]);
});

test('the site goes on saving while another process migrates', { timeout: 60_000 }, async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  await prepare(file);
  using tested = await openTestContent({ file });
  await using program = new Program(MIGRATING, [file]);
  let saved = 0;
  while (!program.hasEnded) {
    // Waits for the lock at most 5 seconds, as every write does.
    tested.content.create(blogTag, { fields: { name: `while ${saved}` } }, null);
    saved += 1;
    await sleep(5);
  }
  assert.equal(await program.ended(), 0, program.errors);
  assert.deepEqual(stepsTaken(tested.database), [true, true, true, true, true]);
  const last = tested.content.create(blogTag, { fields: { name: 'after' } }, null);
  assert.equal(tested.content.find(blogTag, last.id)?.fields.name, 'after');
  // The new release reads what the old one wrote after the new column was there.
  using next = new DatabaseSync(file);
  assert.equal(next.prepare('SELECT shade FROM blog_tags WHERE id = ?').get(last.id)?.['shade'], 'grey');
  assert.ok(saved > 1);
});

/** The two tables, the two names, the new column. */
const stepsTaken = (database: DatabaseSync): readonly boolean[] => {
  const has = (sql: string, ...params: readonly string[]) => database.prepare(sql).get(...params) !== undefined;
  const isFull = (table: string) =>
    has('SELECT 1 FROM sqlite_schema WHERE name = ?', table) &&
    database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'] === ROWS;
  return [
    isFull('next_one'),
    isFull('next_two'),
    has('SELECT 1 FROM schema_migrations WHERE name = ?', 'next-1'),
    has('SELECT 1 FROM schema_migrations WHERE name = ?', 'next-2'),
    has("SELECT 1 FROM pragma_table_info('blog_tags') WHERE name = 'shade'"),
  ];
};
