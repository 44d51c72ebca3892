/** For everybody: axe finds nothing serious, the policy is kept, a keyboard reaches all, and a phone is enough. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import type { Page } from 'playwright-core';
import { expectStatus, installStage, PHONE } from './fake-browser.ts';

const stage = installStage();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Finding = { id: string; impact: string | null; nodes: { target: unknown; failureSummary?: string }[] };

/** What is serious or worse. Animations are over, so that nothing is half transparent while it is looked at. */
async function findSerious(page: Page): Promise<string[]> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every((animation) => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity),
  );
  await page.evaluate(axe);
  const findings = await page.evaluate(
    async () =>
      (await (window as unknown as { axe: { run(): Promise<{ violations: unknown[] }> } }).axe.run()).violations as unknown,
  );
  return (findings as Finding[])
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${JSON.stringify(target)} ${failureSummary}`));
}

for (const { what, hue, options } of [
  { what: 'in the light theme', hue: 240, options: { colorScheme: 'light' } },
  { what: 'in the dark theme', hue: 60, options: { colorScheme: 'dark' } },
  { what: 'on a phone', hue: 0, options: { viewport: PHONE, isMobile: true, hasTouch: true } },
  { what: 'on a phone in the dark', hue: 120, options: { viewport: PHONE, isMobile: true, hasTouch: true, colorScheme: 'dark' } },
] as const)
  test(`axe finds nothing serious ${what}, and the policy is kept`, async () => {
    const { server, open } = stage();
    const name = what.replaceAll(' ', '-');
    const pad = server.pad(name);
    pad.guessable = true;
    pad.viewLink = 'ro-abcdefghijklmnopqrst';
    pad.document.language = 'markdown';
    pad.edit(['# Title\n\nSome *text* with `code`, [a link](https://example.com) and\n\n```js\nconst a = "b"; // c\n```\n']);
    const opened = await open(`#${name}`, options);
    const { page } = opened;
    await expectStatus(page, 'connected');
    pad.tell({ UserInfo: { id: 500, info: { name: 'Grace', hue } } });
    // Over all of the text: its colours have to be readable on somebody's selection, too.
    const end = pad.document.text.length;
    pad.tell({ UserCursor: { id: 500, data: { cursors: [4], selections: [[0, end]] } } });
    await page.locator('.kp-caret').waitFor({ state: 'attached' });
    assert.deepEqual(await findSerious(page), []);
    const drawer = page.getByRole('button', { name: 'Settings and people' });
    if (await drawer.isVisible()) await drawer.click();
    await page.getByRole('button', { name: /\(you\)/ }).click();
    await page.getByRole('switch', { name: 'Markdown preview' }).click();
    await page.getByRole('heading', { name: 'Title', includeHidden: true }).waitFor();
    assert.deepEqual(await findSerious(page), []);
    await page.getByRole('button', { name: 'Delete now…' }).click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await findSerious(page), []);
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual(opened.complaints, []);
  });

test('the search of the editor keeps the policy and has nothing serious either', async () => {
  const opened = await stage().open('#search');
  await expectStatus(opened.page, 'connected');
  await opened.text.pressSequentially('needle and needle');
  await opened.page.keyboard.press('Control+f');
  await opened.page.getByRole('textbox', { name: 'Find' }).pressSequentially('needle');
  await opened.page.locator('.cm-searchMatch').first().waitFor();
  assert.deepEqual(await findSerious(opened.page), []);
  assert.deepEqual(opened.complaints, []);
});

test('the dialogs that block have nothing serious', async () => {
  const { server, open } = stage();
  server.pad('blocked').otp = 'secret';
  const opened = await open('#blocked');
  await opened.page.getByRole('dialog', { name: 'Authentication required' }).waitFor();
  assert.deepEqual(await findSerious(opened.page), []);
  const full = await open('#overfull');
  await expectStatus(full.page, 'connected');
  server.pad('overfull').maxBytes = 1;
  await full.text.pressSequentially('too much');
  await full.page.getByRole('dialog', { name: 'The document is full' }).waitFor();
  assert.deepEqual(await findSerious(full.page), []);
});

test('on a phone the sheet takes the focus, keeps it, and gives it back', async () => {
  const { page } = await stage().open('#sheet', { viewport: PHONE, isMobile: true, hasTouch: true });
  await expectStatus(page, 'connected');
  const opener = page.getByRole('button', { name: 'Settings and people' });
  const sheet = page.getByRole('complementary', { name: 'Document' });
  assert.equal(await sheet.isVisible(), false);
  await opener.click();
  await sheet.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'drawer-close');
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab');
    const isWithin = await page.evaluate(
      () => document.activeElement === document.body || document.activeElement?.closest('#sidebar') !== null,
    );
    assert.ok(isWithin, `press ${presses} has left the sheet`);
  }
  await page.keyboard.press('Shift+Tab');
  await page.getByRole('button', { name: 'Close' }).first().press('Escape');
  await sheet.waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'drawer-open');
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(overflow, 0, 'nothing sticks out to the side');
});

test('a keyboard reaches every control of the sidebar, and each has a name', async () => {
  const { page, text } = await stage().open('#keyboard');
  await expectStatus(page, 'connected');
  await text.press('Escape');
  const reached = new Set<string>();
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.id ?? ''));
  }
  for (const id of [
    'home',
    'theme-toggle',
    'share-link',
    'share-copy',
    'otp-switch',
    'view-create',
    'language',
    'upload',
    'download',
    'expiry',
    'delete',
    'sample',
    'version',
    'editor',
  ])
    assert.ok(reached.has(id), `${id} was not reached: ${[...reached].join(' ')}`);
});

test('who comes and goes is said to a screen reader', async () => {
  const { server, open } = stage();
  const { page } = await open('#spoken');
  await expectStatus(page, 'connected');
  await page.getByRole('log').filter({ hasText: 'connected' }).waitFor();
  server.pad('spoken').tell({ UserInfo: { id: 500, info: { name: 'Grace', hue: 60 } } });
  await page.getByRole('log').filter({ hasText: 'Grace is here' }).waitFor();
  server.pad('spoken').tell({ UserInfo: { id: 500 } });
  await page.getByRole('log').filter({ hasText: 'Grace has left' }).waitFor();
});

test('a violation of the policy would be seen by these tests', async () => {
  const opened = await stage().open('#violation');
  await opened.page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { color: red }';
    document.head.append(style);
  });
  await waitUntil(() => opened.complaints.some((complaint) => complaint.includes('Content Security Policy')), {
    what: 'the violation is a complaint',
  });
});
