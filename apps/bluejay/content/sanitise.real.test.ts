/** What a real browser does with what attackers type: everything as it came, as proof that it can, and nothing when sanitised. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { escapeHtml, html } from '../html/html.ts';
import { expandRichText, sanitiseRichText } from './sanitise.ts';
import { XSS_PAYLOADS } from './testing/xss-payloads.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Each in a frame of its own, since some end a page. */
const rawPage = `<!doctype html><title>raw</title>${XSS_PAYLOADS.map((payload) => `<iframe srcdoc="${escapeHtml(payload)}"></iframe>`).join('')}`;

const pageOf = (bodies: readonly string[]): string =>
  `<!doctype html><title>clean</title>${bodies.map((body) => `<div class="payload">${body}</div>`).join('\n')}`;

const clean = XSS_PAYLOADS.map(sanitiseRichText);
const pages: Readonly<Record<string, string>> = {
  '/raw': rawPage,
  '/clean': pageOf(clean),
  '/expanded': pageOf(
    clean.map((body) => expandRichText(body, (id, alt) => html`<picture><img src="/missing/${id}" alt="${alt}"></picture>`).html),
  ),
};

let server: Server;
let browser: Browser;
let origin = '';

before(async () => {
  server = createServer((request, response) => {
    const body = pages[request.url ?? ''];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});

after(async () => {
  await browser.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Scripts of the page that is looked at, as text: they run there, where there is a document. */
const COUNT_FIRED = `[...document.querySelectorAll('iframe')].filter((frame) => frame.contentWindow?.fired).length + (window.fired ? 1 : 0)`;
const TOUCH_EVERYTHING = `for (const element of document.querySelectorAll('.payload, .payload *')) {
  for (const name of ['mouseover', 'pointerenter', 'focus', 'beforeinput', 'toggle', 'animationstart', 'load', 'error'])
    element.dispatchEvent(new Event(name, { bubbles: true }));
  if (element instanceof HTMLElement) element.focus();
}`;
const PARSE_AGAIN = `for (const element of document.querySelectorAll('.payload')) {
  element.innerHTML = element.innerHTML;
  element.replaceChildren(...new DOMParser().parseFromString(element.innerHTML, 'text/html').body.childNodes);
  const fragment = document.createRange().createContextualFragment(element.innerHTML);
  element.replaceChildren(fragment);
}`;
/** A picture that cannot be loaded either: when that is known, it is known of all before it. */
const SETTLE = `new Promise((resolve) => {
  const last = new Image();
  last.onerror = () => resolve();
  last.src = '/missing?' + performance.now();
})`;
const STRANGERS = `[...document.querySelectorAll('.payload *')].filter((element) =>
  element.namespaceURI !== 'http://www.w3.org/1999/xhtml' ||
  [...element.attributes].some(({ name }) => name.startsWith('on') || name === 'style' || name === 'srcdoc') ||
  /^(?:script|style|iframe|object|embed|form|input|button|svg|math|base|meta|link|template)$/i.test(element.tagName)
).map((element) => element.outerHTML)`;
const PROTOCOLS = `[...new Set([...document.querySelectorAll('.payload a')].map((link) => link.protocol))]`;

const open = async (path: string): Promise<{ readonly page: Page; readonly strayRequests: string[] }> => {
  const page = await browser.newPage();
  const strayRequests: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) strayRequests.push(request.url());
  });
  await page.goto(`${origin}${path}`, { waitUntil: 'domcontentloaded' });
  return { page, strayRequests };
};

test('as they came, the payloads do run scripts', async () => {
  const { page } = await open('/raw');
  await waitUntil(async () => Number(await page.evaluate(COUNT_FIRED)) >= 60, {
    what: 'sixty of them ran a script',
    withinMs: 60_000,
  });
  await page.close();
});

for (const path of ['/clean', '/expanded']) {
  test(`sanitised (${path}), none runs a script, whether it is parsed once or again, touched or not`, async () => {
    const { page, strayRequests } = await open(path);
    for (const script of ['', PARSE_AGAIN, TOUCH_EVERYTHING, PARSE_AGAIN]) {
      await page.evaluate(script);
      await page.evaluate(SETTLE);
      assert.equal(await page.evaluate('window.fired'), undefined);
      assert.deepEqual(await page.evaluate(STRANGERS), []);
    }
    const protocols = (await page.evaluate(PROTOCOLS)) as string[];
    assert.deepEqual(
      protocols.filter((protocol) => !['http:', 'https:', 'mailto:', 'tel:'].includes(protocol)),
      [],
    );
    assert.deepEqual(strayRequests, []);
    assert.equal(
      await page.evaluate(`document.querySelectorAll('.payload').length`),
      XSS_PAYLOADS.length,
      'one closed the element around it',
    );
    await page.close();
  });
}
