/** For tests: the page as it is built, in Chromium, before a server that does what a test says. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { buildPage } from './build.ts';
import { FakeServer } from './fake-server.ts';

export const CHROMIUM = '/usr/bin/chromium';
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export type OpenedPage = {
  readonly page: Page;
  /** Where one writes. */
  readonly text: Locator;
  /** What the console has said that it should not: errors, and violations of the policy. */
  readonly complaints: readonly string[];
};

export type Stage = {
  readonly server: FakeServer;
  readonly base: string;
  /** A browser of its own, as of another person. */
  open(hash: string, options?: BrowserContextOptions): Promise<OpenedPage>;
  /** Another tab of the same browser. */
  openBeside(opened: OpenedPage, hash: string): Promise<OpenedPage>;
};

/** Registers what builds the page and starts the browser for the tests of one file, and what ends both. */
export function installStage(): () => Stage {
  let stage: Stage | undefined;
  let browser: Browser;
  const ends: (() => Promise<unknown>)[] = [];

  before(async () => {
    const directory = await temporaryDirectory('kolabpad-page-');
    ends.push(() => directory[Symbol.asyncDispose]());
    await buildPage({ sha: 'abc1234', logLevel: 'error', outputDirectory: directory.path });
    const server = new FakeServer(directory.path);
    const base = await server.listen();
    ends.push(() => server.close());
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    ends.push(() => browser.close());
    stage = {
      server,
      base,
      async open(hash, options = {}) {
        const context = await browser.newContext({
          viewport: DESKTOP,
          permissions: ['clipboard-read', 'clipboard-write'],
          ...options,
        });
        return visit(await context.newPage(), base + hash);
      },
      openBeside: async ({ page }, hash) => visit(await page.context().newPage(), base + hash),
    };
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  return () => {
    assert.ok(stage !== undefined);
    return stage;
  };
}

async function visit(page: Page, url: string): Promise<OpenedPage> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A connection that a test cut is told of by the browser itself.
    const isNetwork = /WebSocket connection|Failed to load resource|net::ERR/.test(message.text());
    if (message.type() === 'error' && !isNetwork) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, text: page.getByRole('textbox', { name: /^Text of the document/ }), complaints };
}

/** Waits until the page says so. */
export const expectStatus = (page: Page, words: RegExp | string): Promise<void> =>
  page.locator('#status').filter({ hasText: words }).waitFor();

/** What the editor holds, also where it is not drawn. */
export const textOf = ({ text }: OpenedPage): Promise<string> =>
  text.evaluate((element) => Array.from(element.querySelectorAll('.cm-line'), (line) => line.textContent).join('\n'));

/** Keys that arrive before a closed dialog is off the screen are lost by the browser: a person is never that quick. */
export const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
