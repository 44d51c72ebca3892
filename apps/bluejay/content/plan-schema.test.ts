import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { readExistingSchema } from '../store/existing-schema.ts';
import { CONTENT_TYPES } from '../types/index.ts';
import { type ContentType, defineContentType } from './content-type.ts';
import { type ExistingSchema, planSchema } from './plan-schema.ts';

const tool = defineContentType({
  name: 'tool',
  table: 'tools',
  label: { one: 'Tool', many: 'Tools' },
  kind: 'collection',
  admin: { path: 'tools', group: 'content' },
  title: 'name',
  fields: { name: { kind: 'text', label: 'Name', required: true }, size: { kind: 'number', label: 'Size', default: 3 } },
  lifecycle: 'always',
  order: { by: 'name', direction: 'ascending' },
});

const databaseOf = (types: readonly ContentType[]): DatabaseSync => {
  const database = new DatabaseSync(':memory:');
  for (const { sql } of planSchema(new Map(), types).steps) database.exec(sql);
  return database;
};

const existingOf = (types: readonly ContentType[]): ExistingSchema => {
  using database = databaseOf(types);
  return readExistingSchema(database);
};

const withFields = (fields: ContentType['fields'], more: Partial<ContentType> = {}): ContentType => ({
  ...tool,
  ...more,
  fields,
});
const { name, size } = tool.fields;
const withReference = (to: string): ContentType =>
  withFields({ name, of: { kind: 'reference', to, onDelete: 'clear', label: 'Of' } }, { name: 'use', table: 'uses' });

const cases: readonly {
  readonly says: string;
  readonly from: readonly ContentType[];
  readonly to: readonly ContentType[];
  readonly steps: readonly string[];
  readonly kept?: readonly string[];
}[] = [
  { says: 'nothing for what is there', from: [tool], to: [tool], steps: [] },
  { says: 'nothing for all that is declared', from: CONTENT_TYPES, to: CONTENT_TYPES, steps: [] },
  {
    says: 'a table and its indexes for a new type',
    from: [],
    to: [tool],
    steps: ['table tools', 'index tools__order_name_ascending', 'index tools__on_position'],
  },
  {
    says: 'a column for a new field',
    from: [tool],
    to: [withFields({ name, size, weight: { kind: 'number', label: 'Weight' } })],
    steps: ['column tools.weight'],
  },
  {
    says: 'a column and an index for a new reference',
    from: [tool],
    to: [withFields({ name, size, part: { kind: 'reference', to: 'tool', onDelete: 'clear', label: 'Part of' } })],
    steps: ['column tools.part', 'index tools__on_part'],
  },
  {
    says: 'a table for new references',
    from: [tool],
    to: [withFields({ name, size, parts: { kind: 'references', to: 'tool', label: 'Parts' } })],
    steps: ['table tools_parts', 'index tools_parts__on_target'],
  },
  {
    says: 'a table for a new child list',
    from: [tool],
    to: [withFields({ name, size }, { children: { uses: { label: 'Uses', one: 'use', title: 'name', fields: { name } } } })],
    steps: ['table tools_uses', 'index tools_uses__on_record_position'],
  },
  {
    says: 'columns for what a type gets besides its fields',
    from: [tool],
    to: [{ ...tool, slug: { from: 'name' }, seo: true, lifecycle: 'publication' }],
    steps: [
      'column tools.slug',
      'column tools.seo_title',
      'column tools.seo_description',
      'column tools.seo_image',
      'index tools__order_status_name_ascending',
      'index tools__on_status_publish_at',
      'index tools__on_unpublish_at',
      'index tools__one_slug',
    ],
  },
  {
    says: 'nothing for a field that went, which stays',
    from: [tool],
    to: [withFields({ name })],
    steps: [],
    kept: ['column tools.size is not declared any more'],
  },
  {
    says: 'nothing for a field of another kind, which is said',
    from: [tool],
    to: [withFields({ name, size: { kind: 'text', label: 'Size' } })],
    steps: [],
    kept: ['column tools.size is INTEGER and declared TEXT: give the field a new name'],
  },
  {
    says: 'nothing for a reference that names another type, which is said',
    from: [tool, { ...tool, name: 'part', table: 'parts' }, withReference('tool')],
    to: [tool, { ...tool, name: 'part', table: 'parts' }, withReference('part')],
    steps: [],
    kept: ['column uses.of holds ids of tools and is declared to hold ids of parts: give the field a new name'],
  },
  {
    says: 'an index for what must be unique from now on',
    from: [tool],
    to: [withFields({ name: { ...name, unique: true }, size })],
    steps: ['index tools__one_name'],
  },
  {
    says: 'one index less for what need not be unique any more',
    from: [withFields({ name: { ...name, unique: true }, size })],
    to: [tool],
    steps: ['index tools__one_name goes'],
  },
  {
    says: 'an index for another order',
    from: [tool],
    to: [{ ...tool, order: { by: 'publishedAt', direction: 'descending' } }],
    steps: ['index tools__order_published_at_descending'],
  },
  { says: 'nothing about a type that went: all of it stays', from: [tool], to: [], steps: [] },
];

for (const { says, from, to, steps, kept = [] } of cases) {
  test(`the plan has ${says}`, () => {
    const plan = planSchema(existingOf(from), to);
    assert.deepEqual(
      plan.steps.map(({ what }) => what),
      steps,
    );
    assert.deepEqual(plan.kept, kept);
    // It leads where it should: then nothing is left to do.
    using database = databaseOf(from);
    for (const { sql } of plan.steps) database.exec(sql);
    assert.deepEqual(planSchema(readExistingSchema(database), to).steps, []);
  });
}

test('a column that is added says in existing rows what the declaration does', () => {
  using database = databaseOf([tool]);
  database.exec("INSERT INTO tools (name) VALUES ('Hammer')");
  const fields = {
    name,
    size,
    colour: { kind: 'color', label: 'Colour', default: '#0066CC' },
    note: { kind: 'text', label: 'Note', default: 'it’s "new"; \'really\'' },
    isSold: { kind: 'flag', label: 'Sold', default: true },
    days: { kind: 'lines', label: 'Days' },
    since: { kind: 'date', label: 'Since' },
  } satisfies ContentType['fields'];
  for (const { sql } of planSchema(readExistingSchema(database), [withFields(fields)]).steps) database.exec(sql);
  const { colour, note, is_sold, days, since, size: kept } = database.prepare('SELECT * FROM tools').get() ?? {};
  assert.deepEqual(
    { colour, note, is_sold, days, since, kept },
    { colour: '#0066CC', note: 'it’s "new"; \'really\'', is_sold: 1, days: '[]', since: null, kept: 3 },
  );
});

test('the previous release can still write when the next one has added what must be unique', () => {
  const next = withFields({ name, size, code: { kind: 'text', label: 'Code', unique: true } }, { slug: { from: 'name' } });
  using database = databaseOf([tool]);
  for (const { sql } of planSchema(readExistingSchema(database), [next]).steps) database.exec(sql);
  // It knows neither the slug nor the code.
  database.exec("INSERT INTO tools (name) VALUES ('Hammer'), ('Tongs')");
  assert.equal(database.prepare('SELECT count(*) AS n FROM tools').get()?.['n'], 2);
});
