import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type MediaServer, openMediaServer } from './testing/media-server.ts';
import { animation, noise, PDF, picture } from './testing/pictures.ts';

const PAGE = path.join(import.meta.dirname, '..', 'page');
const AXE = readFileSync(path.join(import.meta.dirname, '../../../node_modules/axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let opened: MediaServer;
let origin: string;
let wide: number;

before(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  opened = await openMediaServer();
  const { library, server } = opened;
  ({ id: wide } = await library.add('noise.png', await noise('png', 600, 300), { alt: 'Noise' }));
  await library.add('glass.png', await picture('png', { alpha: true }));
  await library.add('paper.pdf', PDF);
  library.content.save(1, { image: wide });
  await library.media.publish();
  await server.listen({ port: 0, host: '127.0.0.1' });
  origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
});
after(async () => {
  await browser.close();
  await opened[Symbol.asyncDispose]();
});

/** The page's own files as they are, without the build. */
const openPage = async (width: number): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width, height: 800 }, extraHTTPHeaders: { 'x-role': 'author' } });
  const sheets = ['admin/base', 'admin/shell', 'admin/controls', 'admin/list', 'admin/record', 'media'];
  const css = sheets
    .map((name) => readFileSync(path.join(PAGE, `${name}.css`), 'utf8').replace(/@font-face \{[^}]*\}/g, ''))
    .join('\n');
  await page.route('**/public/admin.css', (route) => route.fulfill({ contentType: 'text/css', body: css }));
  for (const name of ['admin', 'media', 'element'])
    await page.route(`**/public/${name}.ts`, (route) => {
      const body = name === 'admin' ? "import { startMedia } from './media.ts'; startMedia(document);" : scriptOf(name);
      return route.fulfill({ contentType: 'text/javascript', body });
    });
  return page;
};

const scriptOf = (name: string): string => stripTypeScriptTypes(readFileSync(path.join(PAGE, 'admin', `${name}.ts`), 'utf8'));

const SCREENS = (): readonly string[] => [
  '/admin/media',
  '/admin/media?view=list&kind=image',
  `/admin/media/${wide}/edit`,
  '/admin/media/3/edit',
];

for (const width of [1_280, 390])
  test(`at ${width} pixels the screens are valid, have no finding of axe, and do not stick out to the side`, {
    timeout: 60_000,
  }, async () => {
    const page = await openPage(width);
    const validator = new HtmlValidate({ extends: ['html-validate:standard'] });
    for (const screen of SCREENS()) {
      const answer = await page.goto(origin + screen, { waitUntil: 'load' });
      const report = await validator.validateString((await answer?.text()) ?? '');
      const mistakes = report.results.flatMap(({ messages }) =>
        messages.map(({ ruleId, message, line }) => `${line}: ${ruleId} ${message}`),
      );
      assert.deepEqual(mistakes, [], screen);
      await page.evaluate(AXE);
      const found = await page.evaluate("axe.run().then((run) => run.violations.map((one) => one.id + ' ' + one.nodes[0].html))");
      assert.deepEqual(found, [], screen);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, screen);
    }
    await page.close();
  });

test('files that are sent one by one say what became of each; a single good one leads on to its description', {
  timeout: 60_000,
}, async () => {
  const page = await openPage(1_280);
  await page.goto(`${origin}/admin/media`);
  const good = { name: 'gold.png', mimeType: 'image/png', buffer: await picture('png', { colour: 'gold' }) };
  await page.setInputFiles('#upload-files', [good, { name: 'lie.png', mimeType: 'image/png', buffer: Buffer.from('<html>') }]);
  await page.click('#upload button[type=submit]');
  await page.waitForSelector('.media-outcomes .field-problem');
  const outcomes = (await page.innerText('.media-outcomes')).replace(/\s+/g, ' ');
  assert.equal(outcomes, 'gold.png uploaded lie.png “lie.png” was not taken: it looks like HTML, calls itself PNG.');
  await page.setInputFiles('#upload-files', [{ name: 'moves.gif', mimeType: 'image/gif', buffer: await animation('gif') }]);
  await page.fill('#upload-alt', 'Something that moves');
  await page.click('#upload button[type=submit]');
  await page.waitForURL('**/edit');
  assert.equal(await page.inputValue('#alt'), 'Something that moves');
  await page.close();
});

test('a click into the picture sets the focal point', { timeout: 60_000 }, async () => {
  const page = await openPage(1_280);
  await page.goto(`${origin}/admin/media/${wide}/edit`);
  const box = await page.locator('.media-focal img').boundingBox();
  assert.ok(box !== null);
  await page.mouse.click(box.x + box.width * 0.2, box.y + box.height * 0.9);
  assert.deepEqual([await page.inputValue('#focal-x'), await page.inputValue('#focal-y')], ['20', '90']);
  await page.close();
});
