/** What happens to the text when the line breaks, the page is gone, or the document is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { CLOSE } from '../domain/messages.ts';
import type { FakePad } from './fake-server.ts';
import { drawn, expectStatus, installStage, type OpenedPage, textOf } from './fake-browser.ts';

const stage = installStage();

const keptEdits = ({ page }: OpenedPage): Promise<number> =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('kolabpad:unsent:')).length);

/** A page that was closed lets go of its locks a moment later, and only then another one takes over what it left. */
const untilGone = ({ page: bystander }: OpenedPage, document: string): Promise<unknown> =>
  waitUntil(
    () =>
      bystander.evaluate(async (name) => {
        const { held = [] } = await navigator.locks.query();
        return !held.some((lock) => lock.name?.startsWith(name));
      }, `kolabpad:unsent:${document}:`),
    { what: 'the closed pages have let go', withinMs: 60_000 },
  );

const countHellos = (pad: FakePad): number => pad.received.filter(({ kind }) => kind === 'Hello').length;

test('what is typed without a server is merged with what others wrote meanwhile', async () => {
  const { server, open } = stage();
  const opened = await open('#away');
  await expectStatus(opened.page, 'connected');
  await opened.text.pressSequentially('one');
  const pad = server.pad('away');
  await waitUntil(() => pad.document.text === 'one', { what: 'the server has it' });
  server.hangUp({ up: false });
  await opened.text.pressSequentially(' two');
  pad.edit(['zero ', 3]);
  await expectStatus(opened.page, /offline, \d unsaved changes kept in this browser/);
  server.isUp = true;
  await waitUntil(() => pad.document.text === 'zero one two', { what: 'both are there' });
  await waitUntil(async () => (await textOf(opened)) === 'zero one two', { what: 'and shown' });
  await expectStatus(opened.page, 'connected');
  await waitUntil(async () => (await keptEdits(opened)) === 0, { what: 'nothing is kept any more' });
});

test('unsent edits outlive a reload and a closed tab', async () => {
  const { server, open, openBeside } = stage();
  const opened = await open('#reload');
  await expectStatus(opened.page, 'connected');
  await opened.text.pressSequentially('saved');
  const pad = server.pad('reload');
  await waitUntil(() => pad.document.text === 'saved', { what: 'the server has it' });
  // Sockets are hung up on, files are still served: the server behind is restarting.
  for (const { socket } of pad.clients) socket.terminate();
  server.refusesSockets = true;
  await opened.text.pressSequentially(' and not');
  await waitUntil(async () => (await keptEdits(opened)) === 1, { what: 'it is kept' });
  opened.page.on('dialog', (dialog) => void dialog.accept());
  await opened.page.reload();
  await waitUntil(async () => (await textOf(opened)) === 'saved and not', { what: 'it is there again without a server' });
  const bystander = await openBeside(opened, '#elsewhere');
  await opened.page.close({ runBeforeUnload: false });
  await untilGone(bystander, 'reload');
  server.refusesSockets = false;
  const later = await openBeside(opened, '#reload');
  await waitUntil(() => pad.document.text === 'saved and not', { what: 'another tab brings it to the server' });
  await waitUntil(async () => (await keptEdits(later)) === 0, { what: 'nothing is kept any more' });
});

test('edits of several closed tabs all arrive, each once', async () => {
  const { server, open, openBeside } = stage();
  const first = await open('#tabs');
  const second = await openBeside(first, '#tabs');
  for (const { page } of [first, second]) await expectStatus(page, 'connected');
  const pad = server.pad('tabs');
  server.refusesSockets = true;
  for (const { socket } of pad.clients) socket.terminate();
  await first.text.pressSequentially('[first]');
  await second.text.pressSequentially('[second]');
  await waitUntil(async () => (await keptEdits(first)) === 2, { what: 'both are kept' });
  const bystander = await openBeside(first, '#elsewhere');
  for (const { page } of [first, second]) await page.close();
  await untilGone(bystander, 'tabs');
  server.refusesSockets = false;
  const later = await openBeside(first, '#tabs');
  await waitUntil(() => pad.document.text.length === '[first][second]'.length, { what: 'both arrive' });
  assert.match(pad.document.text, /\[first\]/);
  assert.match(pad.document.text, /\[second\]/);
  await waitUntil(async () => (await textOf(later)) === pad.document.text, { what: 'the new tab shows both' });
  await waitUntil(async () => (await keptEdits(later)) === 0, { what: 'nothing is kept any more' });
});

test('leaving with something unsent is asked about, leaving without is not', async () => {
  const { server, open } = stage();
  const opened = await open('#leaving');
  await expectStatus(opened.page, 'connected');
  let asked = 0;
  opened.page.on('dialog', (dialog) => {
    asked += dialog.type() === 'beforeunload' ? 1 : 0;
    void dialog.accept();
  });
  await opened.page.reload();
  assert.equal(asked, 0);
  await expectStatus(opened.page, 'connected');
  server.hangUp({ up: false });
  await opened.text.pressSequentially('x');
  server.isUp = true;
  server.refusesSockets = true;
  await opened.page.reload();
  assert.equal(asked, 1);
  server.refusesSockets = false;
});

test('a restarted server is found again at once, and nobody sees an error', async () => {
  const { server, open } = stage();
  const opened = await open('#restart');
  await expectStatus(opened.page, 'connected');
  const pad = server.pad('restart');
  const [before, startedAt] = [countHellos(pad), performance.now()];
  server.hangUp({ up: true });
  await opened.text.pressSequentially('still typing');
  await waitUntil(() => countHellos(pad) > before, { what: 'the page is back' });
  assert.ok(performance.now() - startedAt < 3_000);
  await waitUntil(() => pad.document.text === 'still typing', { what: 'and so is its text' });
  assert.equal(await opened.page.locator('.toast').count(), 0);
  assert.deepEqual(opened.complaints, []);
});

test('a document that somebody deleted leaves its text with those who were in it', async () => {
  const { server, open } = stage();
  const opened = await open('#deleted');
  await expectStatus(opened.page, 'connected');
  await opened.text.pressSequentially('precious');
  await waitUntil(() => server.pad('deleted').document.text === 'precious', { what: 'the server has it' });
  for (const { socket } of server.pad('deleted').clients) socket.close(CLOSE.deleted);
  const dialog = opened.page.getByRole('dialog', { name: 'This document was deleted' });
  await dialog.waitFor();
  await opened.page.keyboard.press('Escape');
  await opened.page.keyboard.press('Escape');
  await dialog.waitFor();
  assert.equal(await dialog.getByLabel('Your text').inputValue(), 'precious');
  await dialog.getByRole('button', { name: 'Copy the text' }).click();
  assert.equal(await opened.page.evaluate(() => navigator.clipboard.readText()), 'precious');
  await dialog.getByRole('button', { name: 'Start a new document' }).click();
  await expectStatus(opened.page, 'connected');
  // Of the page itself: what is told of it comes later.
  assert.match(await opened.page.evaluate(() => location.hash), /^#[a-zA-Z0-9]{17}$/);
  assert.equal((await textOf(opened)).includes('precious'), false);
});

test('an edit that is too large is taken back, and shown to be copied', async () => {
  const { server, open } = stage();
  const pad = server.pad('full');
  pad.maxBytes = 10;
  const opened = await open('#full');
  await expectStatus(opened.page, 'connected');
  await opened.text.focus();
  await opened.page.keyboard.insertText('far too long a text');
  const dialog = opened.page.getByRole('dialog', { name: 'The document is full' });
  await dialog.waitFor();
  assert.equal(await dialog.getByLabel('Your text').inputValue(), 'far too long a text');
  await dialog.getByRole('button', { name: 'Go on without them' }).click();
  await drawn(opened.page);
  await opened.text.pressSequentially('short');
  await waitUntil(() => pad.document.text === 'short', { what: 'one can go on' });
});

test('a server that does not take what it is sent is asked five times, then the text is saved from it', async () => {
  const { server, open } = stage();
  const opened = await open('#refusing');
  await expectStatus(opened.page, 'connected');
  const pad = server.pad('refusing');
  pad.refusesEdits = true;
  await opened.text.pressSequentially('unwelcome');
  const dialog = opened.page.getByRole('dialog', { name: 'The server does not take your changes' });
  await dialog.waitFor({ timeout: 20_000 });
  await expectStatus(opened.page, 'refresh needed');
  assert.equal(await dialog.getByLabel('Your text').inputValue(), 'unwelcome');
  pad.refusesEdits = false;
  await dialog.getByRole('button', { name: 'Load the document anew' }).click();
  await expectStatus(opened.page, 'connected');
});

test('a server with an older history gets what is missing by merging', async () => {
  const { server, open } = stage();
  const opened = await open('#restored');
  await expectStatus(opened.page, 'connected');
  const pad = server.pad('restored');
  await opened.text.pressSequentially('base');
  await waitUntil(() => pad.document.text === 'base', { what: 'the server has it' });
  server.hangUp({ up: false });
  await opened.text.pressSequentially(' plus');
  pad.epoch = 'epoch-2';
  pad.edit([4, ' of another line']);
  server.isUp = true;
  await waitUntil(() => pad.document.text.includes(' plus') && pad.document.text.includes(' of another line'), {
    what: 'both are there',
  });
  await waitUntil(async () => (await textOf(opened)) === pad.document.text, { what: 'and both sides agree' });
});

test('a link that died while the machine slept is noticed when it wakes', async () => {
  const { server, open } = stage();
  const opened = await open('#slept');
  // Timers made from here on, those of the page that is loaded anew, follow the test's clock.
  await opened.page.clock.install();
  await opened.page.reload();
  await expectStatus(opened.page, 'connected');
  const pad = server.pad('slept');
  const hellos = countHellos(pad);
  // Nothing is read any more, so nothing is answered; no close ever arrives.
  const [asleep] = [...pad.clients];
  asleep?.socket.pause();
  await opened.page.clock.fastForward('30:00');
  await opened.page.clock.runFor(6_000);
  await waitUntil(() => countHellos(pad) > hellos, { what: 'the page has come anew' });
  await expectStatus(opened.page, 'connected');
  asleep?.socket.terminate();
});

test('a link that goes silent is given up within 30 seconds', async () => {
  const { server, open } = stage();
  const opened = await open('#silent');
  await opened.page.clock.install();
  await opened.page.reload();
  await expectStatus(opened.page, 'connected');
  const pad = server.pad('silent');
  const hellos = countHellos(pad);
  const [silent] = [...pad.clients];
  silent?.socket.pause();
  await opened.page.clock.runFor(30_000);
  await waitUntil(() => countHellos(pad) > hellos, { what: 'the page has come anew' });
  silent?.socket.terminate();
});
