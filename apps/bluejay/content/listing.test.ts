import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blogAuthor, blogCategory, blogPost, blogTag, product, productCategory } from '../types/index.ts';
import { listRecords } from './listing.ts';
import type { ListQuery } from './content.ts';
import type { ContentType } from './content-type.ts';
import { defaultsOf } from './defaults.ts';
import { findReferrers } from './references.ts';
import { insertRow } from './row-writing.ts';
import { completed } from './snapshot.ts';
import { NOON, openTestContent } from './testing/test-content.ts';

const ADA = { id: 1, name: 'Ada' };

test('the list filters, finds words, sorts and counts its pages', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const category = content.create(blogCategory, { fields: { name: 'News' } }, ADA);
  const other = content.create(blogCategory, { fields: { name: 'Notes' } }, ADA);
  const author = content.create(blogAuthor, { fields: { name: 'Ada', title: 'Engineer' } }, ADA);
  const tag = content.create(blogTag, { fields: { name: 'Steel' } }, ADA);
  const post = (title: string, fields: object, draft: object, by = ADA) =>
    content.create(
      blogPost,
      { ...draft, fields: { title, excerpt: 'e', body: '<p>b</p>', category: category.id, author: author.id, ...fields } },
      by,
    );
  post('Alpha 100% steel', { tags: [tag.id] }, { status: 'published', publishAtMs: NOON - 2 });
  post('beta', { category: other.id }, { status: 'published', publishAtMs: NOON - 1 });
  post('Gamma', {}, { status: 'published', publishAtMs: NOON + 1_000 });
  post('delta steel', {}, { status: 'draft' }, { id: 2, name: 'Bob' });
  post('Epsilon', {}, { status: 'archived' });

  const cases: readonly (readonly [string, ListQuery, readonly string[]])[] = [
    ['newest first', {}, ['Gamma', 'beta', 'Alpha 100% steel', 'Epsilon', 'delta steel']],
    [
      'by title',
      { order: { by: 'title', direction: 'ascending' } },
      ['Alpha 100% steel', 'beta', 'delta steel', 'Epsilon', 'Gamma'],
    ],
    ['an order it does not know', { order: { by: 'nonsense', direction: 'ascending' }, status: 'draft' }, ['delta steel']],
    ['what visitors see', { status: 'published' }, ['beta', 'Alpha 100% steel']],
    ['what they will see', { status: 'scheduled' }, ['Gamma']],
    ['drafts', { status: 'draft' }, ['delta steel']],
    ['the archive', { status: 'archived' }, ['Epsilon']],
    ['a category', { where: { category: other.id } }, ['beta']],
    ['a category as an address names it', { where: { category: String(other.id) } }, ['beta']],
    ['a category that is no number', { where: { category: 'x' } }, []],
    ['a tag', { where: { tags: tag.id } }, ['Alpha 100% steel']],
    ['who made it', { createdBy: 2 }, ['delta steel']],
    ['two words in any order', { search: 'STEEL alpha' }, ['Alpha 100% steel']],
    ['a percent sign as itself', { search: '0%' }, ['Alpha 100% steel']],
    ['an underscore as itself', { search: '_' }, []],
    ['a word of the slug', { search: 'delta-steel' }, ['delta steel']],
    ['a page', { perPage: 2, page: 2 }, ['Alpha 100% steel', 'Epsilon']],
    ['a page too far is the last', { perPage: 2, page: 9 }, ['delta steel']],
    ['a page before the first', { perPage: 2, page: -1 }, ['Gamma', 'beta']],
  ];
  for (const [says, query, titles] of cases)
    assert.deepEqual(
      content.list(blogPost, query).records.map(({ fields }) => fields.title),
      titles,
      says,
    );
  const { total, page, pages } = content.list(blogPost, { perPage: 2, page: 2 });
  assert.deepEqual({ total, page, pages }, { total: 5, page: 2, pages: 3 });
  assert.throws(() => content.list(blogPost, { where: { 'title" OR 1': 'x' } }), TypeError);
});

test('of 10,000 products one page is read through an index, with as many questions as for ten', async () => {
  using tested = await openTestContent();
  const { content, database } = tested;
  const category = content.create(productCategory, { fields: { name: 'Pumps', description: 'd', icon: 'category' } }, ADA);
  database.exec('BEGIN');
  for (let number = 0; number < 10_000; number++) {
    const fields = { ...defaultsOf(product.fields), name: `P ${number}`, sku: `S${number}`, category: category.id };
    const complete = {
      ...completed(product, undefined, { fields, status: 'published', publishAtMs: number }),
      slug: `p-${number}`,
    };
    insertRow(database, product, complete, { nowMs: NOON, createdBy: null });
  }
  database.exec('COMMIT');

  const read = (query: ListQuery) => () => {
    const page = listRecords(database, product as ContentType, { query, nowMs: NOON });
    assert.deepEqual([page.records.length, page.total], [15, 10_000]);
  };
  const asked = askedOf(tested.database, read({ page: 3 }));
  const lists = Object.keys(product.children).length;
  assert.equal(asked.length, 3 + lists, 'the count, the ids of the page, the records, and each child list');
  const visible = askedOf(tested.database, read({ page: 3, status: 'published' }));
  assert.equal(visible.length, 2);
  const plans = [...asked, ...visible].map((sql) => planOf(database, sql));
  // The count is one walk over the narrowest index; whatever is read of the page comes in order from one.
  for (const [index, plan] of plans.entries()) {
    assert.match(plan, /USING (?:COVERING )?INDEX|USING INTEGER PRIMARY KEY/, [...asked, ...visible][index]);
    assert.doesNotMatch(plan, /USE TEMP B-TREE FOR ORDER BY(?! LAST)/, [...asked, ...visible][index]);
    assert.doesNotMatch(plan, /SCAN (?!r USING|json_each)/, [...asked, ...visible][index]);
  }
  assert.match(plans[1] ?? '', /SCAN r USING COVERING INDEX products__order_name_ascending/);
  assert.match(plans.at(-1) ?? '', /SEARCH r USING INDEX products__order_status_name_ascending/);

  const front = askedOf(database, () => void content.view().list(product, { where: { isFeatured: true } }));
  const featured = front.find((sql) => /FROM "products" r WHERE .* ORDER BY/.test(sql)) ?? '';
  assert.match(planOf(database, featured), /products__order_is_featured_name_ascending/, 'the front page reads the few that are');

  const referring = askedOf(database, () => {
    assert.equal(findReferrers(database, content.types, { type: productCategory, id: category.id })[0]?.ids.length, 10_000);
  });
  for (const sql of referring) assert.match(planOf(database, sql), /SEARCH .* USING (?:COVERING )?INDEX/, sql);
  for (const { sql, plan } of [
    {
      sql: 'SELECT 1 FROM products WHERE "slug" = ? COLLATE NOCASE AND "slug" <> \'\' AND "id" <> ?',
      plan: /products__one_slug/,
    },
    { sql: 'SELECT 1 FROM products WHERE "sku" = ? COLLATE NOCASE AND "sku" <> \'\' AND "id" <> ?', plan: /products__one_sku/ },
  ])
    assert.match(planOf(database, sql), plan);
});

type Database = Awaited<ReturnType<typeof openTestContent>>['database'];

/** The texts of the statements that were run for the first time. */
const askedOf = (database: Database, work: () => void): readonly string[] => {
  const { prepare } = database;
  const asked: string[] = [];
  database.prepare = (sql: string) => {
    asked.push(sql);
    return prepare.call(database, sql);
  };
  try {
    work();
  } finally {
    database.prepare = prepare;
  }
  return asked;
};

const planOf = (database: Database, sql: string): string =>
  database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...(sql.match(/\?/g) ?? []).map(() => 1))
    .map(({ detail }) => String(detail))
    .join('; ');
