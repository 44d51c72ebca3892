import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContentType } from './content-type.ts';
import type { ContentView, ViewOptions, ViewQuery } from './content-view.ts';
import { defineContentType } from './content-type.ts';
import type { Draft } from './draft.ts';
import { openView } from './open-view.ts';
import { NOON, openTestContent, type TestContent } from './testing/test-content.ts';

const HOUR_MS = 3_600_000;

const shelf = defineContentType({
  name: 'shelf',
  table: 'shelves',
  label: { one: 'Shelf', many: 'Shelves' },
  kind: 'collection',
  admin: { path: 'shelves', group: 'content' },
  title: 'name',
  fields: { name: { kind: 'text', label: 'Name', required: true } },
  lifecycle: 'publication',
  order: { by: 'position', direction: 'ascending' },
  slug: { from: 'name' },
  page: '/shelves/:slug',
});
const book = defineContentType({
  name: 'book',
  table: 'books',
  label: { one: 'Book', many: 'Books' },
  kind: 'collection',
  admin: { path: 'books', group: 'content' },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true },
    text: { kind: 'richText', label: 'Text' },
    shelf: { kind: 'reference', label: 'Shelf', to: 'shelf', onDelete: 'restrict', required: true },
    related: { kind: 'references', label: 'Related', to: 'book' },
    isNew: { kind: 'flag', label: 'New' },
  },
  children: { chapters: { label: 'Chapters', one: 'chapter', title: 'name', fields: { name: { kind: 'text', label: 'Name' } } } },
  lifecycle: 'publication',
  order: { by: 'title', direction: 'ascending' },
  slug: { from: 'title' },
  page: '/shelves/:shelf/:slug',
  search: { title: 'title', body: ['text'] },
});
const settings = defineContentType({
  name: 'book-settings',
  table: 'settings_books',
  label: { one: 'Books', many: 'Books' },
  kind: 'singleton',
  admin: { path: 'books/settings', group: 'content' },
  title: 'heading',
  fields: { heading: { kind: 'text', label: 'Heading', default: 'All books' } },
  lifecycle: 'always',
  order: { by: 'position', direction: 'ascending' },
});
const TYPES: readonly ContentType[] = [shelf, book, settings];

type Library = TestContent & {
  readonly view: (options?: ViewOptions) => ContentView;
  readonly shelfId: number;
  readonly add: (title: string, more?: Partial<Draft>) => number;
};

const openLibrary = async (): Promise<Library> => {
  const opened = await openTestContent({ types: TYPES });
  const { content, database, clock } = opened;
  const view = (options?: ViewOptions): ContentView => openView({ database, types: TYPES, now: () => clock.nowMs }, options);
  const shelfId = content.create(shelf, { status: 'published', fields: { name: 'Novels' } }, null).id;
  const add = (title: string, { fields = {}, ...more }: Partial<Draft> = {}): number =>
    content.create(
      book,
      { status: 'published', publishAtMs: NOON - HOUR_MS, ...more, fields: { title, shelf: shelfId, ...fields } },
      null,
    ).id;
  return Object.assign(opened, { view, shelfId, add });
};

const change = ({ content }: TestContent, type: ContentType, id: number, draft: Partial<Draft>): void => {
  content.update(type, id, { fields: {}, ...draft }, { version: content.find(type, id)?.version ?? 0, actor: null });
};

const titles = (records: readonly { readonly fields: { readonly title: string } }[]): readonly string[] =>
  records.map(({ fields }) => fields.title);

/** Everything that a view can say about a book called “Secret”. */
const traces = (view: ContentView, id: number): readonly string[] =>
  Object.entries({
    list: view.list(book).some((record) => record.id === id),
    'list where': view.list(book, { where: { id } }).length > 0,
    count: view.count(book) > 0,
    find: view.find(book, id) !== undefined,
    findAll: view.findAll(book, [id]).length > 0,
    bySlug: view.bySlug(book, 'secret') !== undefined,
    pathOf: view.pathOf(book, { id }) !== undefined,
    search: view.search('secret', { limit: 10 }).length > 0,
    suggestion: view.search('sec', { limit: 10, types: ['book'] }).length > 0,
    countHits: view.countHits('secret', 'book') > 0,
    redirectFor: view.redirectFor('/shelves/elsewhere/secret') !== undefined,
    'redirectFor its former name': view.redirectFor('/shelves/novels/former') !== undefined,
  })
    .filter(([, isThere]) => isThere)
    .map(([name]) => name);

const EVERYWHERE = 12;

const states: readonly { readonly name: string; readonly draft: Partial<Draft>; readonly isVisible: boolean }[] = [
  { name: 'published', draft: { status: 'published' }, isVisible: true },
  { name: 'a draft', draft: { status: 'draft' }, isVisible: false },
  { name: 'archived', draft: { status: 'archived' }, isVisible: false },
  { name: 'scheduled', draft: { status: 'published', publishAtMs: NOON + 1 }, isVisible: false },
  { name: 'ended', draft: { status: 'published', unpublishAtMs: NOON }, isVisible: false },
  { name: 'a draft with a moment that has passed', draft: { status: 'draft', publishAtMs: 1 }, isVisible: false },
  { name: 'archived before its end', draft: { status: 'archived', unpublishAtMs: NOON + 1 }, isVisible: false },
];
for (const { name, draft, isVisible } of states) {
  test(`what is ${name} is ${isVisible ? 'everywhere' : 'nowhere'}`, async () => {
    using library = await openLibrary();
    const id = library.add('Former', { fields: { text: '<p>secret words</p>' } });
    change(library, book, id, { slug: 'secret', fields: { title: 'Secret' } });
    change(library, book, id, draft);
    const found = traces(library.view(), id);
    if (isVisible) assert.equal(found.length, EVERYWHERE, found.join());
    else assert.deepEqual(found, []);
  });
}

test('what is deleted is nowhere, and its former addresses lead nowhere', async () => {
  using library = await openLibrary();
  const id = library.add('Former');
  change(library, book, id, { slug: 'secret', fields: { title: 'Secret' } });
  library.content.remove(book, id, null);
  assert.deepEqual(traces(library.view(), id), []);
});

test('what hangs on a shelf that is not visible has no page, so nobody finds it', async () => {
  using library = await openLibrary();
  const id = library.add('Secret');
  change(library, shelf, library.shelfId, { status: 'draft' });
  const view = library.view();
  assert.equal(view.pathOf(book, { id }), undefined);
  assert.deepEqual(view.search('secret', { limit: 10 }), []);
  assert.equal(view.countHits('secret', 'book'), 0);
});

const schedules: readonly { readonly name: string; readonly draft: Partial<Draft>; readonly before: boolean }[] = [
  { name: 'appears', draft: { publishAtMs: NOON + HOUR_MS }, before: false },
  { name: 'vanishes', draft: { unpublishAtMs: NOON + HOUR_MS }, before: true },
];
const questions: Readonly<Record<string, (view: ContentView, id: number) => boolean>> = {
  list: (view) => view.list(book, { limit: 1 }).length > 0,
  'list of another order': (view) => view.list(book, { order: [{ by: 'publishedAt', direction: 'descending' }] }).length > 0,
  'list of its shelf': (view, id) => view.list(book, { where: { shelf: 1 }, except: id + 1 }).length > 0,
  count: (view) => view.count(book) > 0,
  find: (view, id) => view.find(book, id) !== undefined,
  findAll: (view, id) => view.findAll(book, [id]).length > 0,
  bySlug: (view) => view.bySlug(book, 'secret') !== undefined,
  pathOf: (view, id) => view.pathOf(book, { id }) !== undefined,
  search: (view) => view.search('secret', { limit: 5 }).length > 0,
  countHits: (view) => view.countHits('secret', 'book') > 0,
  redirectFor: (view) => view.redirectFor('/shelves/elsewhere/secret') !== undefined,
};
for (const { name, draft, before } of schedules) {
  for (const [question, ask] of Object.entries(questions)) {
    test(`${question}: what ${name} by its schedule does so to the millisecond, and the answer says when`, async () => {
      using library = await openLibrary();
      const id = library.add('Secret', draft);
      const first = library.view();
      assert.equal(ask(first, id), before);
      assert.equal(first.changesAtMs(), NOON + HOUR_MS);
      library.clock.nowMs = NOON + HOUR_MS - 1;
      assert.equal(ask(library.view(), id), before);
      library.clock.nowMs = NOON + HOUR_MS;
      const last = library.view();
      assert.equal(ask(last, id), !before);
      assert.equal(last.changesAtMs(), null);
    });
  }
}

test('a schedule of what was not asked for changes nothing', async () => {
  using library = await openLibrary();
  const other = library.content.create(shelf, { status: 'published', fields: { name: 'Maps' } }, null).id;
  library.add('Secret', { publishAtMs: NOON + HOUR_MS });
  const view = library.view();
  view.list(book, { where: { shelf: other } });
  view.find(shelf, other);
  assert.equal(view.changesAtMs(), null);
});

test('a path changes when the shelf that it names appears', async () => {
  using library = await openLibrary();
  const id = library.add('Secret');
  change(library, shelf, library.shelfId, { publishAtMs: NOON + HOUR_MS });
  const view = library.view();
  assert.equal(view.pathOf(book, { id }), undefined);
  assert.equal(view.changesAtMs(), NOON + HOUR_MS);
});

test('a view is of one moment, however long a page takes', async () => {
  using library = await openLibrary();
  library.add('Secret', { publishAtMs: NOON + 1 });
  const view = library.view();
  library.clock.nowMs = NOON + 2;
  assert.equal(view.count(book), 0);
});

test('a preview sees drafts and what is to come, in lists nothing archived, and by its address everything', async () => {
  using library = await openLibrary();
  const ids = states.map(({ name, draft }) => library.add(name, draft));
  const view = library.view({ drafts: 'all' });
  assert.equal(view.isPreview, true);
  assert.deepEqual(titles(view.list(book)), ['a draft', 'a draft with a moment that has passed', 'published', 'scheduled']);
  assert.equal(view.findAll(book, ids).length, 4);
  assert.ok(ids.every((id) => view.find(book, id) !== undefined && view.pathOf(book, { id }) !== undefined));
});

test('a link to one draft shows that draft and no other', async () => {
  using library = await openLibrary();
  const shown = library.add('Shown draft', { status: 'draft' });
  const other = library.add('Other draft', { status: 'draft' });
  const view = library.view({ drafts: { type: 'book', id: shown } });
  assert.deepEqual(titles(view.list(book)), ['Shown draft']);
  assert.equal(view.pathOf(book, { id: shown }), '/shelves/novels/shown-draft');
  assert.equal(view.find(book, other), undefined);
  assert.deepEqual(
    view.search('draft', { limit: 5 }).map(({ id }) => id),
    [shown],
  );
  assert.equal(library.view({ drafts: { type: 'shelf', id: shown } }).find(book, shown), undefined);
});

const lists: readonly { readonly name: string; readonly query: ViewQuery; readonly titles: readonly string[] }[] = [
  { name: 'the order of the type', query: {}, titles: ['Alpha', 'beta', 'Gamma'] },
  {
    name: 'another order',
    query: {
      order: [
        { by: 'isNew', direction: 'descending' },
        { by: 'title', direction: 'descending' },
      ],
    },
    titles: ['Gamma', 'beta', 'Alpha'],
  },
  {
    name: 'when it appeared',
    query: { order: [{ by: 'publishedAt', direction: 'descending' }] },
    titles: ['beta', 'Gamma', 'Alpha'],
  },
  { name: 'a limit and an offset', query: { limit: 1, offset: 1 }, titles: ['beta'] },
  { name: 'a limit of nothing', query: { limit: 0 }, titles: [] },
  { name: 'a flag', query: { where: { isNew: true } }, titles: ['Gamma'] },
  { name: 'what refers to another', query: { where: { related: 1 } }, titles: ['beta', 'Gamma'] },
  { name: 'all but one', query: { except: 1, where: { related: 1 } }, titles: ['beta', 'Gamma'] },
  { name: 'all but another', query: { except: 2 }, titles: ['Alpha', 'Gamma'] },
];
for (const { name, query, titles: expected } of lists) {
  test(`a list by ${name}`, async () => {
    using library = await openLibrary();
    const alpha = library.add('Alpha', { publishAtMs: 1 });
    library.add('beta', { publishAtMs: 3, fields: { related: [alpha] } });
    library.add('Gamma', { publishAtMs: 2, fields: { related: [alpha], isNew: true } });
    const view = library.view();
    assert.deepEqual(titles(view.list(book, query)), expected);
    const { limit: _, offset: __, order: ___, ...rest } = query;
    assert.equal(view.count(book, rest), titles(view.list(book, rest)).length);
  });
}

test('a field that is not declared is no question', async () => {
  using library = await openLibrary();
  assert.throws(() => library.view().list(book, { where: { 'id" OR 1=1 --': 1 } }), /has no field/);
});

test('rows come with their records, and the one record of a singleton with its defaults', async () => {
  using library = await openLibrary();
  const id = library.add('Alpha', { children: { chapters: [{ name: 'one' }, { name: 'two' }] } });
  assert.deepEqual(
    library
      .view()
      .find(book, id)
      ?.children.chapters.map(({ name }) => name),
    ['one', 'two'],
  );
  assert.equal(library.view().single(settings).fields.heading, 'All books');
});

test('ids are answered in their order, without what is not there', async () => {
  using library = await openLibrary();
  const [a, b] = [library.add('A'), library.add('B')];
  assert.deepEqual(titles(library.view().findAll(book, [b, 999, a])), ['B', 'A']);
});

test('what was read is noted for the cache', async () => {
  using library = await openLibrary();
  const id = library.add('Alpha');
  const view = library.view();
  view.find(book, 77);
  view.pathOf(book, { id });
  view.dependsOn('navigation');
  assert.deepEqual(view.tags(), ['book:77', `book:${id}`, `shelf:${library.shelfId}`, 'navigation']);
  view.list(shelf);
  assert.ok(view.tags().includes('shelf:*'));
});

test('a slug in other letters is not the page itself, but leads to it', async () => {
  using library = await openLibrary();
  library.add('Alpha');
  assert.equal(library.view().bySlug(book, 'ALPHA'), undefined);
  assert.equal(library.view().redirectFor('/shelves/novels/ALPHA'), '/shelves/novels/alpha');
});
