import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { blogPost, CONTENT_TYPES, product, productCategory } from '../types/index.ts';
import type { ContentView } from './content-view.ts';
import { searchExpression } from './find-hits.ts';
import { openView } from './open-view.ts';
import { removeSearchDocument, writeSearchDocument } from './search-index.ts';
import { openTestContent, type TestContent } from './testing/test-content.ts';
import { XSS_PAYLOADS } from './testing/xss-payloads.ts';

type Shop = TestContent & { readonly view: () => ContentView };

const openShop = async (): Promise<Shop> => {
  const opened = await openTestContent();
  const { content, database, clock } = opened;
  const category = content.create(productCategory, { fields: { name: 'Pumps', description: 'All pumps' } }, null).id;
  const add = (name: string, description: string): void => {
    content.create(product, { status: 'published', fields: { name, sku: name, category, description } }, null);
  };
  add('Zürich pump', '<p>Moves water &amp; oil up to 40 m.</p>');
  add('Crème valve', '<p>Closes before a <strong>pump</strong> starts, [[really]].</p>');
  add(
    'Sensor',
    `<p>${'Measures whatever there is to measure. '.repeat(30)}And the vibration of motors.</p><p>${'More of it. '.repeat(30)}</p>`,
  );
  return Object.assign(opened, { view: () => openView({ database, types: CONTENT_TYPES, now: () => clock.nowMs }) });
};

const names = (view: ContentView, words: string): readonly string[] =>
  view.search(words, { limit: 10 }).map(({ title }) => title);

const cases: readonly { readonly name: string; readonly words: string; readonly found: readonly string[] }[] = [
  { name: 'a title before a text', words: 'pump', found: ['Zürich pump', 'Crème valve'] },
  { name: 'the beginning of the last word', words: 'vib', found: ['Sensor'] },
  { name: 'not the beginning of a word before it', words: 'vibr motors', found: [] },
  { name: 'all the words, wherever they stand', words: 'OIL zurich', found: ['Zürich pump'] },
  { name: 'words without their marks', words: 'creme', found: ['Crème valve'] },
  { name: 'words with marks', words: 'zu\u0308rich', found: ['Zürich pump'] },
  { name: 'nothing for nothing', words: ' ', found: [] },
  { name: 'nothing for signs', words: '"*()^:-+', found: [] },
  { name: 'nothing that is only in a tag', words: 'strong', found: [] },
  { name: 'words that are syntax elsewhere', words: 'NOT pump', found: [] },
  { name: 'words between which stands syntax', words: 'title:pump* OR "oil', found: [] },
];
for (const { name, words, found } of cases) {
  test(`the search finds ${name}: ${JSON.stringify(words)}`, async () => {
    using shop = await openShop();
    assert.deepEqual(names(shop.view(), words), found);
    assert.equal(shop.view().countHits(words, 'product'), found.length);
  });
}

test('a hit says where it leads and what stands around the word', async () => {
  using shop = await openShop();
  const [hit] = shop.view().search('vibration', { limit: 1 });
  assert.equal(hit?.path, '/products/pumps/sensor');
  assert.match(hit?.excerpt ?? '', /^….*the \[\[vibration\]\] of motors.*…$/);
  assert.ok((hit?.excerpt.length ?? 0) < 300);
  const brackets = shop.view().search('starts', { limit: 1 })[0]?.excerpt ?? '';
  assert.match(brackets, /a pump \[\[starts\]\], \[ \[really\] \]\./);
});

test('each hit has words of its own text', async () => {
  using shop = await openShop();
  const excerpts = shop
    .view()
    .search('pump', { limit: 5 })
    .map(({ excerpt }) => excerpt);
  assert.ok(excerpts.length > 1);
  assert.equal(new Set(excerpts).size, excerpts.length);
});

test('pages of hits do not overlap, and types that are not asked for are left out', async () => {
  using shop = await openShop();
  const all = shop.view().search('pump', { limit: 2 });
  assert.deepEqual(
    shop
      .view()
      .search('pump', { limit: 1, offset: 1 })
      .map(({ id }) => id),
    all.slice(1).map(({ id }) => id),
  );
  assert.deepEqual(shop.view().search('pump', { limit: 5, types: ['blog-post', 'nonsense'] }), []);
  assert.equal(shop.view().countHits('pump', 'blog-post'), 0);
  assert.equal(shop.view().countHits('pump', 'product-category'), 0);
});

test('whatever somebody types is a question, never an error', async () => {
  using shop = await openShop();
  const random = createRandom(11);
  const pieces = [
    ...XSS_PAYLOADS,
    '"',
    "'",
    '*',
    '^',
    'NEAR(',
    ')',
    'AND',
    'OR',
    'NOT',
    '{title}:',
    '-',
    '+',
    '\u0000',
    '٣',
    'ﬁ',
    '½',
    '\ud800',
    '🎈',
    'ா',
  ];
  const view = shop.view();
  for (let round = 0; round < 500; round++) {
    const words = Array.from({ length: random.integer(1, 5) }, () => random.pick(pieces)).join(random.pick(['', ' ']));
    assert.ok(Array.isArray(view.search(words, { limit: 3 })), words);
    view.countHits(words, 'product');
  }
  assert.equal(view.search('x'.repeat(1_000_000), { limit: 3 }).length, 0);
  assert.equal((searchExpression('a '.repeat(1_000)) ?? '').split(' ').length, 10);
});

test('what a record says now is found, what it said before is not', async () => {
  using shop = await openShop();
  const { database, content } = shop;
  const id = content.list(product).records.find(({ fields }) => fields.name === 'Sensor')?.id ?? 0;
  const record = content.find(product, id);
  assert.ok(record !== undefined);
  writeSearchDocument(database, product, { id, fields: { ...record.fields, name: 'Detector' } });
  assert.deepEqual(names(shop.view(), 'sensor'), ['Detector'], 'its SKU still says so');
  assert.deepEqual(names(shop.view(), 'detector'), ['Detector']);
  removeSearchDocument(database, product, id);
  removeSearchDocument(database, blogPost, id);
  assert.deepEqual(names(shop.view(), 'detector'), []);
  assert.equal(database.prepare('SELECT count(*) AS n FROM search_index').get()?.['n'], 2);
});
