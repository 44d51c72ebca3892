/** The content as JSON: everything that is visible, and nothing else. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as types from '../../types/index.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import { type Example, fillExample } from '../testing/example-site.ts';
import { openTestSite, type TestSite } from '../testing/test-site.ts';
import { apiRoutes } from './routes.ts';

const DECLARED = {
  types: CONTENT_TYPES,
  type: (name: string) => CONTENT_TYPES.find((type) => type.name === name) ?? assert.fail(name),
};

describe('the content as JSON', () => {
  let site: TestSite;
  let example: Example;

  before(async () => {
    site = await openTestSite({ routes: (server, frame) => apiRoutes(server, { site: frame, content: DECLARED }) });
    for (const id of [1, 2, 3, 4]) site.alts.set(id, `Instrument ${id}`);
    example = fillExample(site.content, [1, 2, 3, 4]);
  });
  after(() => site[Symbol.asyncDispose]());

  const read = async (
    path: string,
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Readonly<Record<string, unknown>> }> => {
    const { status, text, headers } = await site.get(path);
    return { status, headers, body: status === 200 ? (JSON.parse(text) as Record<string, unknown>) : {} };
  };

  test('every type of which there are many is listed, with the number of what is visible', async () => {
    const { body, headers } = await read('/api/content');
    const listed = body['types'] as readonly { type: string; count: number }[];
    assert.deepEqual(
      listed.map(({ type }) => type),
      CONTENT_TYPES.filter(({ kind }) => kind === 'collection').map(({ name }) => name),
    );
    for (const { type, count } of listed) {
      const { body: list } = await read(`/api/content/${type}`);
      assert.equal(list['total'], count, type);
    }
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.ok(headers['etag'] !== undefined, 'asked for again, it is 304');
  });

  test('a record has its fields, rows, pictures, references by name, and its page', async () => {
    const { body } = await read(`/api/content/product/${example.product}`);
    const product = site.content.find(types.product, example.product);
    const fields = body['fields'] as Record<string, unknown>;
    assert.equal(fields['name'], product?.fields.name);
    const category = fields['category'] as { type: string; id: number; title: string; url: string };
    assert.deepEqual([category.type, category.id], ['product-category', product?.fields.category]);
    assert.match(category.url, /^https:\/\/www\.example\.com\/products\/[\w-]+$/);
    assert.equal(body['url'], `${category.url}/${product?.slug}`);
    assert.match((fields['primaryImage'] as { alt: string }).alt, /^Instrument \d$/);
    const { specs } = body['children'] as { specs: readonly { key: string }[] };
    assert.deepEqual(
      specs.map(({ key }) => key),
      product?.children.specs.map(({ key }) => key),
    );
    const bySlug = await read(`/api/content/product/${product?.slug}`);
    assert.deepEqual(bySlug.body, body);
  });

  test('drafts, what is switched off, and files behind a form are not in it', async () => {
    assert.equal((await read(`/api/content/product/${example.draftProduct}`)).status, 404);
    const names = ((await read('/api/content/product?perPage=100')).body['records'] as readonly { id: number }[]).map(
      ({ id }) => id,
    );
    assert.ok(names.includes(example.product) && !names.includes(example.draftProduct));

    const tier = site.content.create(types.partnerTier, { fields: { name: 'Silver' } }, null).id;
    const hidden = site.content.create(types.partner, { fields: { name: 'Hidden Ltd', tier, isActive: false } }, null);
    assert.equal((await read(`/api/content/partner/${hidden.id}`)).status, 404);
    assert.ok(!JSON.stringify((await read('/api/content/partner?perPage=100')).body).includes('Hidden Ltd'));

    const topic = site.content.create(types.whitepaperTopic, { fields: { name: 'Flow' } }, null).id;
    const draft = { title: 'On flow', description: 'All about it.', topic, file: 3 };
    const paper = site.content.create(types.whitepaper, { status: 'published', fields: draft }, null);
    assert.ok(!('file' in ((await read(`/api/content/whitepaper/${paper.id}`)).body['fields'] as object)));
  });

  test('what a save changes is changed here at once', async () => {
    const before = site.content.find(types.product, example.product);
    assert.ok(before);
    const path = `/api/content/product/${example.product}`;
    await read(path);
    const { version } = before;
    site.content.update(types.product, before.id, { fields: { tagline: 'Newly said' } }, { version, actor: null });
    assert.equal(((await read(path)).body['fields'] as { tagline: string }).tagline, 'Newly said');
  });

  test('pages of a list hold everything once, and end', async () => {
    const seen: number[] = [];
    let path: string | null = '/api/content/product?perPage=2';
    for (let count = 0; path !== null && count < 100; count += 1) {
      const { body }: { body: Record<string, unknown> } = await read(path.replace('https://www.example.com', ''));
      seen.push(...(body['records'] as readonly { id: number }[]).map(({ id }) => id));
      path = body['next'] as string | null;
    }
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(seen.length, (await read('/api/content/product')).body['total']);
  });

  for (const path of [
    '/api/content/nonsense',
    '/api/content/site-settings',
    '/api/content/product/0',
    '/api/content/product/no-such-thing',
    '/api/content/product?page=0',
    '/api/content/product?page=999',
    '/api/content/product?perPage=x',
    '/api/content/account/1',
  ])
    test(`${path} is not there`, async () => {
      assert.equal((await read(path)).status, 404);
    });
});
