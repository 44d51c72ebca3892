/** The public pages in Chromium, under the policy of production: with a keyboard, on a phone, and without scripts. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { securityHeaders } from '@berth/kit';
import { type TemporaryDirectory, temporaryDirectory, waitUntil } from '@berth/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { buildAssets } from '../../testing/built-assets.ts';
import { fillExample } from '../../site/testing/example-site.ts';
import { openTestSite, type TestSite } from '../../site/testing/test-site.ts';

const PATHS = [
  '/',
  '/products',
  '/products/search?q=wren',
  '/products/pressure-sensors',
  '/products/pressure-sensors/wren-4-pressure-transmitter',
  '/solutions',
  '/solutions/leak-detection-in-long-mains',
  '/search?q=pressure',
];
/** Web Vitals calls less than 0.1 good. Fonts are not even preloaded here, since nothing is named by the build's manifest. */
const MOST_SHIFT = 0.02;
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><rect width="800" height="600" fill="#bcd"/></svg>';

describe('the public pages in a browser', () => {
  let browser: Browser;
  let site: TestSite;
  let directory: TemporaryDirectory;
  let origin: string;
  let axe: string;

  before(async () => {
    directory = await temporaryDirectory('bluejay-browser-');
    const assets = await buildAssets('site', directory.path);
    site = await openTestSite({
      baseUrl: null,
      routes(server) {
        server.addHook('onRequest', async (_request, reply) => {
          reply.headers(securityHeaders());
        });
        server.get('/uploads/:name', (_request, reply) => reply.type('image/svg+xml').send(PICTURE));
        assets.register(server);
      },
    });
    for (const id of [1, 2, 3, 4]) site.alts.set(id, `Instrument ${id}`);
    fillExample(site.content, [1, 2, 3, 4]);
    await site.server.listen({ port: 0, host: '127.0.0.1' });
    origin = `http://127.0.0.1:${(site.server.server.address() as AddressInfo).port}`;
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  /** A page that notes what it should not do. */
  const open = async (path: string, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`)) complaints.push(`elsewhere: ${request.url()}`);
    });
    await page.goto(origin + path);
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  };

  const focused = (page: Page): Promise<string> =>
    page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.className}${document.activeElement?.id}`);

  for (const [device, viewport] of [
    ['a desk', DESKTOP],
    ['a phone', PHONE],
  ] as const)
    for (const path of PATHS)
      test(`${path} on ${device}: no complaint, nothing from elsewhere, nothing too wide or moving, no barrier`, async () => {
        await using opened = await open(path, { viewport });
        const { page, complaints } = opened;
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
        await page.waitForLoadState('networkidle');
        assert.deepEqual(complaints, []);
        const facts = await page.evaluate(async () => ({
          excess: document.documentElement.scrollWidth - innerWidth,
          shift: await new Promise<number>((resolve) => {
            let sum = 0;
            const add = (entries: PerformanceEntryList): void => {
              for (const entry of entries) sum += (entry as PerformanceEntry & { value: number }).value;
            };
            const observer = new PerformanceObserver((list) => add(list.getEntries()));
            observer.observe({ type: 'layout-shift', buffered: true });
            requestAnimationFrame(() =>
              setTimeout(() => {
                add(observer.takeRecords());
                resolve(sum);
              }, 50),
            );
          }),
          font: document.fonts.check('16px "JetBrains Mono"') && document.fonts.check('900 40px Inter'),
        }));
        assert.deepEqual({ ...facts, shift: facts.shift <= MOST_SHIFT }, { excess: 0, shift: true, font: true });
        await page.evaluate(axe);
        const findings = await page.evaluate(async () => {
          const { axe: checker } = globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
          };
          const { violations } = await checker.run();
          return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
        });
        assert.deepEqual(findings, []);
      });

  test('Ctrl+K opens the search, results come while one types, Escape closes it and gives the focus back', async () => {
    await using opened = await open('/products');
    const { page, complaints } = opened;
    await page.keyboard.press('Control+k');
    assert.match(await focused(page), /site-search/);
    await page.keyboard.type('kestrel');
    const link = page.locator('#search-suggestions a').first();
    await link.waitFor();
    assert.equal(await link.textContent(), 'Kestrel gateway');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.search-box[open]').count(), 0);
    assert.match(await focused(page), /^SUMMARY/);
    assert.deepEqual(complaints, []);
  });

  test('typing asks once, after a pause, and an emptied box shows nothing', async () => {
    await using opened = await open('/products');
    const { page } = opened;
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/products/search')) asked.push(request.url());
    });
    const input = page.locator('main input[type="search"]');
    await input.pressSequentially('wren 4', { delay: 20 });
    await page.locator('#products-found .card').first().waitFor();
    assert.equal(asked.length, 1, asked.join(' '));
    await input.fill('');
    await waitUntil(async () => (await page.locator('#products-found').textContent()) === '', { what: 'nothing is shown' });
  });

  test('the menu of a phone opens and closes by keyboard, and its links lead on', async () => {
    await using opened = await open('/', { viewport: PHONE });
    const { page, complaints } = opened;
    const summary = page.locator('.menu > summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    assert.ok(await page.locator('.menu-panel').isVisible());
    await page.keyboard.press('Escape');
    assert.ok(!(await page.locator('.menu-panel').isVisible()));
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/products`);
    assert.deepEqual(complaints, []);
  });

  test('the carousel goes on by arrow keys, buttons and links, and only what is seen can be reached', async () => {
    await using opened = await open('/');
    const { page } = opened;
    const current = page.locator('.heroes .carousel-controls a[aria-current]');
    const isAt = (label: string) =>
      waitUntil(async () => (await current.textContent())?.trim() === label, { what: `slide ${label} is seen` });
    await isAt('01');
    await page.locator('.heroes .carousel-track').focus();
    await page.keyboard.press('ArrowRight');
    await isAt('02');
    assert.deepEqual(
      await page.locator('.heroes .carousel-slide').evaluateAll((slides) => slides.map((slide) => (slide as HTMLElement).inert)),
      [true, false],
    );
    await page.getByRole('button', { name: 'Next' }).click();
    await isAt('01');
    await page.locator('.heroes .carousel-controls a').nth(1).click();
    await isAt('02');
    assert.equal(await page.evaluate(() => scrollY), 0, 'the page stays where it is');
  });

  test('the carousel turns by itself, pauses when told to, and does not begin for those who want less motion', async () => {
    const type = site.content.type('homepage-settings');
    const { id, version } = site.content.single(type);
    site.content.update(type, id, { fields: { intervalSec: 2 } }, { version, actor: null });
    await using moving = await open('/', { reducedMotion: 'no-preference' });
    const current = moving.page.locator('.heroes .carousel-controls a[aria-current]');
    await waitUntil(async () => (await current.textContent())?.trim() === '02', { what: 'the second slide is seen' });
    await moving.page.getByRole('button', { name: 'Pause' }).click();
    assert.equal(await moving.page.getByRole('button', { name: 'Play' }).count(), 1);
    await using still = await open('/');
    assert.equal(await still.page.getByRole('button', { name: 'Play' }).count(), 1);
  });

  test('without scripts everything is there: search, menu, carousel, specifications, the next page', async () => {
    await using opened = await open('/', { javaScriptEnabled: false, viewport: PHONE });
    const { page, complaints } = opened;
    assert.equal(await page.locator('.carousel button').count(), 0, 'no button that does nothing');
    await page.locator('.heroes .carousel-controls a').nth(1).click();
    await page.getByRole('heading', { name: 'Seven days without mains.' }).waitFor();
    await page.locator('.search-box > summary').click();
    await page.locator('#site-search').fill('wren 4');
    await page.locator('.search-panel button').click();
    await page.locator('.found-kind a', { hasText: 'Wren 4 pressure transmitter' }).click();
    await page.locator('.accordion summary', { hasText: 'Mechanics' }).click();
    assert.ok(await page.getByText('IP 69K').isVisible());
    await page.locator('.menu > summary').click();
    await page.locator('.menu-panel a', { hasText: 'Products' }).click();
    await page.locator('.card a', { hasText: 'Pressure sensors' }).click();
    await page.getByRole('link', { name: 'Next' }).click();
    await page.waitForURL(`${origin}/products/pressure-sensors?page=2`);
    assert.deepEqual(complaints, []);
  });

  test('the first view is light: style and fonts under 40 KB, script under 6 KB, compressed', async () => {
    await using opened = await open('/');
    const sizes: Record<string, number> = {};
    const addresses = await opened.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    for (const address of addresses.filter((name) => name.includes('/public/'))) {
      const content = Buffer.from(await (await fetch(address)).arrayBuffer());
      const kind = /\.(css|woff2)$/.test(address) ? 'look' : 'script';
      sizes[kind] = (sizes[kind] ?? 0) + (address.endsWith('.woff2') ? content.length : gzipSync(content).length);
    }
    assert.ok((sizes['look'] ?? Infinity) < 40_000, JSON.stringify(sizes));
    assert.ok((sizes['script'] ?? Infinity) < 6_000, JSON.stringify(sizes));
  });
});
