import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIGRATIONS } from '../store/migrations.ts';
import { CONTENT_TYPES } from '../types/index.ts';
import { checkContentTypes, mistakesInTypes } from './check-types.ts';
import type { ContentType } from './content-type.ts';
import type { Field } from './field.ts';

test('the content types of the site make sense', () => assert.deepEqual(mistakesInTypes(CONTENT_TYPES), []));

const kind: ContentType = {
  name: 'kind',
  table: 'kinds',
  label: { one: 'Kind', many: 'Kinds' },
  kind: 'collection',
  admin: { path: 'kinds', group: 'content' },
  title: 'name',
  fields: { name: { kind: 'text', label: 'Name' } },
  lifecycle: 'always',
  order: { by: 'position', direction: 'ascending' },
  slug: { from: 'name' },
};
const thing: ContentType = {
  ...kind,
  name: 'thing',
  table: 'things',
  admin: { path: 'things', group: 'content' },
  fields: { ...kind.fields, kind: { kind: 'reference', label: 'Kind', to: 'kind', onDelete: 'restrict', required: true } },
  page: '/things/:kind/:slug',
  search: { title: 'name', body: [] },
};
const label = 'Label';
const withField = (field: Field): ContentType => ({ ...thing, fields: { ...thing.fields, extra: field } });
const withList = (fields: Record<string, Extract<Field, { kind: 'text' }>>): ContentType => ({
  ...thing,
  children: { rows: { label, one: 'row', title: 'text', fields } },
});

test('two that refer to each other make sense', () => assert.deepEqual(mistakesInTypes([kind, thing]), []));

const cases: readonly { readonly name: string; readonly type: ContentType; readonly mistake: RegExp }[] = [
  { name: 'a name with capitals', type: { ...thing, name: 'Thing' }, mistake: /^Thing: its name is not in kebab case/ },
  { name: 'a table with a dash', type: { ...thing, table: 'my-things' }, mistake: /“my-things” is not in snake case/ },
  { name: 'a table of the engine', type: { ...thing, table: 'revisions' }, mistake: /“revisions” belongs to something else/ },
  { name: 'the table of another', type: { ...thing, table: 'kinds' }, mistake: /kind and thing would share a table/ },
  { name: 'the path of another', type: { ...thing, admin: kind.admin }, mistake: /kind and thing have the same path/ },
  {
    name: 'a path with a slash before it',
    type: { ...thing, admin: { ...thing.admin, path: '/things' } },
    mistake: /not one for the panel/,
  },
  { name: 'the name of another', type: { ...thing, name: 'kind' }, mistake: /kind is declared twice/ },
  { name: 'a title that is not there', type: { ...thing, title: 'nam' }, mistake: /its title “nam” is not a field/ },
  { name: 'a title that is no text', type: { ...thing, title: 'kind' }, mistake: /its title “kind” is not a text/ },
  { name: 'a title of the prototype', type: { ...thing, title: 'toString' }, mistake: /its title “toString” is not a field/ },
  {
    name: 'an order by nothing',
    type: { ...thing, order: { by: 'size', direction: 'ascending' } },
    mistake: /cannot be sorted by “size”/,
  },
  { name: 'a slug from nothing', type: { ...thing, slug: { from: 'kind' } }, mistake: /slug is made from “kind”/ },
  { name: 'a page of a slug that is missing', type: withoutSlug(), mistake: /its page has a :slug, it has none/ },
  {
    name: 'a page of a field that is missing',
    type: { ...thing, page: '/things/:sort/:slug' },
    mistake: /has :sort, which is not a reference/,
  },
  {
    name: 'a page that does not end with the slug',
    type: { ...thing, page: '/:slug/thing' },
    mistake: /does not end with :slug/,
  },
  { name: 'a page that is no path', type: { ...thing, page: 'things/:slug' }, mistake: /“things\/:slug” is not a path/ },
  { name: 'a page that hangs on something optional', type: optionalKind(), mistake: /has :kind, which is not required/ },
  { name: 'search without a page', type: withoutPage(), mistake: /can be found, but has no page/ },
  {
    name: 'search of a reference',
    type: { ...thing, search: { title: 'name', body: ['kind'] } },
    mistake: /the search reads “kind”/,
  },
  {
    name: 'a reference to nothing',
    type: withField({ kind: 'references', label, to: 'nothing' }),
    mistake: /refers to “nothing”/,
  },
  {
    name: 'a choice of none',
    type: withField({ kind: 'choice', label, options: [], default: 'a' }),
    mistake: /none of its options/,
  },
  { name: 'a colour by its name', type: withField({ kind: 'color', label, default: 'red' }), mistake: /no colour/ },
  {
    name: 'an icon that nobody drew',
    type: withField({ kind: 'icon', label, default: 'unicorn' }),
    mistake: /“unicorn”, which nobody drew/,
  },
  {
    name: 'a number out of bounds',
    type: withField({ kind: 'number', label, min: 1, default: 0 }),
    mistake: /out of its bounds/,
  },
  {
    name: 'bounds the wrong way round',
    type: withField({ kind: 'number', label, min: 2, max: 1 }),
    mistake: /above the greatest/,
  },
  { name: 'a default that is too long', type: withField({ kind: 'text', label, max: 2, default: 'abc' }), mistake: /too long/ },
  {
    name: 'a field called like a fact',
    type: { ...thing, fields: { ...thing.fields, publishAt: { kind: 'date', label } } },
    mistake: /“publishAt” has the name of something/,
  },
  {
    name: 'two fields of one column',
    type: { ...thing, fields: { ...thing.fields, aB: { kind: 'date', label }, a_b: { kind: 'date', label } } },
    mistake: /aB and a_b would share a column/,
  },
  {
    name: 'a row without its title',
    type: withList({ words: { kind: 'text', label } }),
    mistake: /list “rows” has the title “text”/,
  },
  {
    name: 'a row with a position',
    type: withList({ text: { kind: 'text', label }, position: { kind: 'text', label } }),
    mistake: /list “rows” field “position”/,
  },
  { name: 'fixed ones without seeds', type: { ...thing, kind: 'fixed' }, mistake: /fixed and has no seeds/ },
  { name: 'a seed with a field too many', type: { ...thing, seeds: [{ colour: 'red' }] }, mistake: /seed 1 has “colour”/ },
  {
    name: 'a singleton that is a draft',
    type: { ...thing, kind: 'singleton', lifecycle: 'publication' },
    mistake: /only collections can be drafts/,
  },
];
for (const { name, type, mistake } of cases) {
  test(`a declaration is refused for ${name}`, () => {
    assert.match(mistakesInTypes([kind, type]).join('\n'), new RegExp(mistake.source, 'm'));
  });
}

const engineTables = MIGRATIONS.flatMap(({ sql }) =>
  Array.from(sql.matchAll(/CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)/g), ([, table = '']) => table),
);
test('there are tables of the engine', () => assert.ok(engineTables.length > 0));
for (const table of engineTables) {
  test(`no type has the table ${table} of the engine`, () => {
    assert.match(mistakesInTypes([kind, { ...thing, table }]).join('\n'), /belongs to something else/);
  });
}

test('all mistakes are told at once', () => {
  assert.throws(
    () => checkContentTypes([kind, { ...thing, title: 'nam', slug: { from: 'nam' } }]),
    (error: Error) => error.message.includes('its title “nam”') && error.message.includes('slug is made from “nam”'),
  );
});

function withoutSlug(): ContentType {
  const { slug: _, ...rest } = thing;
  return rest;
}

function withoutPage(): ContentType {
  const { page: _, ...rest } = thing;
  return rest;
}

function optionalKind(): ContentType {
  return { ...thing, fields: { ...thing.fields, kind: { kind: 'reference', label, to: 'kind', onDelete: 'clear' } } };
}
