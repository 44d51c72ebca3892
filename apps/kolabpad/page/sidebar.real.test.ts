/** What the controls do, for oneself and for the others. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { DESKTOP, expectStatus, installStage, type OpenedPage, textOf } from './fake-browser.ts';

const stage = installStage();

const openConnected = async (hash: string): Promise<OpenedPage> => {
  const opened = await stage().open(hash);
  await expectStatus(opened.page, 'connected');
  return opened;
};
const toast = ({ page }: OpenedPage, words: string | RegExp): Promise<void> =>
  page.locator('.toast').filter({ hasText: words }).first().waitFor();

test('a page without a document makes itself one with an id that nobody guesses', async () => {
  const { page } = await openConnected('');
  assert.match(new URL(page.url()).hash, /^#[a-zA-Z0-9]{17}$/);
  assert.equal(await page.getByLabel('Link to edit').inputValue(), page.url());
});

test('another hash is another document', async () => {
  const { server } = stage();
  server.pad('second').edit(['the second']);
  const opened = await openConnected('#first');
  await opened.text.pressSequentially('the first');
  await waitUntil(() => server.pad('first').document.text === 'the first', { what: 'the first has its text' });
  await opened.page.evaluate(() => (location.hash = '#second'));
  await waitUntil(async () => (await textOf(opened)) === 'the second', { what: 'the second is shown' });
  await expectStatus(opened.page, 'connected');
  await waitUntil(() => server.pad('first').clients.size === 0, { what: 'the first is left' });
});

test('people are listed; one renames oneself, and the name is kept', async () => {
  const { server } = stage();
  const [ada, bob] = [await openConnected('#people'), await openConnected('#people')];
  const { page } = ada;
  await page.getByRole('button', { name: /\(you\)/ }).click();
  const name = page.getByLabel('Your name');
  await name.fill('   ');
  await name.press('Enter');
  assert.equal(await name.isVisible(), true, 'an empty name is refused');
  await name.fill('  Ada  Lovelace ');
  await name.press('Enter');
  await page.getByRole('button', { name: /Ada Lovelace \(you\)/ }).waitFor();
  await bob.page.getByRole('listitem').filter({ hasText: 'Ada Lovelace' }).first().waitFor();
  assert.equal(await bob.page.locator('#people-count').textContent(), '2');
  const hue = (): number | undefined =>
    [...server.pad('people').document.users.values()].find((info) => info.name === 'Ada Lovelace')?.hue;
  const before = hue();
  await page.getByRole('button', { name: /\(you\)/ }).click();
  await page.getByRole('button', { name: 'Another colour' }).click();
  await waitUntil(() => hue() !== before, { what: 'the colour is another one' });
  await page.reload();
  await page.getByRole('button', { name: /Ada Lovelace \(you\)/ }).waitFor();
  await bob.page.close();
  await waitUntil(async () => (await page.locator('#people-count').textContent()) === '1', { what: 'Bob is gone' });
});

test('whoever comes with a colour like that of another takes another one', async () => {
  const { server, base } = stage();
  const first = await openConnected('#hues');
  const [taken] = server.pad('hues').document.users.values();
  assert.ok(taken !== undefined);
  const second = await stage().open('#elsewhere');
  await second.page.evaluate((hue) => localStorage.setItem('hue', String(hue)), taken.hue);
  await second.page.goto(`${base}?again#hues`);
  await waitUntil(
    () => {
      const [a, b] = [...server.pad('hues').document.users.values()].map(({ hue }) => hue);
      const distance = Math.abs((a ?? 0) - (b ?? 0));
      return b !== undefined && Math.min(distance, 360 - distance) >= 30;
    },
    { what: 'the two are 30 degrees apart' },
  );
  await first.page.close();
});

test('the language is that of everybody, and says who set it', async () => {
  const { server } = stage();
  const [ada, bob] = [await openConnected('#language'), await openConnected('#language')];
  await ada.text.pressSequentially('def f(): return 1');
  await ada.page.getByLabel('Language').selectOption('Python');
  await toast(ada, 'Language set to Python');
  await toast(bob, /set the language to Python/);
  assert.equal(await bob.page.getByLabel('Language').inputValue(), 'python');
  assert.equal(server.pad('language').document.language, 'python');
  await bob.page.locator('.cm-line span', { hasText: 'def' }).first().waitFor();
  const third = await openConnected('#language');
  await waitUntil(async () => (await third.page.getByLabel('Language').inputValue()) === 'python', { what: 'a newcomer has it' });
  assert.equal(await third.page.locator('.toast').count(), 0, 'what was set before is no news');
  assert.deepEqual([...ada.complaints, ...bob.complaints], []);
});

test('with the lock on everybody has the new link, and a link without its token asks for it', async () => {
  const { server } = stage();
  const [ada, bob] = [await openConnected('#vault'), await openConnected('#vault')];
  await ada.page.getByRole('switch', { name: 'Lock with a secret token' }).click();
  await toast(ada, 'The document is locked');
  await toast(bob, /locked the document/);
  for (const { page } of [ada, bob]) {
    await waitUntil(() => page.url().endsWith('#vault?otp=tOkEn-_12345'), { what: 'the address has the token' });
    assert.equal(await page.getByLabel('Link to edit').inputValue(), page.url());
    await page.getByText('locked', { exact: true }).waitFor();
  }
  const stranger = await stage().open('#vault');
  const dialog = stranger.page.getByRole('dialog', { name: 'Authentication required' });
  await dialog.waitFor();
  await dialog.getByLabel('Token').fill('wrong');
  await dialog.getByRole('button', { name: 'Open' }).click();
  await dialog.getByText(/does not open the document/).waitFor();
  await dialog.getByLabel('Token').fill('tOkEn-_12345');
  await dialog.getByRole('button', { name: 'Open' }).click();
  await expectStatus(stranger.page, 'connected');
  await bob.page.reload();
  await expectStatus(bob.page, 'connected');
  await bob.page.getByRole('switch', { name: 'Lock with a secret token' }).click();
  await toast(ada, /unlocked the document/);
  await waitUntil(() => ada.page.url().endsWith('#vault'), { what: 'the address has no token any more' });
  assert.equal(server.pad('vault').otp, null);
});

test('the way out of a locked document is a new one', async () => {
  stage().server.pad('shut').otp = 'x';
  const { page } = await stage().open('#shut');
  await page.getByRole('link', { name: 'Go to a new document' }).click();
  await expectStatus(page, 'connected');
  assert.match(new URL(page.url()).hash, /^#[a-zA-Z0-9]{17}$/);
  assert.equal(await page.getByRole('dialog').count(), 0);
});

test('links are copied, and the button says so for two seconds', async () => {
  const opened = await openConnected('#copy');
  const button = opened.page.getByRole('button', { name: /^(Copy|Copied)$/ });
  await button.click();
  await opened.page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await opened.page.evaluate(() => navigator.clipboard.readText()), opened.page.url());
  await opened.page.getByRole('button', { name: 'Copy', exact: true }).waitFor();
});

test('a read-only link shows the text and its changes, and lets nobody write', async () => {
  const { server } = stage();
  const writer = await openConnected('#shared');
  await writer.text.pressSequentially('look');
  await writer.page.getByRole('button', { name: 'Create a read-only link' }).click();
  const link = await waitUntil(async () => (await writer.page.getByLabel('Link to read').inputValue()) || null, {
    what: 'there is a link',
  });
  const reader = await openConnected(new URL(link).hash);
  await waitUntil(async () => (await textOf(reader)) === 'look', { what: 'the reader sees it' });
  await reader.page.getByText('read-only', { exact: true }).waitFor();
  for (const name of ['Upload…', 'Delete now…', 'Create a read-only link', 'Load a sample'])
    assert.equal(await reader.page.getByRole('button', { name }).isVisible(), false, name);
  await reader.text.pressSequentially('not me');
  await writer.text.pressSequentially(' here');
  await waitUntil(async () => (await textOf(reader)) === 'look here', { what: 'the reader follows' });
  assert.equal(server.pad('shared').document.text, 'look here');
  await writer.page.getByRole('button', { name: 'Revoke the read-only link' }).click();
  await writer.page.getByRole('button', { name: 'Revoke it' }).click();
  await reader.page.getByRole('dialog', { name: 'This link was revoked' }).waitFor();
  await writer.page.getByRole('button', { name: 'Create a read-only link' }).waitFor();
  const late = await stage().open(new URL(link).hash);
  await late.page.getByRole('dialog', { name: 'This link leads nowhere' }).waitFor();
});

test('the expiry is shown in words, and changed for everybody', async () => {
  const [ada, bob] = [await openConnected('#expiry'), await openConnected('#expiry')];
  await ada.page.getByText('Deleted for good after 7 days without a visit.').waitFor();
  await ada.page.getByLabel('Delete when nobody has visited for').selectOption('1 hour');
  for (const { page } of [ada, bob]) await page.getByText('Deleted for good after 1 hour without a visit.').waitFor();
  assert.deepEqual(
    stage()
      .server.calls.filter((call) => call.includes('/expiry'))
      .map((call) => /"ticket":"ticket-\d+","hours":1}$/.test(call)),
    [true],
  );
});

test('"Delete now" asks first, and then everybody is told', async () => {
  const [ada, bob] = [await openConnected('#gone'), await openConnected('#gone')];
  await ada.text.pressSequentially('to go');
  await waitUntil(async () => (await textOf(bob)) === 'to go', { what: 'both have it' });
  await ada.page.getByRole('button', { name: 'Delete now…' }).click();
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await ada.page.getByRole('button', { name: 'Delete now…' }).click();
  await ada.page.getByRole('button', { name: 'Delete it' }).click();
  await toast(ada, 'The document is deleted');
  await bob.page.getByRole('dialog', { name: 'This document was deleted' }).waitFor();
  await waitUntil(() => !ada.page.url().includes('gone'), { what: 'the page goes on with a new document' });
});

test('a file replaces the text after a question, by the button and by dropping it', async () => {
  const { server } = stage();
  const opened = await openConnected('#upload');
  const { page } = opened;
  const file = (name: string, content: string | Buffer) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
  await page.locator('#upload-file').setInputFiles(file('one.go', 'package main\r\n'));
  const pad = server.pad('upload');
  await waitUntil(() => pad.document.text === 'package main\n', { what: 'an empty document takes it without a question' });
  await waitUntil(() => pad.document.language === 'go', { what: 'the language is that of the file' });
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['dropped'], 'two.txt'));
    const target = document.querySelector('#editor');
    for (const kind of ['dragover', 'drop'])
      target?.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await page.getByRole('dialog', { name: 'Replace the text?' }).getByRole('button', { name: 'Replace it' }).click();
  await waitUntil(() => pad.document.text === 'dropped', { what: 'the dropped file is the text' });
  await page.locator('#upload-file').setInputFiles(file('big.txt', 'x'.repeat(300_000)));
  await toast(opened, /larger than the 256 KB/);
  await page.locator('#upload-file').setInputFiles(file('cat.png', Buffer.from([0x89, 0x50, 0xff, 0x00])));
  await toast(opened, /not a text file/);
  await opened.text.press('Control+z');
  await waitUntil(() => pad.document.text === 'package main\n', { what: 'an upload can be undone' });
});

test('a download has the ending of the language', async () => {
  const opened = await openConnected('#download');
  await opened.text.pressSequentially('# Title');
  await opened.page.getByLabel('Language').selectOption('Markdown');
  const [download] = await Promise.all([
    opened.page.waitForEvent('download'),
    opened.page.getByRole('button', { name: 'Download' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'download.md');
  assert.equal(await readFile(await download.path(), 'utf8'), '# Title');
});

test('the preview shows Markdown, follows the text, and runs nothing', async () => {
  const opened = await openConnected('#preview');
  const { page } = opened;
  await opened.text.pressSequentially(
    '# Title\n<img src=x onerror=alert(1)> [bad](javascript:alert(1)) ![cat](http://e.example/c.png)\n',
  );
  assert.equal(await page.getByRole('switch', { name: 'Markdown preview' }).count(), 0);
  await page.getByLabel('Language').selectOption('Markdown');
  await page.getByRole('switch', { name: 'Markdown preview' }).click();
  await page.getByRole('heading', { name: 'Title' }).waitFor();
  const pane = page.getByRole('article', { name: 'Preview' });
  assert.equal(await pane.locator('img').count(), 0);
  assert.equal(await pane.getByRole('link', { name: 'cat' }).getAttribute('rel'), 'noopener noreferrer nofollow');
  assert.equal(await pane.getByRole('link', { name: 'bad' }).count(), 0);
  await opened.text.press('Control+End');
  await opened.text.pressSequentially('\n\n## More\n');
  await page.getByRole('heading', { name: 'More' }).waitFor();
  assert.deepEqual(opened.complaints, []);
});

test('the sample asks before it replaces five lines or more', async () => {
  const { server } = stage();
  const opened = await openConnected('#sample');
  const { page } = opened;
  await page.getByRole('button', { name: 'Load a sample' }).click();
  await waitUntil(() => server.pad('sample').document.language === 'markdown', { what: 'it is there' });
  await page.getByRole('button', { name: 'Load a sample' }).click();
  await page.getByRole('dialog', { name: 'Replace the text by the sample?' }).getByRole('button', { name: 'Cancel' }).click();
});

test('a guessable name is marked, the version is a click away, dark mode follows the system until one chooses', async () => {
  stage().server.pad('team').guessable = true;
  const { page } = await stage().open('#team', { colorScheme: 'dark', viewport: DESKTOP });
  await page.getByRole('button', { name: 'guessable name' }).waitFor();
  const version = page.locator('#version');
  await version.click();
  assert.equal(await version.textContent(), 'Kolabpad abc1234');
  await version.click();
  assert.equal(await version.textContent(), 'Kolabpad');
  const themeIs = (theme: string): Promise<unknown> =>
    page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, theme);
  await themeIs('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await themeIs('light');
  await page.getByRole('switch', { name: 'Dark mode' }).click();
  await themeIs('dark');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.reload();
  await themeIs('dark');
});
