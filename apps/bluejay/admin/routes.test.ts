import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import type { AnyRecord } from '../content/content-type.ts';
import type { Draft } from '../content/draft.ts';
import { formBodyOf } from '../content/testing/form-body.ts';
import { caseStudy, homepageHero, industry, pageSection, product, productCategory, siteSettings } from '../types/index.ts';
import { openTestPanel, type TestPanel } from './testing/test-panel.ts';

const EDITOR = { id: 1, name: 'Edda' };
const AUTHOR = { id: 7, name: 'Aura' };

let panel: TestPanel;
let category: AnyRecord;
let number = 0;

const makeProduct = (draft: Omit<Draft, 'fields'> & { readonly name: string }, by = EDITOR): AnyRecord => {
  number += 1;
  const { name, ...rest } = draft;
  const fields = { name, sku: `SKU-${number}`, category: category.id, description: `<p>${name}</p>` };
  return panel.content.create(product, { ...rest, fields }, by);
};

const namesIn = (html: string): readonly string[] =>
  [...html.matchAll(/<tr data-id="\d+" data-name="([^"]*)"/g)].map(([, name]) => name ?? '');

suite('the panel', () => {
  before(async () => {
    panel = await openTestPanel();
  });
  after(async () => panel[Symbol.asyncDispose]());
  beforeEach(() => {
    for (const type of [caseStudy, product, productCategory, industry, homepageHero])
      for (const { id } of panel.content.list(type, { perPage: 500 }).records) panel.content.remove(type, id, EDITOR);
    category = panel.content.create(productCategory, { fields: { name: 'Sensors', description: 'They measure.' } }, EDITOR);
  });

  test('every screen of every declared type answers an administrator', async () => {
    for (const { kind, admin } of panel.content.types) {
      const addresses = [`/admin/${admin.path}`, ...(kind === 'collection' ? [`/admin/${admin.path}/new`] : [])];
      if (kind === 'singleton') addresses.push(`/admin/${admin.path}/revisions`);
      for (const address of addresses) {
        const { statusCode, body } = await panel.get('admin', address);
        assert.equal(statusCode, 200, `${address}: ${body.slice(0, 300)}`);
        assert.doesNotMatch(body, /\[object Object\]|undefined<|style="/, address);
      }
    }
    for (const address of ['/admin/dashboard', '/admin/find?q=pro', '/admin/shortcuts', '/admin/navigation'])
      assert.equal((await panel.get('admin', address)).statusCode, 200, address);
    assert.equal((await panel.get('admin', '/admin')).headers.location, '/admin/dashboard');
  });

  const rights = [
    { what: 'read a list', url: () => '/admin/products', method: 'get', allowed: ['admin', 'editor', 'author', 'viewer'] },
    { what: 'read the settings', url: () => '/admin/settings', method: 'get', allowed: ['admin'] },
    { what: 'read the page sections', url: () => '/admin/page-sections', method: 'get', allowed: ['admin'] },
    { what: 'begin a product', url: () => '/admin/products/new', method: 'get', allowed: ['admin', 'editor', 'author'] },
    {
      what: 'begin an industry, visible at once',
      url: () => '/admin/industries/new',
      method: 'get',
      allowed: ['admin', 'editor'],
    },
    {
      what: 'read a record',
      url: (id: number) => `/admin/products/${id}/edit`,
      method: 'get',
      allowed: ['admin', 'editor', 'author', 'viewer'],
    },
    { what: 'ask to delete', url: (id: number) => `/admin/products/${id}/delete`, method: 'get', allowed: ['admin', 'editor'] },
    {
      what: 'change what an editor wrote',
      url: (id: number) => `/admin/products/${id}`,
      method: 'post',
      allowed: ['admin', 'editor'],
    },
    {
      what: 'restore what an editor wrote',
      url: (id: number) => `/admin/products/${id}/revisions/1/restore`,
      method: 'post',
      allowed: ['admin', 'editor'],
    },
    { what: 'delete', url: (id: number) => `/admin/products/${id}/delete`, method: 'post', allowed: ['admin', 'editor'] },
    { what: 'do something to several', url: () => '/admin/products/bulk', method: 'post', allowed: ['admin', 'editor'] },
    { what: 'sort', url: () => '/admin/homepage/heroes/order', method: 'post', allowed: ['admin', 'editor'] },
    { what: 'edit menus', url: () => '/admin/navigation', method: 'get', allowed: ['admin', 'editor'] },
    { what: 'change the settings', url: () => '/admin/settings', method: 'post', allowed: ['admin'] },
  ] as const;
  for (const { what, url, method, allowed } of rights)
    test(`${allowed.join(', ')} may ${what}, nobody else`, async () => {
      const record = makeProduct({ name: 'X-200' });
      for (const role of ['admin', 'editor', 'author', 'viewer'] as const) {
        const { statusCode } =
          method === 'get' ? await panel.get({ role, id: 9 }, url(record.id)) : await panel.post({ role, id: 9 }, url(record.id));
        const isAllowed = (allowed as readonly string[]).includes(role);
        assert.equal(statusCode !== 403, isAllowed, `${role} was answered ${statusCode}`);
      }
      assert.equal((await panel.server.inject(url(record.id))).statusCode === 401 || method === 'post', true);
    });

  test('an author writes drafts and changes his own, but cannot publish, schedule, or touch what is published', async () => {
    const author = { role: 'author', id: AUTHOR.id } as const;
    const draft: Draft = {
      status: 'draft',
      fields: { name: 'Mine', sku: 'M-1', category: category.id, description: '<p>x</p>' },
    };
    const refused = await panel.post(author, '/admin/products', formBodyOf(product, { ...draft, status: 'published' }));
    assert.equal(refused.statusCode, 403);
    const scheduled = await panel.post(
      author,
      '/admin/products',
      formBodyOf(product, { ...draft, publishAtMs: panel.clock.nowMs + 60_000 }),
    );
    assert.equal(scheduled.statusCode, 403);
    const made = await panel.post(author, '/admin/products', formBodyOf(product, draft));
    assert.equal(made.statusCode, 303);
    const [record] = panel.content.list(product).records;
    assert.ok(record);
    assert.equal(made.headers.location, `/admin/products/${record.id}/edit?saved=1`);
    assert.equal(record.createdBy, AUTHOR.id);

    const changed = formBodyOf(product, { fields: { name: 'Mine, better' } });
    const address = `/admin/products/${record.id}`;
    assert.equal((await panel.post({ role: 'author', id: 8 }, address, { ...changed, version: '1' })).statusCode, 403);
    assert.equal((await panel.post(author, address, { ...changed, version: '1' })).statusCode, 303);
    assert.equal(panel.content.find(product, record.id)?.fields.name, 'Mine, better');
    panel.content.update(product, record.id, { status: 'published', fields: {} }, { version: 2, actor: EDITOR });
    assert.equal((await panel.post(author, address, { ...changed, version: '3' })).statusCode, 403);
  });

  test('a request without the token changes nothing', async () => {
    const record = makeProduct({ name: 'X-200' });
    assert.equal((await panel.post('admin', `/admin/products/${record.id}/delete`, { _csrf: 'another' })).statusCode, 403);
    assert.ok(panel.content.find(product, record.id));
  });

  test('a form that cannot be taken comes back with what was typed and what is wrong with it', async () => {
    const body = { ...formBodyOf(product, { fields: { name: '', sku: 'S-1' } }), 'field.category': 'not a number' };
    const { statusCode, body: page } = await panel.post('editor', '/admin/products', body);
    assert.equal(statusCode, 400);
    assert.match(page, /value="S-1"/);
    assert.match(page, /Name is needed\./);
    assert.equal(panel.content.list(product).total, 0);
  });

  test('the second of two editors sees both texts', async () => {
    const record = makeProduct({ name: 'X-200' });
    const address = `/admin/products/${record.id}`;
    const change = (name: string) => ({ ...formBodyOf(product, { fields: { ...record.fields, name } }), version: '1' });
    assert.equal((await panel.post({ role: 'editor', id: 1 }, address, change('Of the first'))).statusCode, 303);
    const { statusCode, body } = await panel.post({ role: 'editor', id: 2 }, address, change('Of the second'));
    assert.equal(statusCode, 409);
    assert.match(body, /Of the first/);
    assert.match(body, /Of the second/);
    assert.match(body, /The editor 1 saved/);
    assert.equal(panel.content.find(product, record.id)?.fields.name, 'Of the first');
    assert.equal(
      panel.content.workingCopy(2, product, record.id)?.draft.fields['name'],
      'Of the second',
      'kept, should he leave',
    );
  });

  test('what is in use cannot be deleted, and says by what', async () => {
    makeProduct({ name: 'X-200' });
    const address = `/admin/product-categories/${category.id}`;
    const asked = await panel.get('editor', `${address}/delete`);
    assert.match(asked.body, /It is used by[\s\S]*X-200/);
    const answers = [
      await panel.post('editor', `${address}/delete`),
      await panel.delete('editor', address, { 'hx-request': 'true' }),
      await panel.delete('editor', address, { accept: 'application/json' }),
    ];
    for (const { statusCode, body } of answers) {
      assert.equal(statusCode, 409);
      assert.match(body, /“Sensors” is still in use by/);
    }
    assert.ok(panel.content.find(productCategory, category.id));
  });

  test('a fragment delete answers 200, another one 204, and a form 303', async () => {
    const [first, second, third] = ['A', 'B', 'C'].map((name) => makeProduct({ name }));
    const fragment = await panel.delete('editor', `/admin/products/${first?.id}`, { 'hx-request': 'true' });
    assert.deepEqual([fragment.statusCode, fragment.body], [200, '']);
    assert.equal((await panel.delete('editor', `/admin/products/${second?.id}`)).statusCode, 204);
    const form = await panel.post('editor', `/admin/products/${third?.id}/delete`);
    assert.deepEqual([form.statusCode, form.headers.location], [303, '/admin/products?done=deleted']);
    assert.equal((await panel.get('editor', `/admin/products/${third?.id}/edit`)).statusCode, 404);
  });

  const filters = [
    { query: '', names: ['Alpha', 'Beta', 'Gamma', 'Omega'] },
    { query: '?q=eta', names: ['Beta'] },
    { query: '?status=draft', names: ['Beta'] },
    { query: '?status=scheduled', names: ['Gamma'] },
    { query: '?status=published', names: ['Alpha'] },
    { query: '?status=archived', names: ['Omega'] },
    { query: '?field.isFeatured=yes', names: ['Alpha'] },
    { query: '?field.isFeatured=no&status=draft', names: ['Beta'] },
    { query: '?field.category=999999', names: [] },
    { query: '?sort=name&dir=desc', names: ['Omega', 'Gamma', 'Beta', 'Alpha'] },
    { query: '?sort=sku', names: ['Alpha', 'Beta', 'Gamma', 'Omega'] },
    {
      query: '?sort=nothing&page=99&status=wrong&field.constructor=yes&field.isFeatured=constructor',
      names: ['Alpha', 'Beta', 'Gamma', 'Omega'],
    },
  ];
  test('lists are filtered and sorted as their address says', async () => {
    const alpha = makeProduct({ name: 'Alpha', status: 'published' });
    panel.content.update(product, alpha.id, { fields: { isFeatured: true } }, { version: 1, actor: EDITOR });
    makeProduct({ name: 'Beta', status: 'draft' });
    makeProduct({ name: 'Gamma', status: 'published', publishAtMs: panel.clock.nowMs + 60_000 });
    makeProduct({ name: 'Omega', status: 'archived' });
    for (const { query, names } of filters) {
      const { body, statusCode } = await panel.get('viewer', `/admin/products${query}`);
      assert.equal(statusCode, 200, query);
      assert.deepEqual(namesIn(body), names, query);
    }
    const { body } = await panel.get('viewer', `/admin/products?field.category=${category.id}`);
    assert.equal(namesIn(body).length, 4);
    assert.match(body, new RegExp(`<option value="${category.id}" selected>Sensors`));
  });

  test('pages hold as many as the type says, and keep the filter', async () => {
    for (let index = 0; index < 17; index += 1) makeProduct({ name: `Part ${String(index).padStart(2, '0')}`, status: 'draft' });
    const first = await panel.get('viewer', '/admin/products?status=draft');
    assert.equal(namesIn(first.body).length, 15);
    assert.match(first.body, /17 products found, page 1 of 2/);
    assert.match(first.body, /href="\/admin\/products\?status=draft&amp;page=2"/);
    assert.deepEqual(namesIn((await panel.get('viewer', '/admin/products?status=draft&page=2')).body), ['Part 15', 'Part 16']);
  });

  test('an empty list says what to do, to who can do it', async () => {
    assert.match((await panel.get('editor', '/admin/products')).body, /Make the first one: it is a draft until you publish it/);
    assert.match((await panel.get('viewer', '/admin/products')).body, /An editor can make the first product/);
    assert.match((await panel.get('viewer', '/admin/products?q=zebra')).body, /Nothing here matches/);
  });

  test('several records are published, made drafts, archived and deleted at once', async () => {
    const records = ['A', 'B', 'C'].map((name) => makeProduct({ name }));
    const soon = panel.clock.nowMs + 60_000;
    records.push(makeProduct({ name: 'D', status: 'published', publishAtMs: soon }));
    const id = records.map((record) => String(record.id));
    const statuses = () =>
      panel.content.list(product).records.map(({ status, publishAtMs }) => (publishAtMs === soon ? 'scheduled' : status));
    for (const [action, expected] of [
      ['publish', 'published'],
      ['archive', 'archived'],
      ['unpublish', 'draft'],
    ] as const) {
      const answer = await panel.post('editor', '/admin/products/bulk', { id, action });
      assert.deepEqual([answer.statusCode, answer.headers.location], [303, `/admin/products?done=${action}&count=4`]);
      assert.deepEqual(statuses(), Array(4).fill(expected));
    }
    const asked = await panel.post('editor', '/admin/products/bulk', { id, action: 'delete' });
    assert.match(asked.body, /Delete 4 products/);
    assert.equal(panel.content.list(product).total, 4);
    assert.equal(
      (await panel.post('editor', '/admin/products/bulk', { id, action: 'delete', confirmed: 'yes' })).statusCode,
      303,
    );
    assert.equal(panel.content.list(product).total, 0);
    assert.match((await panel.get('editor', '/admin/products?done=delete&count=4')).body, /4 products deleted\./);
  });

  test('what a bulk action refuses is told, and the rest is done', async () => {
    makeProduct({ name: 'X-200' });
    const other = panel.content.create(productCategory, { fields: { name: 'Unused', description: 'x' } }, EDITOR);
    const id = [String(category.id), String(other.id), '999999'];
    const answer = await panel.post('editor', '/admin/product-categories/bulk', { id, action: 'delete', confirmed: 'yes' });
    assert.equal(answer.statusCode, 409);
    assert.match(answer.body, /1 product category deleted\. Sensors: “Sensors” is still in use/);
    for (const fields of [{ action: 'delete' }, { id, action: 'publish' }, { id }])
      assert.equal((await panel.post('editor', '/admin/product-categories/bulk', fields)).statusCode, 400);
  });

  const heroNames = () => panel.content.list(homepageHero, { perPage: 500 }).records.map(({ fields }) => fields.headline);
  const makeHeroes = (count: number): readonly AnyRecord[] =>
    Array.from({ length: count }, (_, index) =>
      panel.content.create(homepageHero, { fields: { headline: `H${index}`, subheadline: 'x' } }, EDITOR),
    );

  test('records are ordered by buttons, also from one page to the next', async () => {
    const heroes = makeHeroes(17);
    assert.equal(heroNames()[15], 'H15');
    const answer = await panel.post('editor', '/admin/homepage/heroes/order', { move: `${heroes[15]?.id}:up`, page: '2' });
    assert.deepEqual([answer.statusCode, answer.headers.location], [303, '/admin/homepage/heroes?page=2&done=order']);
    assert.deepEqual(heroNames().slice(13), ['H13', 'H15', 'H14', 'H16']);
    await panel.post('editor', '/admin/homepage/heroes/order', { move: `${heroes[0]?.id}:up` });
    assert.equal(heroNames()[0], 'H0');
  });

  test('records are ordered by dragging within a page, and an order of another list is refused', async () => {
    const [a, b, c] = makeHeroes(3).map(({ id }) => id);
    const order = (ids: readonly unknown[]) =>
      panel.post('editor', '/admin/homepage/heroes/order', { ids: ids.join(',') }, { 'hx-request': 'true' });
    assert.equal((await order([c, a])).statusCode, 204);
    assert.deepEqual(heroNames(), ['H2', 'H1', 'H0']);
    for (const wrong of [[a, a], [a, 999_999], ['x'], [b, '']]) assert.equal((await order(wrong)).statusCode, 409);
    assert.deepEqual(heroNames(), ['H2', 'H1', 'H0']);
    assert.equal((await panel.post('editor', '/admin/products/order', { ids: '1' })).statusCode, 409);
  });

  test('rows can be moved only where all of them are shown in their order', async () => {
    makeHeroes(2);
    assert.match((await panel.get('editor', '/admin/homepage/heroes')).body, /Move H0 down/);
    for (const query of ['?q=H', '?sort=updatedAt'])
      assert.doesNotMatch((await panel.get('editor', `/admin/homepage/heroes${query}`)).body, /Move H0 down/);
    assert.doesNotMatch((await panel.get('viewer', '/admin/homepage/heroes')).body, /Move H0 down/);
  });

  test('a singleton is edited at its own address', async () => {
    const [name] = Object.entries(siteSettings.fields).find(([, field]) => field.kind === 'text') ?? [];
    assert.ok(name);
    const { version } = panel.content.single(siteSettings);
    const body = { [`field.${name}`]: 'Blue Labs', version: String(version) };
    const answer = await panel.post('admin', '/admin/settings', body);
    assert.deepEqual([answer.statusCode, answer.headers.location], [303, '/admin/settings?saved=1']);
    assert.equal((panel.content.single(siteSettings).fields as Record<string, unknown>)[name], 'Blue Labs');
    assert.equal((await panel.post('admin', '/admin/settings', { ...body, [`field.${name}`]: 'Red Labs' })).statusCode, 409);
    assert.equal((await panel.post('admin', '/admin/settings', { [`field.${name}`]: 'x' })).statusCode, 400);
  });

  test('fixed records are edited, never made, deleted or done away with at once', async () => {
    const [section] = panel.content.list(pageSection).records;
    assert.ok(section);
    const answers = [
      await panel.get('admin', '/admin/page-sections/new'),
      await panel.post('admin', '/admin/page-sections', { 'field.key': 'mine' }),
      await panel.post('admin', `/admin/page-sections/${section.id}/delete`),
      await panel.delete('admin', `/admin/page-sections/${section.id}`),
    ];
    for (const { statusCode } of answers) assert.equal(statusCode, 409);
    assert.equal(
      (await panel.post('admin', '/admin/page-sections/bulk', { id: String(section.id), action: 'delete' })).statusCode,
      400,
    );
    const body = { 'field.heading': 'Our sensors', version: String(section.version) };
    assert.equal((await panel.post('admin', `/admin/page-sections/${section.id}`, body)).statusCode, 303);
    assert.equal(panel.content.find(pageSection, section.id)?.fields.heading, 'Our sensors');
  });

  test('a revision shows what differs and comes back without publishing or withdrawing anything', async () => {
    const record = makeProduct({ name: 'A red bird', status: 'published' });
    const change = { status: 'archived', fields: { name: 'A blue bird' } } as const;
    panel.content.update(product, record.id, change, { version: 1, actor: EDITOR });
    const address = `/admin/products/${record.id}/revisions`;
    assert.match((await panel.get('viewer', address)).body, /Revision 2[\s\S]*Newest[\s\S]*Revision 1/);
    const { body } = await panel.get('editor', `${address}/1`);
    assert.match(body, /<del>.*red<\/del><ins>.*blue<\/ins>/);
    assert.doesNotMatch((await panel.get('viewer', `${address}/1`)).body, /Restore revision/);
    assert.equal((await panel.get('viewer', `${address}/7`)).statusCode, 404);

    const stale = await panel.post('editor', `${address}/1/restore`, { version: '1' });
    assert.equal(stale.statusCode, 409);
    const restored = await panel.post('editor', `${address}/1/restore`, { version: '2' });
    assert.deepEqual([restored.statusCode, restored.headers.location], [303, `/admin/products/${record.id}/edit?saved=1`]);
    const now = panel.content.find(product, record.id);
    assert.deepEqual([now?.fields.name, now?.status], ['A red bird', 'archived']);
    assert.match((await panel.get('editor', address)).body, /Restored revision 1/);
  });

  test('a draft can be shown to somebody without an account, for seven days', async () => {
    const record = makeProduct({ name: 'X-200' });
    const { body } = await panel.get('editor', `/admin/products/${record.id}/edit`);
    assert.match(body, /href="\/products\/sensors\/x-200\?preview=true"/);
    const [, token = ''] = /\/products\/sensors\/x-200\?preview=([\w.-]+)" *>/.exec(body.replaceAll('preview=true', '')) ?? [];
    assert.equal(panel.bluejay.signer.verify('preview', token), `product:${record.id}`);
    panel.clock.nowMs += 7 * 86_400_000;
    assert.equal(panel.bluejay.signer.verify('preview', token), undefined);
  });

  test('a copy begins as a draft of its own', async () => {
    const record = makeProduct({ name: 'X-200', status: 'published' });
    const { body } = await panel.get('author', `/admin/products/new?copy=${record.id}`);
    assert.match(body, /value="X-200 \(copy\)"/);
    assert.match(body, new RegExp(`value="${String(record.fields['sku'])} \\(copy\\)"`));
  });

  test('the search finds screens and records, and shows nobody what he may not read', async () => {
    makeProduct({ name: 'Zebra sensor' });
    const fragment = await panel.get('viewer', '/admin/find?q=zebra', { 'hx-request': 'true' });
    assert.match(fragment.body, /^<ul class="hits">.*Zebra sensor.*Product/s);
    assert.doesNotMatch(
      (await panel.get('viewer', '/admin/find?q=settings', { 'hx-request': 'true' })).body,
      /\/admin\/settings/,
    );
    assert.match((await panel.get('admin', '/admin/find?q=settings', { 'hx-request': 'true' })).body, /\/admin\/settings/);
    assert.match(
      (await panel.get('admin', '/admin/find?q=<script>', { 'hx-request': 'true' })).body,
      /Nothing is called “&lt;script&gt;”/,
    );
  });

  test('the sidebar shows what the role permits', async () => {
    const shown = async (role: 'admin' | 'editor' | 'author' | 'viewer') =>
      [...(await panel.get(role, '/admin/dashboard')).body.matchAll(/<li><a href="(\/admin\/[\w/-]+)"/g)].map(([, path]) => path);
    const viewer = await shown('viewer');
    assert.equal(viewer.includes('/admin/products'), true);
    for (const hidden of [
      '/admin/media',
      '/admin/settings',
      '/admin/leads',
      '/admin/accounts',
      '/admin/navigation',
      '/admin/header',
    ])
      assert.equal(viewer.includes(hidden), false, hidden);
    const editor = await shown('editor');
    for (const path of ['/admin/media', '/admin/contact/submissions', '/admin/leads', '/admin/navigation', '/admin/activity'])
      assert.equal(editor.includes(path), true, path);
    assert.equal((await shown('admin')).includes('/admin/accounts'), true);
  });
});
