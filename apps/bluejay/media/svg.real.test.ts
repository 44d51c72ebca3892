import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { sanitiseSvg, SvgError } from './svg.ts';
import { HOSTILE_SVG } from './testing/hostile-svg.ts';
import { openMediaServer } from './testing/media-server.ts';

let browser: Browser;

before(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => await browser.close());

const TAKEN = HOSTILE_SVG.flatMap(([name, given]) => {
  try {
    return [{ name, text: sanitiseSvg(given).text }];
  } catch (error) {
    // Refused altogether: nothing of it is ever served.
    if (!(error instanceof SvgError)) throw error;
    return [];
  }
});

test('without the policy too, no drawing of the corpus runs, loads or leads anywhere: opened directly and inside of a page', async () => {
  assert.ok(TAKEN.length > 25, `${TAKEN.length}`);
  const files = new Map(TAKEN.map(({ text }, index) => [`/${index}.svg`, text]));
  await using site = await serve(files.set('/all.html', pageOf(TAKEN.map(({ text }) => text).join('\n'))));
  await using watch = await watchPage();
  for (const [index, { name }] of TAKEN.entries()) assert.deepEqual(await watch.acts(`${site.origin}/${index}.svg`), [], name);
  assert.deepEqual(await watch.acts(`${site.origin}/all.html`), []);
});

test('the same browser does notice what the corpus does when nothing is taken out of it', async () => {
  const raw = new Map(HOSTILE_SVG.map(([name, text]) => [`/${encodeURIComponent(name)}.svg`, text]));
  await using site = await serve(raw);
  await using watch = await watchPage();
  for (const name of ['a script', 'onload of the root', 'foreign content', 'a picture from elsewhere', 'a sheet that loads'])
    assert.notDeepEqual(await watch.acts(`${site.origin}/${encodeURIComponent(name)}.svg`), [], name);
});

test('as it is served, even a drawing with a script in it would be powerless', async () => {
  await using opened = await openMediaServer();
  const { library, server } = opened;
  const { id } = await library.add('d.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>');
  library.content.save(1, { image: id });
  await library.media.publish();
  const name = library.files()['public']?.[0] ?? '';
  const [, hostile = ''] = HOSTILE_SVG[0] ?? [];
  // Past the library: as if something got through it.
  await writeFile(`${library.directory}/public/${name}`, hostile);
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  await using watch = await watchPage();
  assert.deepEqual(await watch.acts(`http://127.0.0.1:${port}/uploads/${name}`), []);
});

type Watch = AsyncDisposable & {
  /** What a document did that it must not: scripts that ran, requests to others, places it went to. */
  acts(address: string): Promise<readonly string[]>;
};

const watchPage = async (): Promise<Watch> => {
  const page = await browser.newPage();
  let seen: string[] = [];
  let origin = '';
  page.on('dialog', (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.route('**', async (route) => {
    const url = route.request().url();
    if (url.startsWith(origin)) return await route.continue();
    seen.push(`request ${url}`);
    return await route.abort();
  });
  return {
    async acts(address) {
      seen = [];
      ({ origin } = new URL(address));
      await page.goto(address, { waitUntil: 'load' });
      await touch(page);
      if (page.url() !== address) seen.push(`went to ${page.url()}`);
      if ((await page.locator('[data-hit]').count()) > 0) seen.push('script');
      return seen;
    },
    [Symbol.asyncDispose]: () => page.close(),
  };
};

/** For what waits for a hand. */
const touch = async (page: Page): Promise<void> => {
  await page.mouse.click(5, 5);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
};

const pageOf = (text: string): string => `<!doctype html><title>Test</title><body>${text}</body>`;

const serve = async (files: ReadonlyMap<string, string>): Promise<AsyncDisposable & { readonly origin: string }> => {
  const server = createServer((request, response) => {
    const text = files.get(request.url ?? '');
    const type = request.url?.endsWith('.html') === true ? 'text/html; charset=utf-8' : 'image/svg+xml';
    response.writeHead(text === undefined ? 204 : 200, { 'Content-Type': type }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
