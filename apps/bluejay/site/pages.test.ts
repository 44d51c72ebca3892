/** Every page of products, solutions and search: good HTML, the right addresses, and nothing that is not published. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { keepForeignAddress } from '../content/redirects.ts';
import * as types from '../types/index.ts';
import { PATHS } from './testing/example-paths.ts';
import { type Example, fillExample } from './testing/example-site.ts';
import { findHtmlMistakes } from './testing/html-validator.ts';
import { openTestSite, type TestSite } from './testing/test-site.ts';

const PAGES = [
  ...PATHS,
  '/products/search',
  '/products/search?q=wren',
  '/solutions/cold-chain-without-gaps',
  '/search',
  '/search?q=pressure',
  '/search?q=wren&type=product',
  '/search?q=%3Cscript%3Ealert(1)%3C/script%3E',
];

describe('pages of the site', () => {
  let site: TestSite;
  let example: Example;

  before(async () => {
    site = await openTestSite();
    for (const id of [1, 2, 3, 4]) site.alts.set(id, `Instrument ${id}`);
    example = fillExample(site.content, [1, 2, 3, 4]);
  });
  after(() => site[Symbol.asyncDispose]());

  for (const path of PAGES)
    test(`${path} is valid, has one heading of the first level, and no style of its own`, async () => {
      const { status, text } = await site.get(path);
      assert.equal(status, 200);
      assert.deepEqual(await findHtmlMistakes(text), []);
      assert.equal(text.match(/<h1[\s>]/g)?.length, 1);
      assert.doesNotMatch(text, / style=|<style|<script>|undefined|NaN|\[object/);
      for (const [, json = ''] of text.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/g))
        assert.equal((JSON.parse(json) as Record<string, unknown>)['@context'], 'https://schema.org');
    });

  for (const path of [
    '/search/suggest?q=wren',
    '/search/suggest?q=wren&type=product',
    '/search/suggest?q=nothingatall',
    '/search/suggest',
  ])
    test(`${path} is a valid fragment`, async () => {
      const { status, text, headers } = await site.get(path, { 'hx-request': 'true' });
      assert.equal(status, 200);
      assert.equal(headers['x-robots-tag'], 'noindex');
      assert.doesNotMatch(text, /<html/);
      assert.deepEqual(
        await findHtmlMistakes(`<!doctype html><html lang="en"><head><title>x</title></head><body>${text}</body></html>`),
        [],
      );
    });

  test('nothing that is a draft is on any page, in any search, or in anything that a page links to', async () => {
    const seen = new Set<string>();
    const waiting = [...PAGES, '/products/search?q=falconry', '/search?q=secret', '/search/suggest?q=secret'];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, text } = await site.get(path);
      if (status !== 200) continue;
      assert.doesNotMatch(text, /Secret falcon|SECRET-1|Secret solution|secret-falcon|secret-solution/, path);
      for (const [, link = ''] of text.matchAll(/href="(\/[^"#]*)"/g)) waiting.push(link.replaceAll('&amp;', '&'));
    }
    assert.ok(seen.size > 30, `${seen.size} pages were looked at`);
  });

  for (const [what, path] of [
    ['a draft', '/products/pressure-sensors/secret-falcon'],
    ['a draft solution', '/solutions/secret-solution'],
    ['an unknown category', '/products/nonsense'],
    ['an unknown industry', '/solutions?industry=nonsense'],
    ['a page after the last', '/products/pressure-sensors?page=3'],
    ['page 0', '/products/pressure-sensors?page=0'],
    ['a page that is no number', '/products/pressure-sensors?page=1e1'],
    ['an unknown address', '/no/such/page'],
    ['a draft, to somebody who only claims to be an editor', '/products/pressure-sensors/secret-falcon?preview=true'],
    [
      'a draft, with a forged link',
      '/products/pressure-sensors/secret-falcon?preview=cHJvZHVjdDox.zzzzzzzz.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    ],
  ] as const)
    test(`${what} is not found, and the page that says so is valid`, async () => {
      const { status, text, headers } = await site.get(path);
      assert.equal(status, 404);
      assert.equal(headers['cache-control'], 'no-store');
      assert.match(text, /<form[^>]*action="\/search"/);
      assert.deepEqual(await findHtmlMistakes(text), []);
    });

  test('a product under another category is not shown there: the address leads to its own', async () => {
    const { status, headers } = await site.get('/products/gateways/wren-4-pressure-transmitter?utm=1');
    assert.equal(status, 301);
    assert.equal(headers['location'], '/products/pressure-sensors/wren-4-pressure-transmitter?utm=1');
  });

  for (const [given, location] of [
    ['/products/', '/products'],
    ['/products/pressure-sensors/?page=2', '/products/pressure-sensors?page=2'],
  ] as const)
    test(`${given} leads to ${location}`, async () => {
      const { status, headers } = await site.get(given);
      assert.deepEqual([status, headers['location']], [301, location]);
    });

  test('what came from another site is found under its address there, in one step', async () => {
    const { database } = site.opened;
    keepForeignAddress(database, '/2024/01/wren/', { type: types.product.name, record: example.product });
    for (const given of ['/2024/01/wren/?utm=1', '/2024/01/wren?utm=1']) {
      const { status, headers } = await site.get(given);
      assert.deepEqual([status, headers['location']], [301, '/products/pressure-sensors/wren-4-pressure-transmitter?utm=1']);
    }
  });

  for (const path of ['//evil.example/', '/%5Cevil.example/', '/%2F%2Fevil.example/'])
    test(`${path} leads to no other host`, async () => assert.equal((await site.get(path)).status, 404));

  test('the canonical address knows the page of a list and no other parameter', async () => {
    const { text } = await site.get('/products/pressure-sensors?page=2&utm_source=mail');
    assert.match(text, /<link rel="canonical" href="https:\/\/www\.example\.com\/products\/pressure-sensors\?page=2">/);
    assert.match(text, /<link rel="prev" href="https:\/\/www\.example\.com\/products\/pressure-sensors">/);
    assert.doesNotMatch(text, /rel="next"/);
  });

  test('featured products stand first, and every product of a category on exactly one of its pages', async () => {
    const pages = await Promise.all(['', '?page=2'].map((query) => site.get(`/products/pressure-sensors${query}`)));
    const links = pages.flatMap(({ text }) => [...text.matchAll(/class="card-link" href="([^"]+)"/g)].map(([, link]) => link));
    assert.equal(links.length, 15);
    assert.equal(new Set(links).size, 15);
    assert.match(links[0] ?? '', /wren-4-pressure/);
    assert.deepEqual(
      new Set(links.slice(1, 3)),
      new Set(['/products/pressure-sensors/wren-1-basic', '/products/pressure-sensors/wren-2-basic']),
    );
  });

  test('a draft is shown to editors and to whoever has its signed link, with a bar, never kept and never indexed', async () => {
    const path = '/products/pressure-sensors/secret-falcon';
    const token = site.signer.sign('preview', `product:${example.draftProduct}`, site.clock.nowMs + 60_000);
    site.logIn('viewer');
    const byEditor = await site.get(`${path}?preview=true`);
    site.logIn(null);
    const byLink = await site.get(`${path}?preview=${token}`);
    for (const { status, text, headers } of [byEditor, byLink]) {
      assert.equal(status, 200);
      assert.equal(headers['cache-control'], 'private, no-store');
      assert.equal(headers['x-robots-tag'], 'noindex');
      assert.match(text, /class="preview-bar"/);
      assert.match(text, /Secret falcon/);
      assert.match(text, /<meta name="robots" content="noindex">/);
      assert.deepEqual(await findHtmlMistakes(text), []);
    }
    assert.match(byEditor.text, new RegExp(`/admin/products/${example.draftProduct}/edit`));
    assert.doesNotMatch(byLink.text, /\/admin\//);
    assert.equal((await site.get(path)).status, 404);
    const other = await site.get(`/solutions/secret-solution?preview=${token}`);
    assert.equal(other.status, 404, 'the link is for one draft');
    site.clock.nowMs += 61_000;
    assert.equal((await site.get(`${path}?preview=${token}`)).status, 404, 'and not for ever');
  });

  test('settings of the front page, the header and the footer do what they say', async () => {
    const set = (type: (typeof types)[keyof typeof types] & object, fields: Record<string, string | number | boolean>) => {
      const found = site.content.single(type as typeof types.homepageSettings);
      site.content.update(type as typeof types.homepageSettings, found.id, { fields }, { version: found.version, actor: null });
    };
    const shown = async (pattern: RegExp): Promise<boolean> => pattern.test((await site.get('/')).text);
    const cases: readonly [
      Parameters<typeof set>[0],
      Record<string, string | number | boolean>,
      Record<string, string | number | boolean>,
      RegExp,
    ][] = [
      [types.homepageSettings, { showHeroes: false }, { showHeroes: true }, /Know what your plant/],
      [types.homepageSettings, { maxHeroes: 1 }, { maxHeroes: 5 }, /Seven days without mains/],
      [types.homepageSettings, { autoplay: false }, { autoplay: true }, /data-interval="5"/],
      [types.homepageSettings, { showStats: false }, { showStats: true }, /plants measured/],
      [types.homepageSettings, { maxStats: 1 }, { maxStats: 6 }, /from order to parcel/],
      [types.homepageSettings, { showTestimonials: false }, { showTestimonials: true }, /Mara Lindqvist/],
      [types.homepageSettings, { maxTestimonials: 2 }, { maxTestimonials: 3 }, /June Park/],
      [types.homepageSettings, { showCall: false }, { showCall: true }, /worst pipe/],
      [types.headerSettings, { callEnabled: false }, { callEnabled: true }, /Request a Quote/],
      [types.headerSettings, { showPhone: false }, { showPhone: true }, /<ul class="top-contact">\s*<li><a href="tel:/],
      [
        types.headerSettings,
        { showWhitepapers: false },
        { showWhitepapers: true },
        /class="site-nav"(?:(?!<\/nav>)[^])*Whitepapers/,
      ],
      [types.footerSettings, { showCategories: false }, { showCategories: true }, /footer-column"><h2>Products/],
      [types.footerSettings, { showLegal: false }, { showLegal: true }, /\/imprint/],
      [types.footerSettings, { background: 'light' }, { background: 'dark' }, /footer-dark/],
      [types.footerSettings, { columns: '2' }, { columns: '4' }, /footer-columns footer-4/],
      [types.footerSettings, { copyright: 'None' }, { copyright: '© {year} We' }, /© 2026 We|© 2026 Bluejay/],
    ];
    for (const [type, off, on, pattern] of cases) {
      assert.ok(await shown(pattern), `${pattern} is shown at first`);
      set(type, off);
      assert.ok(!(await shown(pattern)), `${pattern} is hidden by ${JSON.stringify(off)}`);
      set(type, on);
      assert.ok(await shown(pattern), `${pattern} is shown again`);
    }
  });
});
