import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { silentLog } from '@berth/kit';
import { temporaryDirectory } from '@berth/testing';
import { type ContentType, defineContentType } from '../content/content-type.ts';
import { CONTENT_TYPES } from '../types/index.ts';
import { backUp, listBackups } from './backup.ts';
import { checkMigrated, migrate, type Schema } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { openDatabase } from './open-database.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const CURRENT: Schema = { types: CONTENT_TYPES, migrations: MIGRATIONS, generation: 1, compatibleFrom: 1 };
const note = { name: 'note-1', sql: 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)' };
const NEXT: Schema = { ...CURRENT, migrations: [...MIGRATIONS, note] };

const migrated = (database: DatabaseSync, schema: Schema = CURRENT, now = NOON) =>
  migrate(database, { log: silentLog, now: () => now, schema });

test('a new database gets everything, and a second time there is nothing to do', async () => {
  await using directory = await temporaryDirectory();
  using database = openDatabase(directory.join('site.db'));
  const first = await migrated(database);
  assert.ok(first.applied.includes('table products'));
  assert.ok(first.applied.includes('record of page-section'));
  assert.equal(first.backup, null, 'there was nothing to back up');
  assert.deepEqual(await migrated(database), { applied: [], kept: [], backup: null });
  checkMigrated(database, CURRENT);
});

test('singletons and fixed records are there, each once, and what an editor made of one stays', async () => {
  using database = openDatabase(':memory:');
  await migrated(database);
  const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
  const sections = CONTENT_TYPES.find(({ name }) => name === 'page-section')?.seeds?.length;
  assert.equal(count('page_sections'), sections);
  assert.equal(count('settings_footer'), 1);
  database.exec(
    "UPDATE page_sections SET heading = 'Ours' WHERE key = 'home.stats'; DELETE FROM page_sections WHERE key = 'footer.contact'",
  );
  assert.deepEqual((await migrated(database)).applied, ['record of page-section']);
  assert.equal(count('page_sections'), sections);
  assert.equal(database.prepare("SELECT heading FROM page_sections WHERE key = 'home.stats'").get()?.['heading'], 'Ours');
});

test('before it changes what has content it makes a backup, and keeps the last five', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('site.db');
  using database = openDatabase(file);
  await migrated(database);
  database.exec("INSERT INTO blog_tags (name) VALUES ('before')");
  let schema = CURRENT;
  for (let step = 0; step < 7; step++) {
    const sql = `CREATE TABLE extra_${step} (id INTEGER PRIMARY KEY)`;
    schema = { ...schema, migrations: [...schema.migrations, { name: `extra-${step}`, sql }] };
    const { backup } = await migrated(database, schema, NOON + step * 1_000);
    assert.equal(backup, directory.join(`backup-20260601-12000${step}.db`));
  }
  assert.deepEqual(
    listBackups(directory.path),
    [2, 3, 4, 5, 6].map((step) => `backup-20260601-12000${step}.db`),
  );
  assert.equal(statSync(directory.join('backup-20260601-120006.db')).mode & 0o777, 0o600);
  using copy = new DatabaseSync(directory.join('backup-20260601-120006.db'), { readOnly: true });
  assert.equal(copy.prepare('SELECT name FROM blog_tags').get()?.['name'], 'before');
  assert.throws(() => copy.exec('SELECT * FROM extra_6'), /no such table/, 'it is from before');
  assert.deepEqual(
    readdirSync(directory.path).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('two backups within a second are two files', async () => {
  await using directory = await temporaryDirectory();
  using database = openDatabase(directory.join('site.db'));
  const [one, other] = [await backUp(database, { now: NOON }), await backUp(database, { now: NOON })];
  assert.notEqual(one, other);
  assert.ok(existsSync(one) && existsSync(other));
});

test('a step that fails undoes all of them', async () => {
  using database = openDatabase(':memory:');
  await migrated(database);
  const broken: Schema = {
    ...NEXT,
    migrations: [...NEXT.migrations, { name: 'broken-1', sql: 'CREATE TABLE good (id); CREATE BAD' }],
  };
  await assert.rejects(migrated(database, broken), { name: 'StoreError', code: 'STORE_FAILED' });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE name IN ('notes', 'good')").all();
  assert.deepEqual(tables, []);
  checkMigrated(database, CURRENT);
});

const refusals: readonly {
  readonly says: string;
  readonly found: Schema | undefined;
  readonly program: Schema;
  readonly code: string | undefined;
}[] = [
  { says: 'does not start on an empty database', found: undefined, program: CURRENT, code: 'STORE_NOT_MIGRATED' },
  { says: 'does not start before a migration was applied', found: CURRENT, program: NEXT, code: 'STORE_NOT_MIGRATED' },
  {
    says: 'does not start before a type has its table',
    found: { ...CURRENT, types: CONTENT_TYPES.slice(0, -1) },
    program: CURRENT,
    code: 'STORE_NOT_MIGRATED',
  },
  { says: 'starts on the schema of the next release', found: NEXT, program: CURRENT, code: undefined },
  {
    says: 'starts on a newer generation that is compatible',
    found: { ...NEXT, generation: 3, compatibleFrom: 1 },
    program: CURRENT,
    code: undefined,
  },
  {
    says: 'does not start on a newer generation that is not',
    found: { ...NEXT, generation: 3, compatibleFrom: 2 },
    program: CURRENT,
    code: 'STORE_TOO_NEW',
  },
  {
    says: 'does not start on an older generation',
    found: CURRENT,
    program: { ...CURRENT, generation: 2 },
    code: 'STORE_NOT_MIGRATED',
  },
];

for (const { says, found, program, code } of refusals) {
  test(`a program ${says}`, async () => {
    using database = openDatabase(':memory:');
    if (found !== undefined) await migrated(database, found);
    if (code === undefined) checkMigrated(database, program);
    else assert.throws(() => checkMigrated(database, program), { name: 'StoreError', code });
  });
}

test('a program never changes a schema that is newer than it can use', async () => {
  using database = openDatabase(':memory:');
  await migrated(database, { ...CURRENT, generation: 3, compatibleFrom: 2 });
  await assert.rejects(migrated(database, { ...NEXT, generation: 1 }), { code: 'STORE_TOO_NEW' });
});

test('an older program that migrates leaves the newer generation as it is', async () => {
  using database = openDatabase(':memory:');
  await migrated(database, { ...CURRENT, generation: 3, compatibleFrom: 1 });
  await migrated(database, NEXT);
  assert.equal(database.prepare('SELECT schema_generation FROM schema_state').get()?.['schema_generation'], 3);
});

const tool: ContentType = defineContentType({
  name: 'tool',
  table: 'tools',
  label: { one: 'Tool', many: 'Tools' },
  kind: 'collection',
  admin: { path: 'tools', group: 'content' },
  title: 'name',
  fields: { name: { kind: 'text', label: 'Name', required: true } },
  lifecycle: 'always',
  order: { by: 'name', direction: 'ascending' },
  seeds: [{ name: 'Hammer' }],
});

test('the first rows of a collection come with its table and never again', async () => {
  using database = openDatabase(':memory:');
  const schema = { ...CURRENT, types: [tool] };
  await migrated(database, schema);
  assert.equal(database.prepare('SELECT name FROM tools').get()?.['name'], 'Hammer');
  database.exec('DELETE FROM tools');
  assert.deepEqual((await migrated(database, schema)).applied, []);
});

test('values that are not unique keep a field from becoming so, in words', async () => {
  using database = openDatabase(':memory:');
  await migrated(database, { ...CURRENT, types: [tool] });
  database.exec("INSERT INTO tools (name) VALUES ('HAMMER')");
  const unique: ContentType = { ...tool, fields: { name: { kind: 'text', label: 'Name', required: true, unique: true } } };
  await assert.rejects(migrated(database, { ...CURRENT, types: [unique] }), {
    code: 'STORE_DUPLICATES',
    message: /several records have the same value where tools__one_name allows one/,
  });
});
