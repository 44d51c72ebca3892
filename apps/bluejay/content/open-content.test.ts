import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  blogAuthor,
  blogCategory,
  blogPost,
  blogTag,
  industry,
  office,
  pageSection,
  product,
  productCategory,
  siteSettings,
} from '../types/index.ts';
import type { Content } from './content.ts';
import type { ContentType, RecordOf } from './content-type.ts';
import type { Draft } from './draft.ts';
import { ConflictError, InvalidContentError } from './errors.ts';
import type { Value } from './field.ts';
import { NOON, openTestContent } from './testing/test-content.ts';

const ADA = { id: 1, name: 'Ada' };
const BOB = { id: 2, name: 'Bob' };
const HOUR_MS = 3_600_000;

const officeFields = { name: 'Berlin', addressLine1: 'Street 1', city: 'Berlin', state: 'Berlin', postalCode: '10115' };
const newOffice = (content: Content, fields: Readonly<Record<string, Value>> = {}) =>
  content.create(office, { fields: { ...officeFields, ...fields } }, ADA);
const newTag = (content: Content, name: string, draft: Partial<Draft> = {}) =>
  content.create(blogTag, { ...draft, fields: { name } }, ADA);

const newProduct = (content: Content, draft: Partial<Draft> = {}) => {
  const category =
    content.list(productCategory).records[0] ??
    content.create(productCategory, { fields: { name: 'Pumps', description: 'They pump.', icon: 'category' } }, ADA);
  const fields = { name: 'X-200', sku: 'X200', category: category.id, description: '<p>Good.</p>', ...draft.fields };
  return content.create(product, { ...draft, fields }, ADA);
};

const newPost = (content: Content, fields: Readonly<Record<string, Value>> = {}) => {
  const category = content.create(blogCategory, { fields: { name: `News ${content.list(blogCategory).total}` } }, ADA);
  const author = content.create(blogAuthor, { fields: { name: 'Ada', title: 'Engineer' } }, ADA);
  const draft = { title: 'A post', excerpt: 'Short.', body: '<p>Long.</p>', category: category.id, author: author.id, ...fields };
  return content.create(blogPost, { fields: draft }, ADA);
};

const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof InvalidContentError, String(error));
    return error.problems.map(({ field }) => field);
  }
  assert.fail('it was taken');
};

const change = <T extends ContentType>(content: Content, type: T, record: RecordOf<T>, draft: Partial<Draft>): RecordOf<T> =>
  content.update(type, record.id, { fields: {}, ...draft }, { version: record.version, actor: ADA });

test('a second editor who saved an older version is told, sees what is there, and nothing is written', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const first = newTag(content, 'one');
  const theirs = content.update(blogTag, first.id, { fields: { name: 'theirs' } }, { version: first.version, actor: BOB });
  assert.equal(theirs.version, first.version + 1);
  assert.throws(
    () => content.update(blogTag, first.id, { fields: { name: 'mine' } }, { version: first.version, actor: ADA }),
    (error) => {
      assert.ok(error instanceof ConflictError);
      assert.equal(error.statusCode, 409);
      assert.equal(error.by, 'Bob');
      assert.deepEqual(error.current, theirs);
      return true;
    },
  );
  assert.deepEqual(content.find(blogTag, first.id), theirs);
});

test('the same form sent twice is saved once and is no conflict', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const first = newTag(content, 'one');
  const by = { version: first.version, actor: ADA };
  const saved = content.update(blogTag, first.id, { fields: { name: 'two' } }, by);
  tested.entries.length = 0;
  tested.changes.length = 0;
  assert.deepEqual(content.update(blogTag, first.id, { fields: { name: 'two' } }, by), saved);
  assert.deepEqual(change(content, blogTag, saved, { fields: { name: 'two' } }), saved);
  assert.equal(content.revisions(blogTag, first.id).length, 2);
  assert.deepEqual([tested.entries, tested.changes], [[], []]);
});

test('slugs are made of the name, become free by a number, and stay when the name changes', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const names = ['Größe & Maß', 'groesse mass', 'Grösse Mass!', '日本', '日本語'];
  const industries = names.map((name) => content.create(industry, { fields: { name } }, ADA));
  assert.deepEqual(
    industries.map(({ slug }) => slug),
    ['groesse-mass', 'groesse-mass-2', 'groesse-mass-3', 'industry', 'industry-2'],
  );
  const [first] = industries;
  assert.ok(first);
  assert.equal(change(content, industry, first, { fields: { name: 'Other' } }).slug, 'groesse-mass');
});

const slugs: readonly { readonly slug: string; readonly problems: readonly string[] }[] = [
  { slug: 'taken', problems: ['slug'] },
  { slug: 'TAKEN', problems: ['slug'] },
  { slug: 'not a slug', problems: ['slug'] },
];
for (const { slug, problems } of slugs) {
  test(`the slug “${slug}” that somebody chose is refused, not altered`, async () => {
    using tested = await openTestContent();
    newTag(tested.content, 'x', { slug: 'taken' });
    assert.deepEqual(
      problemsOf(() => newTag(tested.content, 'y', { slug })),
      problems,
    );
  });
}

test('a derived slug avoids an address of the site', async () => {
  using tested = await openTestContent();
  const fields = { name: 'Search', description: 'Things to search with.', icon: 'category' };
  assert.equal(tested.content.create(productCategory, { fields }, ADA).slug, 'search-2');
});

test('what must be unique is, letter case aside, and a record does not stand in its own way', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const one = newTag(content, 'Steel');
  assert.deepEqual(
    problemsOf(() => newTag(content, 'STEEL')),
    ['name'],
  );
  assert.equal(change(content, blogTag, one, { fields: { name: 'STEEL' } }).fields.name, 'STEEL');
});

test('a flag that only one may have is taken from the other, whose editors learn of it', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const first = newOffice(content, { isPrimary: true });
  const second = newOffice(content, { name: 'Pune', isPrimary: true });
  const former = content.find(office, first.id);
  assert.equal(former?.fields.isPrimary, false);
  assert.equal(former.version, first.version + 1);
  assert.equal(content.revisions(office, first.id)[0]?.action, 'updated');
  assert.deepEqual(
    tested.changes.map(({ id, action }) => [id, action]),
    [
      [first.id, 'created'],
      [first.id, 'updated'],
      [second.id, 'created'],
    ],
  );
});

test('what a record refers to cannot be deleted, and the message names who does', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const made = newProduct(content);
  const category = Number(made.fields.category);
  assert.throws(() => content.remove(productCategory, category, ADA), {
    code: 'CONTENT_IN_USE',
    statusCode: 409,
    message: '“Pumps” is still in use by the product “X-200”. Change those first.',
  });
  assert.deepEqual(
    content.usersOf(productCategory, category).map(({ type, record }) => [type.name, record.id]),
    [['product', made.id]],
  );
  newProduct(content, { fields: { sku: 'X201', category } });
  assert.equal(content.usersOf(productCategory, category).length, 2);
  assert.equal(content.usersOf(productCategory, category, 1).length, 1);
  for (const { record } of content.usersOf(productCategory, category)) content.remove(product, record.id, ADA);
  content.remove(productCategory, category, ADA);
  assert.equal(content.find(productCategory, category), undefined);
});

test('a record that is deleted leaves the lists that name it, as a change of each', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const [a, b, c] = ['a', 'b', 'c'].map((name) => newTag(content, name).id);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  const post = newPost(content, { tags: [c, a, b, a] });
  assert.deepEqual(post.fields.tags, [c, a, b], 'each once');
  tested.changes.length = 0;
  content.remove(blogTag, a, ADA);
  assert.deepEqual(content.find(blogPost, post.id)?.fields.tags, [c, b]);
  assert.deepEqual(
    tested.changes.map(({ tags }) => tags),
    [
      [`blog-post:${post.id}`, 'blog-post:*'],
      [`blog-tag:${a}`, 'blog-tag:*'],
    ],
  );
  // The revision that had it comes back without it.
  const restored = content.revision(blogPost, post.id, 1);
  assert.deepEqual(restored?.fields['tags'], [c, b]);
});

test('a reference to what is not there is a problem of its field', async () => {
  using tested = await openTestContent();
  assert.deepEqual(
    problemsOf(() => newPost(tested.content, { author: 999 })),
    ['author'],
  );
});

test('media is found where it is used: fields, rows, texts, the preview picture', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const made = newProduct(content, {
    fields: {
      primaryImage: 3,
      overview: '<p>See <img data-media="5" alt="a"> and <a href="/downloads/9/sheet.pdf">this</a></p>',
    },
    seo: { title: '', description: '', image: 6 },
    children: { images: [{ image: 4 }], downloads: [{ title: 'Sheet', file: 8 }] },
  });
  const users = (id: number) => content.usersOfMedia(id).map(({ type, record }) => `${type.name} ${record.id}`);
  for (const id of [3, 4, 5, 6, 8, 9]) assert.deepEqual(users(id), [`product ${made.id}`], `media ${id}`);
  assert.deepEqual(users(7), []);
  change(content, product, made, { fields: { primaryImage: null } });
  assert.deepEqual(users(3), []);
  content.remove(product, made.id, ADA);
  assert.deepEqual(users(4), []);
});

const moments: readonly {
  readonly says: string;
  readonly first: Partial<Draft>;
  readonly later?: Partial<Draft>;
  readonly publishAtMs: number | null;
}[] = [
  { says: 'a draft has none', first: {}, publishAtMs: null },
  { says: 'what is published appears now', first: { status: 'published' }, publishAtMs: NOON },
  { says: 'what is scheduled keeps its moment', first: { status: 'published', publishAtMs: NOON + 9 }, publishAtMs: NOON + 9 },
  {
    says: 'a draft that is published later appears then',
    first: {},
    later: { status: 'published' },
    publishAtMs: NOON + HOUR_MS,
  },
  {
    says: 'what appeared keeps its day when the moment is emptied',
    first: { status: 'published', publishAtMs: NOON - 5 },
    later: { publishAtMs: null },
    publishAtMs: NOON - 5,
  },
  {
    says: 'what was scheduled appears at once when the moment is emptied',
    first: { status: 'published', publishAtMs: NOON + 2 * HOUR_MS },
    later: { publishAtMs: null },
    publishAtMs: NOON + HOUR_MS,
  },
  {
    says: 'what is unpublished keeps its day',
    first: { status: 'published' },
    later: { status: 'draft' },
    publishAtMs: NOON,
  },
];
for (const { says, first, later, publishAtMs } of moments) {
  test(`the moment of publication: ${says}`, async () => {
    using tested = await openTestContent();
    let made = newProduct(tested.content, first);
    tested.clock.nowMs += HOUR_MS;
    if (later !== undefined) made = change(tested.content, product, made, later);
    assert.equal(made.publishAtMs, publishAtMs);
  });
}

test('the activity log has a sentence for each kind of save', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  let made = newProduct(content);
  const go = (draft: Partial<Draft>): void => {
    made = change(content, product, made, draft);
  };
  go({ fields: { tagline: 'Better' } });
  go({ status: 'published' });
  go({ status: 'draft' });
  go({ status: 'published', publishAtMs: NOON + HOUR_MS });
  const draft = content.revision(product, made.id, 1);
  assert.ok(draft);
  content.update(product, made.id, draft, { version: made.version, actor: BOB, restored: 1 });
  const settings = content.single(siteSettings);
  content.update(siteSettings, settings.id, { fields: { siteName: 'Ours' } }, { version: settings.version, actor: ADA });
  content.remove(product, made.id, null);
  assert.deepEqual(
    tested.entries
      .filter(({ resource }) => resource !== 'product-category')
      .map(({ action, description }) => [action, description]),
    [
      ['created', 'Created the product “X-200” as a draft'],
      ['updated', 'Updated the product “X-200”'],
      ['published', 'Published the product “X-200”'],
      ['unpublished', 'Unpublished the product “X-200”'],
      ['published', 'Scheduled the product “X-200” for 2026-06-01 13:00 UTC'],
      ['restored', 'Restored the product “X-200” as it was in revision 1'],
      ['updated', `Updated “${siteSettings.label.one}”`],
      ['deleted', 'Deleted the product “X-200”'],
    ],
  );
  assert.deepEqual(tested.entries.at(-1)?.actor, null);
});

test('singletons and fixed records are changed, never made or deleted', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const [section] = content.list(pageSection).records;
  assert.ok(section);
  for (const work of [
    () => content.create(pageSection, { fields: { key: 'x' } }, ADA),
    () => content.remove(pageSection, section.id, ADA),
    () => content.remove(siteSettings, content.single(siteSettings).id, ADA),
  ])
    assert.throws(work, { code: 'CONTENT_FIXED', statusCode: 409 });
  change(content, pageSection, section, { fields: { heading: 'Now ours' } });
  // What was there before the first change is not lost.
  assert.equal(content.revision(pageSection, section.id, 1)?.fields['heading'], section.fields.heading);
  assert.equal(content.revisions(pageSection, section.id).length, 2);
});

test('records are sorted by hand, all of them or none', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const ids = ['A', 'B', 'C'].map((name) => newOffice(content, { name }).id);
  const names = () => content.list(office).records.map(({ fields }) => fields.name);
  assert.deepEqual(names(), ['A', 'B', 'C']);
  content.reorder(office, [...ids].reverse(), ADA);
  assert.deepEqual(names(), ['C', 'B', 'A']);
  newOffice(content, { name: 'D' });
  assert.deepEqual(names(), ['C', 'B', 'A', 'D']);
  for (const wrong of [ids, [...ids, 999], [...ids, ids[0] ?? 0]])
    assert.throws(() => content.reorder(office, wrong, ADA), { code: 'CONTENT_ORDER', statusCode: 409 });
  assert.deepEqual(names(), ['C', 'B', 'A', 'D']);
});

test('an older keystroke never replaces a newer one', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const copy = (sequence: number, name: string) => ({
    type: 'blog-tag',
    recordId: 0,
    version: 1,
    sequence,
    draft: { fields: { name } },
  });
  const typed = () => content.workingCopy(1, blogTag, 0)?.draft.fields['name'];
  assert.equal(content.keepWorkingCopy(1, copy(2, 'second')), true);
  assert.equal(content.keepWorkingCopy(1, copy(1, 'first')), false);
  assert.equal(content.keepWorkingCopy(1, copy(2, 'again')), false);
  assert.equal(typed(), 'second');
  assert.equal(content.keepWorkingCopy(1, copy(3, 'third')), true);
  assert.equal(typed(), 'third');
  assert.equal(content.workingCopy(2, blogTag, 0), undefined, 'it is one’s own');
  content.dropWorkingCopy(1, blogTag, 0);
  assert.equal(typed(), undefined);
});

test('whatever fails leaves nothing: no record, no revision, no entry, no change', async () => {
  using tested = await openTestContent();
  const { content, database } = tested;
  const post = newPost(content);
  tested.entries.length = 0;
  tested.changes.length = 0;
  database.exec("CREATE TRIGGER full BEFORE INSERT ON revisions BEGIN SELECT raise(ABORT, 'disk full'); END");
  assert.throws(() => change(content, blogPost, post, { fields: { title: 'Other' } }), /disk full/);
  assert.throws(() => newTag(content, 'x'), /disk full/);
  database.exec('DROP TRIGGER full');
  assert.deepEqual(content.find(blogPost, post.id), post);
  assert.equal(content.list(blogTag).total, 0);
  assert.deepEqual(tested.changes, []);
  newTag(content, 'y');
  assert.equal(tested.changes.length, 1, 'what failed is not told later either');
});

test('a row of another record is not taken over by naming its id', async () => {
  using tested = await openTestContent();
  const { content } = tested;
  const mine = newProduct(content, { children: { features: [{ text: 'mine' }] } });
  const theirs = newProduct(content, { fields: { sku: 'Y', name: 'Y' }, children: { features: [{ text: 'theirs' }] } });
  const [row] = theirs.children.features;
  assert.ok(row);
  const stolen = change(content, product, mine, {
    children: {
      features: [
        { id: row.id, text: 'stolen' },
        { id: 2 ** 40, text: 'far' },
      ],
    },
  });
  assert.deepEqual(content.find(product, theirs.id)?.children.features, theirs.children.features);
  assert.deepEqual(
    stolen.children.features.map(({ text }) => text),
    ['stolen', 'far'],
  );
  const last = change(content, product, stolen, { children: { features: [{ text: 'next' }] } });
  assert.ok(Number(last.children.features[0]?.id) < 100, 'and no id is skipped to the end of all numbers');
});
