/** Somebody with a browser of his own: its cookies, its window, and everything that it complained about. */
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

export type Visitor = AsyncDisposable & {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the console, errors of scripts, requests to another host; of all windows. */
  readonly complaints: readonly string[];
};

type VisitorOptions = Pick<BrowserContextOptions, 'javaScriptEnabled' | 'viewport' | 'timezoneId'> & {
  readonly browser: Browser;
  /** Of the site: paths begin there. */
  readonly url: string;
};

const PATIENCE_MS = 20_000;
/** Chromium says so of every page that is answered with 404, 409 and the like: the steps look at the answers themselves. */
const ANSWERED_OTHERWISE = /^error: Failed to load resource: the server responded with a status of 4\d\d/;

export async function openVisitor({ browser, url, ...options }: VisitorOptions): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  context.on('console', (message) => {
    const text = `${message.type()}: ${message.text()}`;
    if ((message.type() === 'error' || message.type() === 'warning') && !ANSWERED_OTHERWISE.test(text))
      complaints.push(`${message.page()?.url() ?? ''} ${text}`);
  });
  context.on('weberror', (error) => complaints.push(`script: ${error.error().message}`));
  context.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(url).host) complaints.push(`request to ${request.url()}`);
  });
  return { context, page: await context.newPage(), complaints, [Symbol.asyncDispose]: () => context.close() };
}
