/** The panel in a real browser: by keyboard, by dragging, without a script, and as a machine that reads it aloud finds it. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { AnyRecord } from '../content/content-type.ts';
import { createMenus, type Menus } from '../navigation/menus.ts';
import { readMenu } from '../navigation/read-menu.ts';
import { findHtmlMistakes } from '../site/testing/html-validator.ts';
import { homepageHero, product, productCategory } from '../types/index.ts';
import { findBarriers } from '../testing/axe.ts';
import { buildAssets } from '../testing/built-assets.ts';
import { openTestPanel, type TestPanel } from './testing/test-panel.ts';

const EDITOR = { id: 1, name: 'Edda' };
const ITEM = { linkType: 'url', url: '/x', page: '', opensNewTab: false, isActive: true } as const;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let panel: TestPanel;
let menus: Menus;
let browser: Browser;
let address: string;
let record: AnyRecord;

const open = async (path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  await context.addCookies([{ name: 'account', value: 'admin-1', url: address }]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.endsWith('/icon.svg')) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(address + path);
  return { page, complaints };
};

const heroes = (): string =>
  panel.content
    .list(homepageHero, { perPage: 100 })
    .records.map(({ fields }) => fields.headline)
    .join(' ');

const header = (): string =>
  (readMenu(panel.database)('header', panel.content.view()) ?? [])
    .map(({ label, children }) => (children.length === 0 ? label : `${label}(${children.map((child) => child.label).join(' ')})`))
    .join(' ');

/** Waits until it reads so; the error says how it read instead. */
const becomes = async (read: () => string, expected: string): Promise<void> => {
  await waitUntil(() => assert.equal(read(), expected) ?? true, { what: `it reads ${expected}` });
};

const focused = (page: Page): Promise<string> =>
  page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent');

suite('the panel in Chromium', () => {
  before(async () => {
    directory = await temporaryDirectory('bluejay-panel-');
    const assets = await buildAssets('panel', directory.path);
    panel = await openTestPanel((server) => {
      assets.register(server);
      server.addHook('onSend', async (_request, reply) => {
        reply.header('Content-Security-Policy', "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'");
      });
    });
    address = await panel.server.listen({ port: 0, host: '127.0.0.1' });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    menus = createMenus(panel.database, panel.bluejay.now);
    const category = panel.content.create(productCategory, { fields: { name: 'Sensors', description: 'They measure.' } }, EDITOR);
    const fields = { name: 'X-200', sku: 'X-200', category: category.id, description: '<p>It measures.</p>' };
    record = panel.content.create(product, { status: 'published', fields }, EDITOR);
    panel.content.update(product, record.id, { fields: { name: 'X-201' } }, { version: 1, actor: EDITOR });
  });

  after(async () => {
    await browser.close();
    await panel[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    for (const { id } of panel.content.list(homepageHero, { perPage: 100 }).records)
      panel.content.remove(homepageHero, id, EDITOR);
    for (const { id } of menus.list()) menus.remove(id);
  });

  const makeHeroes = (): void => {
    for (const headline of ['A', 'B', 'C'])
      panel.content.create(homepageHero, { fields: { headline, subheadline: 'x' } }, EDITOR);
  };
  const makeMenu = (labels: readonly string[]): { readonly path: string; readonly items: readonly number[] } => {
    const { id } = menus.create({ name: 'Main', location: 'header' });
    return { path: `/admin/navigation/${id}`, items: labels.map((label) => menus.addItem(id, { ...ITEM, label })) };
  };

  for (const javaScriptEnabled of [true, false])
    test(`records are ordered by the keyboard, ${javaScriptEnabled ? 'and the button keeps the focus' : 'without a script'}`, async () => {
      makeHeroes();
      const { page, complaints } = await open('/admin/homepage/heroes', { javaScriptEnabled });
      await page.getByRole('button', { name: 'Move A down' }).press('Enter');
      await becomes(heroes, 'B A C');
      if (javaScriptEnabled) assert.equal(await focused(page), 'Move A down');
      await page.getByRole('button', { name: 'Move A down' }).press('Enter');
      await becomes(heroes, 'B C A');
      // At the end the other button of the same row has it.
      if (javaScriptEnabled) assert.equal(await focused(page), 'Move A up');
      assert.equal(await page.getByRole('button', { name: 'Move A down' }).isDisabled(), true);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });

  test('records are ordered by dragging their handles', async () => {
    makeHeroes();
    const { page, complaints } = await open('/admin/homepage/heroes');
    const handle = page.locator('tr[data-name="A"] .handle');
    await handle.dragTo(page.locator('tr[data-name="C"]'), { targetPosition: { x: 200, y: 30 } });
    await becomes(heroes, 'B C A');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('a menu is built by the keyboard alone', async () => {
    const { page, complaints } = await open('/admin/navigation');
    await page.getByLabel('Name').focus();
    await page.keyboard.type('Main');
    await page.keyboard.press('Enter');
    for (const label of ['Products', 'Sensors', 'Contact']) {
      await page.locator('#item-new-label').focus();
      await page.keyboard.type(label);
      await page.keyboard.press('Enter');
      await page.locator('.menu-item-label', { hasText: label }).waitFor();
    }
    assert.equal(header(), 'Products Sensors Contact');
    await page.getByRole('button', { name: 'Indent: Sensors' }).press('Enter');
    await becomes(header, 'Products(Sensors) Contact');
    await page.getByText('Sensors is now 1 of 1 below Products').waitFor({ state: 'attached' });
    assert.equal(await focused(page), 'Outdent: Sensors');
    await page.keyboard.press('Alt+ArrowLeft');
    await becomes(header, 'Products Sensors Contact');
    await page.getByRole('button', { name: 'Up: Contact' }).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await becomes(header, 'Products Contact Sensors');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('a menu is built without a script', async () => {
    const { path } = makeMenu(['Products', 'Sensors']);
    const { page } = await open(path, { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Indent: Sensors' }).click();
    await page.waitForURL(/#item-\d+$/);
    assert.equal(header(), 'Products(Sensors)');
    await page.locator('summary', { hasText: 'Edit Sensors' }).click();
    const form = page.locator('.menu-item-edit[open]');
    await form.getByLabel('Label').fill('Switches');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal(header(), 'Products(Switches)');
    await page.context().close();
  });

  test('entries of a menu are dragged beside and below each other', async () => {
    const { path } = makeMenu(['Products', 'Sensors', 'Contact']);
    const { page, complaints } = await open(path);
    const row = (label: string) => page.locator('.menu-item', { has: page.locator('.menu-item-label', { hasText: label }) });
    const drag = async (label: string, to: string, position: { x: number; y: number }): Promise<void> =>
      row(label).locator('.handle').dragTo(row(to), { targetPosition: position });
    await drag('Contact', 'Products', { x: 20, y: 5 });
    await becomes(header, 'Contact Products Sensors');
    await drag('Sensors', 'Products', { x: 300, y: 38 });
    await becomes(header, 'Contact Products(Sensors)');
    await page.getByRole('button', { name: 'Outdent: Sensors' }).click();
    await becomes(header, 'Contact Products Sensors');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('shortcuts lead to screens, and are letters where one types', async () => {
    makeHeroes();
    const { page, complaints } = await open('/admin/dashboard');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForURL(/\/admin\/products$/);
    await page.keyboard.press('/');
    await page.keyboard.type('gpn?/x');
    assert.equal(await page.getByLabel('Search').inputValue(), 'gpn?/x');
    assert.match(page.url(), /\/admin\/products$/);
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.waitForURL(/\/admin\/products\/new$/);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('searchbox').fill('heroes');
    await page.getByRole('link', { name: 'Front page: Heroes' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/admin\/homepage\/heroes$/);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('searchbox').fill('zebra');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('a group of the sidebar that was folded stays folded', async () => {
    const { page } = await open('/admin/dashboard');
    await page.locator('summary', { hasText: 'Website' }).click();
    await page.waitForFunction(`JSON.parse(localStorage.getItem('bluejay_sidebar_groups') ?? '{}').website === false`);
    await page.goto(`${address}/admin/products`);
    await page.getByRole('link', { name: 'Header' }).waitFor({ state: 'hidden' });
    assert.equal(await page.getByRole('link', { name: 'Solutions' }).isVisible(), true);
    await page.context().close();
  });

  for (const javaScriptEnabled of [true, false])
    test(`on a phone the menu is a drawer${javaScriptEnabled ? '' : ', also without a script'}`, async () => {
      const { page } = await open('/admin/products', { viewport: { width: 390, height: 844 }, javaScriptEnabled });
      const link = page.getByRole('navigation', { name: 'Panel' }).getByRole('link', { name: 'Solutions' });
      assert.equal(await link.isVisible(), false);
      await page.getByRole('link', { name: 'Menu' }).click();
      await link.click();
      await page.waitForURL(/\/admin\/solutions$/);
      assert.equal(await link.isVisible(), false);
      await page.context().close();
    });

  test('every kind of screen is good HTML, has no finding of axe, and fits a phone', async () => {
    makeHeroes();
    const { path, items } = makeMenu(['Products', 'Sensors']);
    await panel.post('admin', `/admin/navigation/items/${items[1]}/move`, { move: 'indent' });
    const screens = [
      '/admin/dashboard',
      '/admin/products?q=x&sort=name',
      '/admin/homepage/heroes',
      '/admin/case-studies',
      `/admin/products/${record.id}/edit`,
      `/admin/products/${record.id}/delete`,
      `/admin/products/${record.id}/revisions`,
      `/admin/products/${record.id}/revisions/1`,
      '/admin/settings',
      '/admin/find?q=x-2',
      '/admin/shortcuts',
      '/admin/navigation',
      path,
      '/admin/products/999999/edit',
    ];
    const findings: string[] = [];
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      const { page, complaints } = await open('/admin/dashboard', { viewport });
      for (const screen of screens) {
        const answer = await page.goto(address + screen);
        const at = `${screen} at ${viewport.width}`;
        const mistakes = viewport.width > 1000 ? await findHtmlMistakes((await answer?.text()) ?? '') : [];
        // Checkboxes of one name are how HTML says "several of these".
        findings.push(...mistakes.filter((text) => !text.startsWith('form-dup-name')).map((text) => `${at}: ${text}`));
        findings.push(...(await findBarriers(page)).map((text) => `${at}: ${text}`));
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (overflow !== 0) findings.push(`${at}: ${String(overflow)} pixels too wide`);
      }
      assert.deepEqual(
        complaints.filter((text) => !text.includes('404')),
        [],
      );
      await page.context().close();
    }
    assert.deepEqual(findings, []);
  });
});
