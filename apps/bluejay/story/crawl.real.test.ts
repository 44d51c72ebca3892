/** The demo site and its panel, every page of it: what is linked is there, and what is there is good HTML for everybody. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { ADMIN, type AppProcess } from '../testing/app-process.ts';
import type { PanelClient } from '../testing/panel-client.ts';
import { type AppCopy, copyApp } from './testing/app-copy.ts';
import { findBarriers } from '../testing/axe.ts';
import { crawl, type Crawled } from './testing/crawler.ts';
import { fillWithDemo } from './testing/demo-site.ts';
import { logIn } from './testing/panel-steps.ts';
import { examplesOf, screensOf } from './testing/templates.ts';
import { openBrowser, openVisitor, type Visitor } from './testing/visitor.ts';

/** As a telephone sees it. */
const PHONE = { width: 390, height: 844 };
/** Of the HTML of a page, compressed as an edge does. */
const MOST_PAGE_BYTES = 30_000;
/** Of everything that a page loads, as it is seen at first on a desk. */
const MOST_LOADED_BYTES = 1_200_000;

/** Of the page and of all that belongs to it, as it travels. */
const LOADED_BYTES = `performance.getEntries().reduce((sum, { encodedBodySize = 0 }) => sum + encodedBodySize, 0)`;

let copy: AppCopy;
let app: AppProcess;
let browser: Browser;
let reader: Visitor;
let panel: PanelClient;

before(async () => {
  copy = await copyApp();
  [app, browser] = await Promise.all([copy.open(), openBrowser()]);
  await fillWithDemo(app, copy.directory);
  reader = await openVisitor({ browser, url: app.url });
  panel = await app.panel();
});

after(async () => {
  panel[Symbol.dispose]();
  await browser.close();
  await app[Symbol.asyncDispose]();
  await copy[Symbol.asyncDispose]();
});

suite('the demo site', { timeout: 300_000 }, () => {
  let site: Crawled;

  test('every public page that a link or the sitemap leads to is there, and is good HTML', async (t) => {
    const sitemaps = locationsOf(await textOf('/sitemap.xml'));
    const listed = (await Promise.all(sitemaps.map(async (address) => locationsOf(await textOf(pathOf(address)))))).flat();
    assert.ok(listed.length > 40, `the sitemap lists ${listed.length} pages`);
    site = await crawl({
      origin: app.url,
      from: ['/', '/sitemap.xml', '/robots.txt', '/search?q=a', ...listed.map(pathOf)],
      parser: reader.page,
      isAsked: (path) => !path.startsWith('/admin'),
      async fetch(path) {
        const answer = await fetch(app.url + path, { redirect: 'manual' });
        return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: await answer.text() };
      },
    });
    assert.deepEqual(site.findings, []);
    const unlisted = [...site.pages.keys()].filter((path) => !path.includes('?') && !listed.map(pathOf).includes(path));
    assert.deepEqual(
      unlisted,
      ['/search'].filter((path) => unlisted.includes(path)),
      'in the sitemap is every page but the search',
    );
    t.diagnostic(`${site.pages.size} pages, ${site.others.size} pictures and files`);
  });

  test('no two pages have the same title or description, and none is heavy', () => {
    const plain = [...site.pages].filter(([path]) => !path.includes('?'));
    for (const what of ['title', 'description'] as const) {
      const groups = Map.groupBy(plain, ([, { facts }]) => facts[what]);
      const doubled = [...groups].filter(([text, pages]) => text === '' || pages.length > 1);
      assert.deepEqual(
        doubled.map(([text, pages]) => `${what} “${text}”: ${pages.map(([path]) => path).join(' ')}`),
        [],
      );
    }
    const heavy = plain.filter(([, { body }]) => brotliCompressSync(body).length > MOST_PAGE_BYTES).map(([path]) => path);
    assert.deepEqual(heavy, []);
  });

  test('a page of every kind opens without a complaint, for everybody, on a desk and on a phone', async (t) => {
    await using phone = await openVisitor({ browser, url: app.url, viewport: PHONE });
    const findings: string[] = [];
    const weights: string[] = [];
    const kinds = [
      ...examplesOf(site.pages.keys()),
      { name: 'search', path: '/search?q=sensor' },
      { name: 'missing', path: '/no-such-page' },
    ];
    for (const { name, path } of kinds)
      for (const { page } of [reader, phone]) {
        const isDesk = page === reader.page;
        await page.goto(path);
        const bytes = await page.evaluate<number>(LOADED_BYTES);
        const at = `${name} (${path}) at ${isDesk ? 1280 : 390}`;
        if (isDesk || name === 'product' || name === 'home' || name === 'contact')
          findings.push(...(await findBarriers(page)).map((text) => `${at}: ${text}`));
        findings.push(...(await tooWide(page)).map((text) => `${at}: ${text}`));
        if (bytes > MOST_LOADED_BYTES) findings.push(`${at}: loads ${bytes} bytes`);
        if (isDesk) weights.push(`${name} ${Math.round(bytes / 1_000)} kB`);
      }
    assert.deepEqual([...findings, ...reader.complaints, ...phone.complaints], []);
    t.diagnostic(`loaded in all, with pictures, scripts, styles and fonts: ${weights.join(', ')}`);
  });

  test('every screen of the panel and a form of each kind is there, is good HTML, and leads nowhere in vain', async (t) => {
    /** One of each kind of address: lists of a thousand records have a thousand links of one kind. */
    const asked = new Set<string>();
    const screens = await crawl({
      origin: app.url,
      from: ['/admin/dashboard'],
      parser: reader.page,
      isAsked(path) {
        // Pages of the site were looked at; GET changes nothing in the panel, and exports are noted in its log.
        if (!path.startsWith('/admin')) return false;
        const kind = path
          .replaceAll(/\/\d+/g, '/:id')
          .replace(/\?.*/, (query) => [...new URLSearchParams(query).keys()].toSorted().join('&'));
        if (asked.has(kind)) return asked.has(path);
        asked.add(kind).add(path);
        return true;
      },
      // Checkboxes of one name are how HTML says "several of these"; so are a hidden input and its checkbox "none of them".
      isMistake: (text) => !text.startsWith('form-dup-name'),
      async fetch(path) {
        const { status, headers, body } = await panel.send(path);
        return { status, type: headers['content-type'] ?? '', body };
      },
    });
    assert.deepEqual(screens.findings, []);
    const forms = [...screens.pages].filter(([, { body }]) => body.includes('data-record-form'));
    assert.ok(forms.length > 35, `only ${forms.length} forms were found`);
    t.diagnostic(`${screens.pages.size} screens, ${forms.length} of them forms`);
  });

  test('the main screens of the panel open without a complaint, for everybody, on a desk and on a phone', async () => {
    const findings: string[] = [];
    const screens = await screensOf(async (path) =>
      [...(await panel.page(path)).matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link),
    );
    for (const viewport of [{ width: 1280, height: 800 }, PHONE]) {
      await using editor = await openVisitor({ browser, url: app.url, viewport });
      await logIn(editor.page, ADMIN);
      for (const { name, path } of screens) {
        await editor.page.goto(path);
        const at = `${name} (${path}) at ${viewport.width}`;
        if (viewport !== PHONE) findings.push(...(await findBarriers(editor.page)).map((text) => `${at}: ${text}`));
        findings.push(...(await tooWide(editor.page)).map((text) => `${at}: ${text}`));
      }
      findings.push(...editor.complaints);
    }
    assert.deepEqual(findings, []);
  });
});

const textOf = async (path: string): Promise<string> => (await fetch(app.url + path)).text();

const locationsOf = (xml: string): readonly string[] =>
  [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address = '']) => address);

const pathOf = (address: string): string => {
  const { pathname, search } = new URL(address.replaceAll('&amp;', '&'));
  return pathname + search;
};

const tooWide = async (page: Visitor['page']): Promise<readonly string[]> => {
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return overflow > 0 ? [`${overflow} pixels too wide`] : [];
};
