/** Pages that are kept: always what a new one would be, and kept as long as that holds. */
import assert from 'node:assert/strict';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import type { ContentType } from '../content/content-type.ts';
import { openTestContent } from '../content/testing/test-content.ts';
import { html } from '../html/html.ts';
import { product } from '../types/product.ts';
import { productCategory } from '../types/product-category.ts';
import { solution } from '../types/solution.ts';
import { siteSettings } from '../types/site-settings.ts';
import { fillExample } from './testing/example-site.ts';
import { findHtmlMistakes } from './testing/html-validator.ts';
import { PATHS } from './testing/example-paths.ts';
import { openTestSite, type TestSite } from './testing/test-site.ts';

const WREN = '/products/pressure-sensors/wren-4-pressure-transmitter';

const change = (site: TestSite, type: ContentType, id: number, fields: Record<string, string | boolean>) =>
  site.content.update(type, id, { fields }, { version: site.content.find(type, id)?.version ?? 0, actor: null });

test('an edit costs those pages that show it, and no others', async () => {
  await using site = await openTestSite();
  const example = fillExample(site.content);
  const missesAfter = async (edit: () => void): Promise<string[]> => {
    for (const path of PATHS) await site.get(path);
    edit();
    const made: string[] = [];
    for (const path of PATHS) {
      const before = site.counts.misses;
      await site.get(path);
      if (site.counts.misses > before) made.push(path);
    }
    return made;
  };
  assert.deepEqual(await missesAfter(() => {}), []);
  const draft = await missesAfter(() => void change(site, solution, example.solution, { overview: '<p>Another overview.</p>' }));
  assert.ok(draft.includes('/solutions/leak-detection-in-long-mains'));
  const hero = await missesAfter(() => {
    const type = site.content.type('homepage-stat');
    const [first] = site.content.list(type).records;
    change(site, type, first?.id ?? 0, { value: '9,999' });
  });
  assert.deepEqual(hero, ['/'], 'figures stand on the front page only');
  const settings = site.content.type('products-settings');
  const perPage = await missesAfter(() => {
    const { id, version } = site.content.single(settings);
    site.content.update(settings, id, { fields: { perPage: 10 } }, { version, actor: null });
  });
  assert.ok(perPage.every((path) => /^\/products(?:\/[a-z-]+)?(?:\?|$)/.test(path)) && perPage.length >= 3, perPage.join(' '));
  const name = await missesAfter(() => {
    const { id, version } = site.content.single(siteSettings);
    site.content.update(siteSettings, id, { fields: { siteName: 'Other' } }, { version, actor: null });
  });
  assert.deepEqual(name, PATHS, 'the name of the site stands on all');
});

test('a product that was published for later appears on every list at its moment', async () => {
  await using site = await openTestSite();
  const { category } = fillExample(site.content);
  const at = site.clock.nowMs + 3_600_000;
  const fields = { name: 'Later', sku: 'LATER-1', category, description: '<p>Soon.</p>', isFeatured: true };
  site.content.create(product, { status: 'published', publishAtMs: at, unpublishAtMs: at + 1_000, fields }, null);
  const shows = async (): Promise<boolean[]> =>
    Promise.all(['/', '/products/pressure-sensors'].map(async (path) => (await site.get(path)).text.includes('LATER-1')));
  for (const [moment, expected] of [
    [at - 1, false],
    [at, true],
    [at + 999, true],
    [at + 1_000, false],
  ] as const) {
    site.clock.nowMs = moment;
    assert.deepEqual(await shows(), [expected, expected], `${moment - at} ms after its moment`);
  }
});

test('the year of the copyright changes at midnight', async () => {
  await using site = await openTestSite();
  site.clock.nowMs = Date.UTC(2027, 0, 1) - 1;
  assert.match((await site.get('/')).text, /© 2026/);
  site.clock.nowMs += 1;
  assert.match((await site.get('/')).text, /© 2027/);
});

test('unknown parameters make no page of their own, and known ones cannot fill more memory than there is', async () => {
  const cacheBytes = 400_000;
  await using site = await openTestSite({ cacheBytes });
  fillExample(site.content);
  for (let index = 0; index < 200; index += 1) await site.get(`/products/pressure-sensors?utm_${index}=${index}`);
  assert.deepEqual(site.counts, { hits: 199, misses: 1 });
  for (let index = 0; index < 100; index += 1) {
    await site.get(`/products/pressure-sensors?page=${index}`);
    await site.get(`/search?q=word${index}`);
    await site.get(`/products/${'x'.repeat(index)}`);
  }
  assert.ok(site.site.cache.bytes <= cacheBytes);
  assert.ok(site.site.cache.size <= 4, 'what is not found, and answers to words, are not kept');
  assert.equal((await site.get('/products/pressure-sensors?page=2')).text.includes('page 2'), true);
});

test('one page is kept for all hosts with an own address, and one for each without', async () => {
  await using known = await openTestSite();
  await known.get('/', { host: 'a.example' });
  assert.match((await known.get('/', { host: 'evil.example' })).text, /rel="canonical" href="https:\/\/www\.example\.com\/"/);
  assert.deepEqual(known.counts, { hits: 1, misses: 1 });
  await using unknown = await openTestSite({ baseUrl: null });
  await unknown.get('/', { host: 'a.example' });
  assert.match((await unknown.get('/', { host: 'b.example:8080' })).text, /rel="canonical" href="http:\/\/b\.example:8080\/"/);
  assert.match((await unknown.get('/', { host: 'x"><script>' })).text, /rel="canonical" href="http:\/\/localhost\/"/);
});

for (const [encoding, header, decode] of [
  ['br', 'gzip, deflate, br', brotliDecompressSync],
  ['gzip', 'gzip;q=1, br;q=0', gunzipSync],
  [undefined, 'identity', (content: Buffer) => content],
  [undefined, '', (content: Buffer) => content],
] as const)
  test(`with Accept-Encoding “${header}”: ${encoding ?? 'as it is'}, its own strong ETag, 304, and HEAD`, async () => {
    await using site = await openTestSite();
    fillExample(site.content);
    const ask = (method: 'GET' | 'HEAD', more: Record<string, string> = {}) =>
      site.server.inject({ url: WREN, method, headers: { 'accept-encoding': header, ...more } });
    const plain = await site.get(WREN);
    const answer = await ask('GET');
    assert.equal(answer.headers['content-encoding'], encoding);
    assert.equal(answer.headers['vary'], 'Accept-Encoding, HX-Request');
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.equal(decode(answer.rawPayload).toString(), plain.text);
    assert.equal(answer.headers['etag'] === plain.headers['etag'], encoding === undefined);
    const etag = String(answer.headers['etag']);
    assert.match(etag, /^"[\w-]+"$/);

    const same = await ask('GET', { 'if-none-match': `"other", W/${etag}` });
    assert.deepEqual([same.statusCode, same.body, same.headers['etag']], [304, '', etag]);
    assert.equal((await ask('GET', { 'if-none-match': '"other"' })).statusCode, 200);
    const head = await ask('HEAD');
    assert.deepEqual([head.statusCode, head.body, head.headers['etag']], [200, '', etag]);
    assert.equal(Number(head.headers['content-length']), answer.rawPayload.length);
    assert.equal(site.counts.misses, 1);

    const [category] = site.content.list(productCategory).records;
    change(site, productCategory, category?.id ?? 0, { name: 'Renamed' });
    assert.equal((await ask('GET', { 'if-none-match': etag })).statusCode, 200, 'it is another page now');
  });

test('a page from memory asks the database nothing but whether another process saved something', async () => {
  using opened = await openTestContent();
  const asked: string[] = [];
  const watched = {
    ...opened.content,
    view: (...options: Parameters<typeof opened.content.view>) => {
      asked.push('view');
      return opened.content.view(...options);
    },
    notice: () => {
      asked.push('notice');
      opened.content.notice();
    },
  };
  await using site = await openTestSite({ opened: { ...opened, content: watched } });
  await site.get('/products');
  asked.length = 0;
  await site.get('/products');
  assert.deepEqual(asked, ['notice']);
});

test('a script gets the fragment alone, a browser the whole page, and neither the other', async () => {
  await using site = await openTestSite();
  fillExample(site.content);
  const hx = { 'hx-request': 'true' };
  for (const path of ['/products/search?q=wren', '/search?q=wren']) {
    const fragment = await site.get(path, hx);
    assert.match(fragment.text, /Wren/);
    assert.doesNotMatch(fragment.text, /<html|<header/);
    assert.match((await site.get(path)).text, /<html/);
    assert.notEqual((await site.get(path)).headers['etag'], fragment.headers['etag']);
  }
  assert.match((await site.get('/products', hx)).text, /<html/, 'a page without a fragment is sent whole');
  assert.match((await site.get('/products')).text, /<html/);
});

test('the answer to a form is never kept; an error needs no database', async () => {
  await using site = await openTestSite({
    routes(server, frame) {
      server.post('/form', (request, reply) => {
        const { origin } = frame.context(request);
        const [body, fragment] = [html`<h1>Thanks</h1>`, html`<p>Thanks from ${origin}</p>`];
        return frame.answer(request, reply, { title: 'Thanks', status: 400, body, fragment });
      });
      server.get('/broken', (request, reply) =>
        frame.failed(request, reply, { status: 503, title: 'Back in a moment', message: 'Something <is> wrong.' }),
      );
    },
  });
  const post = (headers: Record<string, string>) => site.server.inject({ method: 'POST', url: '/form', headers });
  const fragment = await post({ 'hx-request': 'true' });
  assert.deepEqual([fragment.statusCode, fragment.body], [400, '<p>Thanks from https://www.example.com</p>']);
  const whole = await post({});
  assert.equal(whole.headers['cache-control'], 'private, no-store');
  assert.deepEqual(await findHtmlMistakes(whole.body), []);
  const broken = await site.get('/broken');
  assert.equal(broken.status, 503);
  assert.match(broken.text, /Something &lt;is&gt; wrong/);
  assert.deepEqual(await findHtmlMistakes(broken.text), []);
});

test('what another process saves is seen by the next request', async () => {
  await using directory = await temporaryDirectory('bluejay-site-');
  const file = directory.join('bluejay.db');
  using first = await openTestContent({ file });
  using second = await openTestContent({ file });
  await using site = await openTestSite({ opened: first });
  fillExample(first.content);
  assert.match((await site.get(WREN)).text, /Wren 4 pressure/);
  const [record] = second.content.list(product, { search: 'Wren 4 pressure' }).records;
  const { id, version } = record ?? { id: 0, version: 0 };
  second.content.update(product, id, { fields: { name: 'Renamed elsewhere' } }, { version, actor: null });
  assert.match((await site.get(WREN)).text, /Renamed elsewhere/);
});
