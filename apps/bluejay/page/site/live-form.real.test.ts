/** The forms and the pages around them in a browser: with a script, without one, by keyboard, on a desk and on a phone. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { securityHeaders } from '@berth/kit';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { openDownloads } from '../../leads/downloads.ts';
import { openSubmissions } from '../../leads/submissions.ts';
import { buildAssets } from '../../testing/built-assets.ts';
import { openStorySite, PDF, type StorySite } from '../../site/stories/testing/story-site.ts';

const PAPER = '/whitepapers/how-often-to-calibrate';
const PAGES = [
  '/blog',
  '/blog?page=2&category=company',
  '/blog/why-zero-is-the-hardest-number-to-measure',
  '/case-studies',
  '/case-studies/a-brewery-that-hears-its-tanks',
  '/whitepapers',
  PAPER,
  '/about',
  '/partners',
  '/contact',
];

describe('stories and forms in a browser', () => {
  let site: StorySite;
  let browser: Browser;
  let address = '';
  let directory = '';
  let axe = '';

  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'story-assets-'));
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const assets = await buildAssets('site', directory);
    const picture = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#0e7490' } })
      .webp()
      .toBuffer();
    site = await openStorySite({
      register(server) {
        const policy = securityHeaders();
        server.addHook('onRequest', async (_request, reply) => {
          reply.header('Content-Security-Policy', policy['Content-Security-Policy']);
        });
        assets.register(server);
        server.get('/uploads/:name', (_request, reply) => reply.type('image/webp').send(picture));
      },
    });
    address = await site.server.listen({ port: 0 });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser.close();
    await site[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => {
    site.clock.nowMs += 3_700_000;
    site.database.exec('DELETE FROM contact_submissions; DELETE FROM whitepaper_downloads');
  });

  const messages = () => openSubmissions(site.database, () => 0).all({});
  const leads = () => openDownloads(site.database, () => 0).all({});
  const open = async (where: string, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ baseURL: address, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      // An answer of 400 is an answer; the browser says so all the same.
      if (message.type() === 'error' && !message.text().includes('status of 400')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(address)) complaints.push(`asks ${request.url()}`);
    });
    await page.goto(where);
    // Nobody types faster than this.
    site.clock.nowMs += 5_000;
    return { page, complaints, close: () => context.close() };
  };
  const type = async (page: Page, typed: Readonly<Record<string, string>>): Promise<void> => {
    for (const [label, text] of Object.entries(typed)) await page.getByLabel(label).fill(text);
  };
  const MESSAGE = {
    'Your name': 'Ada Lovelace',
    Company: 'Analytical Engines',
    'Mail address': 'ada@example.com',
    Phone: '+44 20 5550 1842',
    Message: 'How many cogs?',
  };

  test('a message is sent by the script with its proof, in one click, and the page stays', async () => {
    const { page, complaints, close } = await open('/contact');
    await type(page, MESSAGE);
    await page.getByRole('button', { name: 'Send the message' }).click();
    await page.getByText('Thank you. Your message is on its way').waitFor();
    assert.equal(new URL(page.url()).pathname, '/contact');
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'form-note form-done', 'it is read out');
    assert.equal(messages().length, 1);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('what the server finds wrong is said in place, what was typed stays, and the second try goes through', async () => {
    const { page, complaints, close } = await open('/contact');
    await type(page, { ...MESSAGE, 'Mail address': 'ada@nowhere' });
    await page.getByRole('button', { name: 'Send the message' }).click();
    await page.getByText('A mail address looks like name@example.com.').waitFor();
    assert.equal(await page.getByLabel('Message').inputValue(), 'How many cogs?');
    assert.equal(messages().length, 0);
    site.clock.nowMs += 5_000;
    await type(page, { 'Mail address': 'ada@example.com' });
    await page.getByRole('button', { name: 'Send the message' }).click();
    await page.getByText('Thank you. Your message is on its way').waitFor();
    assert.equal(messages().length, 1);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('without a network what was typed stays, and is sent when it is back', async () => {
    const { page, close } = await open('/contact');
    await type(page, MESSAGE);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Send the message' }).click();
    await page.getByText('This could not be sent just now.').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Send the message' }).click();
    await page.getByText('Thank you. Your message is on its way').waitFor();
    assert.equal(messages().length, 1);
    await close();
  });

  test('without a script one more click sends it', async () => {
    const { page, complaints, close } = await open('/contact?type=rfq&product=WR-4-100', { javaScriptEnabled: false });
    const { Message: message, ...typed } = MESSAGE;
    await type(page, { ...typed, 'What do you need, and how many?': message });
    await page.getByRole('button', { name: 'Ask for a quote' }).click();
    await page.getByText('One more click.').waitFor();
    assert.equal(messages().length, 0);
    site.clock.nowMs += 3_000;
    await page.getByRole('button', { name: 'Ask for a quote' }).click();
    await page.getByText('Thank you. Your message is on its way').waitFor();
    assert.partialDeepStrictEqual(messages()[0], { kind: 'rfq', product: 'WR-4-100', message });
    assert.deepEqual(complaints, []);
    await close();
  });

  test('a whitepaper is had by keyboard alone', async () => {
    const { page, complaints, close } = await open(PAPER);
    await page.getByLabel('Your name').focus();
    for (const text of ['Ada', 'ada@example.com', 'Engines', 'Countess']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    const link = page.getByRole('link', { name: 'Download the whitepaper' });
    await link.waitFor();
    const token = (await link.getAttribute('href'))?.replace('/files/', '') ?? '';
    assert.equal(site.signer.verify('media-file', token), String(PDF));
    assert.partialDeepStrictEqual(leads()[0], { name: 'Ada', designation: 'Countess', hasConsented: true });
    assert.deepEqual(complaints, []);
    await close();
  });

  for (const [device, options] of [
    ['desk', { viewport: { width: 1280, height: 900 } }],
    ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ] as const)
    for (const where of PAGES)
      test(`axe finds nothing on ${where} on a ${device}, it is not wider than the screen, and it asks nobody else`, async () => {
        const { page, complaints, close } = await open(where, options);
        assert.deepEqual(await findingsOf(page, axe), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
        assert.deepEqual(complaints, []);
        await close();
      });

  test('axe finds nothing in a form with mistakes, in one to be confirmed, and where it was', async () => {
    const { page, close } = await open('/contact', { javaScriptEnabled: true });
    await page.evaluate(() => document.querySelector('form[data-live-form]')?.setAttribute('novalidate', ''));
    await page.getByRole('button', { name: 'Send the message' }).click();
    await page.getByText('5 things are missing').waitFor();
    assert.deepEqual(await findingsOf(page, axe), []);
    await type(page, MESSAGE);
    // As a browser whose script did not get that far.
    await page.evaluate(() => document.querySelector('input[name="form_proof"]')?.remove());
    site.clock.nowMs += 5_000;
    await page.evaluate(() => document.querySelector<HTMLFormElement>('form[data-live-form]')?.submit());
    await page.getByText('One more click.').waitFor();
    assert.deepEqual(await findingsOf(page, axe), []);
    site.clock.nowMs += 5_000;
    await page.getByRole('button', { name: 'Send the message' }).click();
    await page.getByText('Thank you. Your message is on its way').waitFor();
    assert.deepEqual(await findingsOf(page, axe), []);
    await close();
  });
});

type Finding = {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[];
};

/** All but the minor ones. */
const findingsOf = async (page: Page, axe: string): Promise<readonly string[]> => {
  await page.evaluate(axe);
  const findings: unknown = await page.evaluate(
    async () => (await (window as unknown as { axe: { run(): Promise<{ violations: unknown }> } }).axe.run()).violations,
  );
  return (findings as readonly Finding[])
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${JSON.stringify(target)} ${failureSummary}`));
};
