import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { CONTENT_TYPES } from '../types/index.ts';
import { checkDraft } from './check-draft.ts';
import { checkValue } from './check-value.ts';
import type { ContentType } from './content-type.ts';
import { defaultsOf } from './defaults.ts';
import type { Draft } from './draft.ts';
import type { Field, TextField, Value } from './field.ts';
import { XSS_PAYLOADS } from './testing/xss-payloads.ts';

const label = 'Label';
const text = (more: Partial<TextField> = {}): TextField => ({ kind: 'text', label, ...more });
const choice: Field = { kind: 'choice', label, options: [{ value: 'a', label: 'A' }], default: 'a' };
const number: Field = { kind: 'number', label, min: 1, max: 1_000 };

/** A given value becomes another (the same when nothing is said), or is refused with a sentence. */
const values: readonly { readonly field: Field; readonly given: unknown; readonly becomes?: Value; readonly problem?: RegExp }[] =
  [
    { field: text(), given: ' a\r\n\tb \u0007\u202e', becomes: 'a b' },
    { field: text(), given: 'e\u0301', becomes: 'é' },
    { field: text(), given: '\ud83d', becomes: '\ufffd' },
    { field: text({ max: 3 }), given: '👩👩👩' },
    { field: text({ max: 3 }), given: '👩👩👩👩', problem: /^At most 3 characters; these are 4\.$/ },
    { field: text({ required: true }), given: ' \n ', becomes: '', problem: /^Label is needed\.$/ },
    { field: text(), given: 7, becomes: '', problem: /not a text/ },
    { field: text(), given: null, becomes: '' },
    { field: text({ format: 'email' }), given: 'a.b+c@mail.example' },
    { field: text({ format: 'email' }), given: '' },
    { field: text({ format: 'email' }), given: 'a@b', problem: /mail address/ },
    { field: text({ format: 'email' }), given: 'a b@c.example', problem: /mail address/ },
    { field: text({ format: 'email' }), given: 'a@b.example, c@d.example', problem: /mail address/ },
    { field: text({ format: 'email' }), given: '.a@b.example', problem: /mail address/ },
    { field: text({ format: 'url' }), given: 'https://a.example/b?c=d#e' },
    { field: text({ format: 'url' }), given: '/b', problem: /https:/ },
    { field: text({ format: 'url' }), given: 'javascript:alert(1)', problem: /https:/ },
    { field: text({ format: 'url' }), given: 'https://bank.example@evil.example/', problem: /https:/ },
    { field: text({ format: 'url' }), given: 'https://', problem: /https:/ },
    { field: text({ format: 'link' }), given: '/contact?a=b#c' },
    { field: text({ format: 'link' }), given: '#top' },
    { field: text({ format: 'link' }), given: 'mailto:a@b.example' },
    { field: text({ format: 'link' }), given: '//evil.example', problem: /path of this site/ },
    { field: text({ format: 'link' }), given: '/\\evil.example', problem: /path of this site/ },
    {
      field: text({ format: 'link' }),
      given: 'java\tscript:alert(1)',
      becomes: 'java script:alert(1)',
      problem: /path of this site/,
    },
    { field: text({ format: 'phone' }), given: '+49 (30) 1234-56' },
    { field: text({ format: 'phone' }), given: '030/1234 ext. 5' },
    { field: text({ format: 'phone' }), given: 'call me', problem: /phone number/ },
    { field: { kind: 'textarea', label }, given: ' a  \r\nb\rc\u0000 \n', becomes: 'a\nb\nc' },
    { field: { kind: 'textarea', label, max: 2 }, given: 'a\r\nb', becomes: 'a\nb', problem: /these are 3/ },
    { field: { kind: 'richText', label }, given: '<p onclick=x>a</p><script>b</script>', becomes: '<p>a</p>' },
    { field: { kind: 'richText', label, required: true }, given: '<p> </p>', becomes: '', problem: /needed/ },
    { field: { kind: 'richText', label, max: 10 }, given: '<p>abcd</p>', becomes: '<p>abcd</p>', problem: /these are 11/ },
    { field: { kind: 'richText', label, max: 10 }, given: '<'.repeat(100), becomes: '', problem: /far more/ },
    { field: number, given: 1_000 },
    { field: number, given: null },
    { field: number, given: 0, problem: /^At least 1\.$/ },
    { field: number, given: 1_001, problem: /^At most 1,000\.$/ },
    { field: number, given: 1.5, becomes: null, problem: /whole number/ },
    { field: number, given: Number.NaN, becomes: null, problem: /whole number/ },
    { field: number, given: '1', becomes: null, problem: /whole number/ },
    { field: { ...number, required: true }, given: null, problem: /needed/ },
    { field: { kind: 'flag', label }, given: true },
    { field: { kind: 'flag', label, required: true }, given: false, problem: /needed/ },
    { field: { kind: 'flag', label }, given: 'on', becomes: false, problem: /yes or no/ },
    { field: { kind: 'date', label }, given: '2028-02-29' },
    { field: { kind: 'date', label }, given: '', becomes: null },
    { field: { kind: 'date', label }, given: '2026-02-29', problem: /no day/ },
    { field: { kind: 'date', label }, given: '2026-13-01', problem: /no day/ },
    { field: { kind: 'date', label }, given: '0000-01-01', problem: /no day/ },
    { field: { kind: 'date', label }, given: '1.2.2026', problem: /no day/ },
    { field: choice, given: 'a' },
    { field: choice, given: 'b', problem: /Choose one of: A\./ },
    { field: choice, given: 'toString', problem: /Choose one of/ },
    { field: { kind: 'color', label, default: '#000000' }, given: ' #00aaff', becomes: '#00AAFF' },
    { field: { kind: 'color', label, default: '#000000' }, given: 'red', problem: /#0066CC/ },
    { field: { kind: 'color', label, default: '#000000' }, given: '#fff;x', problem: /#0066CC/ },
    { field: { kind: 'icon', label }, given: 'star' },
    { field: { kind: 'icon', label }, given: '' },
    { field: { kind: 'icon', label }, given: 'constructor', problem: /no icon “constructor”/ },
    { field: { kind: 'lines', label }, given: [' a ', '', 'b\u0000'], becomes: ['a', 'b'] },
    { field: { kind: 'lines', label, max: 1 }, given: ['a', 'b'], problem: /At most 1 lines; these are 2/ },
    { field: { kind: 'lines', label }, given: ['a', 'x'.repeat(501)], problem: /^Line 2 has more than 500/ },
    { field: { kind: 'lines', label }, given: 'a', becomes: [], problem: /list of texts/ },
    { field: { kind: 'image', label }, given: 7 },
    { field: { kind: 'image', label, required: true }, given: null, problem: /needed/ },
    { field: { kind: 'image', label }, given: -1, becomes: null, problem: /from the list/ },
    { field: { kind: 'reference', label, to: 'x', onDelete: 'clear' }, given: '7', becomes: null, problem: /from the list/ },
    { field: { kind: 'references', label, to: 'x' }, given: [3, 1, 3], becomes: [3, 1] },
    { field: { kind: 'references', label, to: 'x', max: 1 }, given: [1, 2], becomes: [1], problem: /At most 1/ },
    { field: { kind: 'references', label, to: 'x' }, given: [1, 'b'], becomes: [], problem: /from the list/ },
  ];
for (const { field, given, becomes, problem } of values) {
  const what = `${field.kind}${'format' in field ? ` (${field.format})` : ''} ${(JSON.stringify(given) ?? String(given)).slice(0, 50)}`;
  test(`${what} ${problem === undefined ? 'is taken' : `is refused: ${problem.source}`}`, () => {
    const checked = checkValue(field, given);
    assert.deepEqual(checked.value, becomes === undefined ? given : becomes);
    if (problem === undefined) assert.equal(checked.problem, undefined);
    else assert.match(checked.problem ?? '', problem);
  });
}

const thing: ContentType = {
  name: 'thing',
  table: 'things',
  label: { one: 'Thing', many: 'Things' },
  kind: 'collection',
  admin: { path: 'things', group: 'content' },
  title: 'name',
  fields: { name: { kind: 'text', label: 'Name', required: true }, rank: { kind: 'number', label: 'Rank', default: 3 } },
  children: {
    rows: {
      label: 'Rows',
      one: 'row',
      title: 'words',
      max: 2,
      fields: { words: text({ required: true }), sure: { kind: 'flag', label, default: true } },
    },
  },
  lifecycle: 'publication',
  order: { by: 'position', direction: 'ascending' },
  slug: { from: 'name' },
  page: '/things/:slug',
  seo: true,
};
const problemsOf = (draft: Draft, isNew = false): readonly string[] =>
  checkDraft(thing, draft, { isNew }).problems.map(({ field }) => field);

test('a new record gets the defaults of its declaration', () => {
  const { draft, problems } = checkDraft(thing, { fields: { name: 'a' } }, { isNew: true });
  assert.deepEqual(problems, []);
  assert.deepEqual(draft.fields, { name: 'a', rank: 3 });
});

test('of a record that is there, only what was said is checked and kept', () => {
  assert.deepEqual(checkDraft(thing, { fields: { rank: 4 } }, { isNew: false }), {
    draft: { fields: { rank: 4 }, children: {} },
    problems: [],
  });
});

test('what is not declared is not kept', () => {
  const fields = JSON.parse('{"name":"a","nonsense":1,"__proto__":{"name":"b"}}') as Draft['fields'];
  assert.deepEqual(Object.keys(checkDraft(thing, { fields }, { isNew: false }).draft.fields), ['name']);
});

test('a row without an id is new and gets defaults; the second of the same id is new too', () => {
  const rows = [{ id: 4, words: 'a' }, { words: 'b' }];
  const { draft } = checkDraft(thing, { fields: {}, children: { rows } }, { isNew: false });
  assert.deepEqual(draft.children?.['rows'], [
    { words: 'a', id: 4 },
    { words: 'b', sure: true },
  ]);
  const doubled = checkDraft(thing, { fields: {}, children: { rows: [rows[0] ?? {}, rows[0] ?? {}] } }, { isNew: false });
  assert.deepEqual(doubled.draft.children?.['rows'], [
    { words: 'a', id: 4 },
    { words: 'a', sure: true },
  ]);
});

const drafts: readonly {
  readonly name: string;
  readonly draft: Draft;
  readonly isNew?: boolean;
  readonly problems: readonly string[];
}[] = [
  { name: 'a new one without its name', draft: { fields: {} }, isNew: true, problems: ['name'] },
  { name: 'a name that is taken away', draft: { fields: { name: ' ' } }, problems: ['name'] },
  {
    name: 'a row without its words',
    draft: { fields: {}, children: { rows: [{ words: 'a' }, { words: '' }] } },
    problems: ['rows.1.words'],
  },
  {
    name: 'too many rows',
    draft: { fields: {}, children: { rows: [{ words: 'a' }, { words: 'b' }, { words: 'c' }] } },
    problems: ['rows'],
  },
  { name: 'a slug with a slash', draft: { slug: 'a/b', fields: {} }, problems: ['slug'] },
  { name: 'a slug in another script', draft: { slug: 'насос', fields: {} }, problems: ['slug'] },
  { name: 'a slug that is a page of its own', draft: { slug: 'Search', fields: {} }, problems: ['slug'] },
  { name: 'a slug that is good', draft: { slug: ' A-1 ', fields: {} }, problems: [] },
  { name: 'no slug, which asks for one', draft: { slug: '', fields: {} }, problems: [] },
  { name: 'a status that is none', draft: { status: 'gone' as 'draft', fields: {} }, problems: ['status'] },
  { name: 'a moment that is none', draft: { publishAtMs: Number.NaN, fields: {} }, problems: ['publishAt'] },
  { name: 'a moment in the year 10000', draft: { publishAtMs: 253_402_300_800_000, fields: {} }, problems: ['publishAt'] },
  { name: 'vanishing before appearing', draft: { publishAtMs: 5, unpublishAtMs: 5, fields: {} }, problems: ['unpublishAt'] },
  {
    name: 'a title for search engines that is a novel',
    draft: { seo: { title: 'x'.repeat(201), description: '', image: null }, fields: {} },
    problems: ['seo.title'],
  },
];
for (const { name, draft, isNew = false, problems } of drafts) {
  test(`a draft with ${name} has ${problems.length === 0 ? 'no problem' : `a problem at ${problems.join()}`}`, () =>
    assert.deepEqual(problemsOf(draft, isNew), problems));
}

test('a moment to vanish is compared with the present moment to appear when only one is said', () => {
  const current = { publishAtMs: 10, unpublishAtMs: null };
  const { problems } = checkDraft(thing, { unpublishAtMs: 10, fields: {} }, { isNew: false, current });
  assert.deepEqual(
    problems.map(({ field }) => field),
    ['unpublishAt'],
  );
});

test('whatever attackers type into every field of every type is checked without an exception, and checking again changes nothing', () => {
  const random = createRandom(7);
  for (const type of CONTENT_TYPES) {
    for (const payload of XSS_PAYLOADS) {
      const spoilt = (fields: Readonly<Record<string, Field>>): Record<string, Value> =>
        Object.fromEntries(
          Object.entries(defaultsOf(fields)).map(([name, value]) => [name, random.boolean(0.8) ? payload : value]),
        );
      const children = Object.fromEntries(
        Object.entries(type.children ?? {}).map(([list, { fields }]) => [list, [spoilt(fields)]]),
      );
      const { draft } = checkDraft(type, { fields: spoilt(type.fields), children }, { isNew: true });
      assert.deepEqual(checkDraft(type, draft, { isNew: true }).draft, draft, `${type.name}: ${payload}`);
    }
  }
});
