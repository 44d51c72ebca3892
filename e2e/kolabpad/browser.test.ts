/** Two people with browsers, on Berth: they write at once, through reloads, a lock, and a handover to the next release. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Receipt } from '@berth/protocol';
import { waitUntil } from '@berth/testing';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { StoryPlatform } from '../harness/platform.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CLI = join(ROOT, 'programs', 'cli', 'main.ts');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let platform: StoryPlatform;
let browser: Browser;

const berth = async (...words: string[]): Promise<Receipt> => {
  const env = { ...process.env, BERTH_HOME: platform.home };
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...words, '--json'], { env });
  return JSON.parse(stdout) as Receipt;
};

before(async () => {
  platform = await StoryPlatform.open({ tls: 'on' });
  const receipt = await berth('deploy', join(ROOT, 'apps', 'kolabpad'));
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => {
  await browser.close();
  await platform[Symbol.asyncDispose]();
});

type Person = { readonly page: Page; readonly complaints: readonly string[] };

async function open(hash: string, options: BrowserContextOptions = {}): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isNetwork = /WebSocket connection|Failed to load resource|net::ERR/.test(message.text());
    if (message.type() === 'error' && !isNetwork) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!new URL(request.url()).hostname.endsWith('kolabpad.localhost')) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(`https://kolabpad.localhost:${platform.httpsPort}/${hash}`);
  await expectStatus(page, 'connected');
  return { page, complaints };
}

const expectStatus = (page: Page, words: string): Promise<void> => page.locator('#status').filter({ hasText: words }).waitFor();
const textbox = (page: Page) => page.getByRole('textbox', { name: /^Text of the document/ });
const shown = (page: Page): Promise<string> =>
  textbox(page).evaluate((element: Element) =>
    Array.from(element.querySelectorAll('.cm-line'), (line) => line.textContent).join('\n'),
  );
/** What of a browser's own types is needed here. */
type Element = { querySelectorAll(selector: string): ArrayLike<{ readonly textContent: string }> };
/** As curl on this machine would read it, at the stable address of the service. */
const stored = async (id: string): Promise<string> => {
  const { apps } = await platform.client.call('status', {});
  const address = apps[0]?.services[0]?.address ?? assert.fail('the service has no address');
  return (await fetch(`${address}/api/text/${id}`)).text();
};
const agreeOn = (text: string, ...pages: Page[]): Promise<true> =>
  waitUntil(async () => (await Promise.all(pages.map(shown))).every((one) => one === text), {
    what: `everybody to see ${JSON.stringify(text)}`,
  });

test('two people type into one document at once, and both see all of it', async () => {
  const [ann, bob] = [await open('#together'), await open('#together')];
  await textbox(ann.page).pressSequentially('first line\n\nlast line');
  await agreeOn('first line\n\nlast line', ann.page, bob.page);
  await ann.page.keyboard.press('Control+Home');
  await textbox(bob.page).click();
  await bob.page.keyboard.press('Control+End');
  await Promise.all([
    ann.page.keyboard.type('aaaaaaaaaaaaaaaaaaaa 😀 ', { delay: 10 }),
    bob.page.keyboard.type(' 👩‍🚀 bbbbbbbbbbbbbbbbbbbb', { delay: 10 }),
  ]);
  const whole = 'aaaaaaaaaaaaaaaaaaaa 😀 first line\n\nlast line 👩‍🚀 bbbbbbbbbbbbbbbbbbbb';
  await agreeOn(whole, ann.page, bob.page);
  assert.equal(await stored('together'), whole);
  // Undo takes back one's own typing and leaves the other's.
  for (let presses = 0; presses < 10 && (await shown(ann.page)).startsWith('a'); presses += 1)
    await ann.page.keyboard.press('Control+z');
  await waitUntil(async () => (await shown(bob.page)).endsWith('bbbb') && !(await shown(bob.page)).startsWith('a'), {
    what: 'what Ann typed is taken back and what Bob typed is not',
  });
  await bob.page.reload();
  await expectStatus(bob.page, 'connected');
  await agreeOn(await shown(ann.page), bob.page);
  assert.deepEqual([...ann.complaints, ...bob.complaints], []);
});

test('a document is locked and unlocked; a wrong token is refused', async () => {
  const ann = await open('#vault');
  await textbox(ann.page).pressSequentially('secret');
  await ann.page.getByRole('switch', { name: 'Lock with a secret token' }).click();
  await waitUntil(() => /#vault\?otp=[\w-]{12}$/.test(ann.page.url()), { what: 'the address to carry the token' });
  const stranger = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await stranger.newPage();
  await page.goto(`https://kolabpad.localhost:${platform.httpsPort}/#vault`);
  const dialog = page.getByRole('dialog', { name: 'Authentication required' });
  await dialog.getByLabel('Token').fill('wrong-token-');
  await dialog.getByRole('button', { name: 'Open' }).click();
  await dialog.getByText(/does not open the document/).waitFor();
  await page.goto(`https://kolabpad.localhost:${platform.httpsPort}/?again${new URL(ann.page.url()).hash}`);
  await expectStatus(page, 'connected');
  await agreeOn('secret', page);
  await ann.page.getByRole('switch', { name: 'Lock with a secret token' }).click();
  await waitUntil(() => ann.page.url().endsWith('#vault') && page.url().endsWith('#vault'), {
    what: 'both addresses to be open',
  });
  const log = readFileSync(join(platform.home, 'berthd.log'), 'utf8');
  assert.doesNotMatch(log, /otp=/);
});

test('a read-only link shows everything and changes nothing', async () => {
  const ann = await open('#shown');
  await textbox(ann.page).pressSequentially('look');
  await ann.page.getByRole('button', { name: 'Create a read-only link' }).click();
  const link = ann.page.getByLabel('Link to read');
  await waitUntil(async () => /#ro-[\w-]{20,}$/.test(await link.inputValue()), { what: 'the link to be there' });
  const reader = await open(new URL(await link.inputValue()).hash);
  await agreeOn('look', reader.page);
  await textbox(reader.page).click();
  await reader.page.keyboard.type('x');
  await textbox(ann.page).click();
  await ann.page.keyboard.press('Control+End');
  await ann.page.keyboard.type('!');
  await agreeOn('look!', ann.page, reader.page);
  assert.deepEqual(reader.complaints, []);
});

test('a new release takes over while two people type: nothing is lost, nobody reloads, a moment of "connecting" at most', async () => {
  const [ann, bob] = [await open('#handover'), await open('#handover')];
  for (const { page } of [ann, bob]) await page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }));
  await textbox(ann.page).click();
  let isDeployed = false;
  const deploying = berth('env', 'kolabpad', 'set', 'EXPIRY_DAYS=6').then((receipt) => {
    isDeployed = true;
    return receipt;
  });
  let typed = '';
  const words: string[] = [];
  for (let count = 0; !isDeployed || count < 30; count += 1) {
    typed += `${count} `;
    await ann.page.keyboard.type(`${count} `, { delay: 5 });
    const status = (await ann.page.locator('#status').innerText()).trim();
    if (words.at(-1) !== status) words.push(status);
  }
  assert.equal((await deploying).ok, true);
  await agreeOn(typed, ann.page, bob.page);
  assert.equal(await stored('handover'), typed);
  for (const { page, complaints } of [ann, bob]) {
    assert.deepEqual(complaints, []);
    assert.equal(await page.evaluate(() => 'neverReloaded' in globalThis), true);
    assert.equal(await page.getByRole('dialog').count(), 0);
    await expectStatus(page, 'connected');
  }
  console.log(`the page said: ${words.join(', ')}`);
});

for (const { name, options } of [
  { name: 'on a desktop', options: { colorScheme: 'light' } },
  {
    name: 'on a phone, in the dark',
    options: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
  },
] as const)
  test(`axe finds nothing serious ${name}, as it is served`, async () => {
    const { page, complaints } = await open('#axe', options);
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await (
        globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string | null }[] }> } }
      ).axe.run();
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id);
    });
    assert.deepEqual(found, []);
    assert.deepEqual(complaints, []);
  });
