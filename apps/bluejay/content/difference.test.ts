import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { product } from '../types/index.ts';
import { differenceOf } from './difference.ts';
import type { Draft, DraftRow } from './draft.ts';
import { differenceOfWords, type WordPart } from './word-difference.ts';

const written = (parts: readonly WordPart[]): string =>
  parts.map((part) => ('kept' in part ? part.kept : 'removed' in part ? `[-${part.removed}-]` : `{+${part.added}+}`)).join('');

const texts: readonly { readonly name: string; readonly before: string; readonly after: string; readonly parts: string }[] = [
  { name: 'nothing', before: 'a b', after: 'a b', parts: 'a b' },
  { name: 'two empty texts', before: '', after: '', parts: '' },
  { name: 'a word', before: 'the big pump', after: 'the small pump', parts: 'the [-big-]{+small+} pump' },
  {
    name: 'words in a row as one',
    before: 'a big red pump',
    after: 'a small blue pump',
    parts: 'a [-big red-]{+small blue+} pump',
  },
  { name: 'a word more', before: 'the pump', after: 'the new pump', parts: 'the {+new +}pump' },
  { name: 'a sign', before: 'Stop.', after: 'Stop!', parts: 'Stop[-.-]{+!+}' },
  { name: 'a text from nothing', before: '', after: 'all new', parts: '{+all new+}' },
  { name: 'a line that went', before: 'a\nb\nc', after: 'a\nc', parts: 'a\n[-b\n-]c' },
  { name: 'words with marks as whole words', before: 'größe', after: 'große', parts: '[-größe-]{+große+}' },
  { name: 'signs beyond the basic plane as whole signs', before: 'a 👩 b', after: 'a 👨 b', parts: 'a [-👩-]{+👨+} b' },
];
for (const { name, before, after, parts } of texts) {
  test(`of texts that differ in ${name}, that is said`, () => assert.equal(written(differenceOfWords(before, after)), parts));
}

const both = (parts: readonly WordPart[], kind: 'removed' | 'added'): string =>
  parts.map((part) => ('kept' in part ? part.kept : kind in part ? Object.values(part)[0] : '')).join('');

test('whatever differs, both texts can be read from the parts', () => {
  const random = createRandom(9);
  const words = ['a', 'b', 'pump', ' ', '  ', '\n', '.', 'ä', '👩', ', '];
  for (let round = 0; round < 500; round++) {
    const text = (): string => Array.from({ length: random.integer(0, 30) }, () => random.pick(words)).join('');
    const [before, after] = [text(), text()];
    const parts = differenceOfWords(before, after);
    assert.equal(both(parts, 'removed'), before);
    assert.equal(both(parts, 'added'), after);
    const kinds = parts.map((part) => Object.keys(part)[0]);
    assert.ok(
      kinds.every((kind, index) => index === 0 || kind !== kinds[index - 1]),
      JSON.stringify(parts),
    );
  }
});

test('of long texts the lines that both have stay, however many there are', () => {
  const lines = Array.from({ length: 1_500 }, (_, index) => `Line ${index} says something of its own, ${index}.`);
  const changed = lines.with(10, 'Line 10 says something else.').with(1_400, 'Gone.');
  const parts = differenceOfWords(lines.join('\n'), changed.join('\n'));
  assert.equal(both(parts, 'added'), changed.join('\n'));
  assert.ok(parts.length < 12, `${parts.length} parts`);
});

test('texts that have nothing in common and are too long to compare are one removal and one addition', () => {
  const [before, after] = ['a '.repeat(50_000), 'b\n'.repeat(50_000)];
  assert.deepEqual(differenceOfWords(before, after), [{ removed: before }, { added: after }]);
});

const draft: Draft = {
  slug: 'p1',
  status: 'draft',
  publishAtMs: null,
  unpublishAtMs: null,
  seo: { title: '', description: '', image: null },
  fields: { name: 'Pump one', description: '<h2>Use</h2><p>Moves water.</p>', isFeatured: false, category: 3 },
  children: {
    features: [
      { id: 1, text: 'Quiet' },
      { id: 2, text: 'Small' },
      { id: 3, text: 'Cheap' },
    ],
  },
};
const rowsAfter = (...features: DraftRow[]): Draft => ({ fields: {}, children: { features } });

test('what is the same is no difference, and what is left out is the same', () => {
  assert.deepEqual(differenceOf(product, draft, draft), { fields: [], lists: [] });
  assert.deepEqual(differenceOf(product, draft, { fields: {} }), { fields: [], lists: [] });
});

test('each field that differs says what it was and what it is', () => {
  const { fields } = differenceOf(product, draft, {
    slug: 'p2',
    status: 'published',
    publishAtMs: 5,
    fields: { isFeatured: true, category: 4, name: 'Pump two' },
    seo: { title: 'Title', description: '', image: 7 },
  });
  assert.deepEqual(
    fields.map(({ field, kind, before, after }) => [field, kind, before, after]),
    [
      ['name', 'text', 'Pump one', 'Pump two'],
      ['category', 'reference', 3, 4],
      ['isFeatured', 'flag', false, true],
      ['slug', 'text', 'p1', 'p2'],
      ['status', 'status', 'draft', 'published'],
      ['publishAt', 'moment', null, 5],
      ['seo.title', 'text', '', 'Title'],
      ['seo.image', 'image', null, 7],
    ],
  );
  assert.equal(written(fields[0]?.words ?? []), 'Pump [-one-]{+two+}');
  assert.equal(fields[1]?.words, undefined);
});

const rich: readonly { readonly name: string; readonly after: string; readonly parts: string }[] = [
  { name: 'a word', after: '<h2>Use</h2><p>Moves oil.</p>', parts: '## Use\nMoves [-water-]{+oil+}.' },
  { name: 'the rank of a heading', after: '<h3>Use</h3><p>Moves water.</p>', parts: '##{+#+} Use\nMoves water.' },
  {
    name: 'a point',
    after: '<h2>Use</h2><p>Moves water.</p><ul><li><p>Fast</p></li></ul>',
    parts: '## Use\nMoves water.{+\n• Fast+}',
  },
  {
    name: 'a picture',
    after: '<h2>Use</h2><p>Moves water.<img data-media="7" alt=""></p>',
    parts: '## Use\nMoves water.{+ [picture 7]+}',
  },
  { name: 'only its marks', after: '<h2>Use</h2><p>Moves <em>water</em>.</p>', parts: '## Use\nMoves water.' },
];
for (const { name, after, parts } of rich) {
  test(`rich text that differs in ${name} is compared as one reads it`, () => {
    const { fields } = differenceOf(product, draft, { fields: { description: after } });
    assert.deepEqual(
      fields.map(({ field }) => field),
      ['description'],
    );
    assert.equal(written(fields[0]?.words ?? []), parts);
  });
}

const lists: readonly { readonly name: string; readonly rows: readonly DraftRow[]; readonly expected: readonly unknown[] }[] = [
  {
    name: 'a row more',
    rows: [{ id: 1, text: 'Quiet' }, { text: 'New' }, { id: 2, text: 'Small' }, { id: 3, text: 'Cheap' }],
    expected: [['added', 'New', null, 1]],
  },
  {
    name: 'a row less',
    rows: [
      { id: 1, text: 'Quiet' },
      { id: 3, text: 'Cheap' },
    ],
    expected: [['removed', 'Small', 1, null]],
  },
  {
    name: 'a row that changed',
    rows: [
      { id: 1, text: 'Silent' },
      { id: 2, text: 'Small' },
      { id: 3, text: 'Cheap' },
    ],
    expected: [['changed', 'Silent', 0, 0]],
  },
  {
    name: 'a row that moved',
    rows: [
      { id: 3, text: 'Cheap' },
      { id: 1, text: 'Quiet' },
      { id: 2, text: 'Small' },
    ],
    expected: [['moved', 'Cheap', 2, 0]],
  },
  { name: 'rows without ids that say the same', rows: [{ text: 'Quiet' }, { text: 'Small' }, { text: 'Cheap' }], expected: [] },
  {
    name: 'no rows at all',
    rows: [],
    expected: [
      ['removed', 'Quiet', 0, null],
      ['removed', 'Small', 1, null],
      ['removed', 'Cheap', 2, null],
    ],
  },
];
for (const { name, rows, expected } of lists) {
  test(`of a list is told: ${name}`, () => {
    const { lists: told } = differenceOf(product, draft, rowsAfter(...rows));
    assert.deepEqual(
      told.flatMap(({ rows: differing }) => differing.map(({ change, title, from, to }) => [change, title, from, to])),
      expected,
    );
  });
}

test('a row that moved and changed says both', () => {
  const after = rowsAfter({ id: 3, text: 'Dear' }, { id: 1, text: 'Quiet' }, { id: 2, text: 'Small' });
  const [row] = differenceOf(product, draft, after).lists[0]?.rows ?? [];
  assert.equal(row?.change, 'moved');
  assert.equal(written(row?.fields[0]?.words ?? []), '[-Cheap-]{+Dear+}');
});
