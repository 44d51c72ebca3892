/** Writing, alone and with others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { expectStatus, installStage, textOf } from './fake-browser.ts';

const stage = installStage();

test('what is typed reaches the server, and what others type reaches the screen', async () => {
  const { server, open } = stage();
  const opened = await open('#typing');
  await expectStatus(opened.page, 'connected');
  await opened.text.pressSequentially('Hello 😀!');
  const pad = server.pad('typing');
  await waitUntil(() => pad.document.text === 'Hello 😀!', { what: 'the server has the text' });
  pad.edit([7, ', world', 1]);
  await waitUntil(async () => (await textOf(opened)) === 'Hello 😀, world!', { what: 'the edit is shown' });
  assert.deepEqual(opened.complaints, []);
});

test('two browsers that type at once end with one text', async () => {
  const { server, open } = stage();
  const [ada, bob] = [await open('#two'), await open('#two')];
  await Promise.all([expectStatus(ada.page, 'connected'), expectStatus(bob.page, 'connected')]);
  await Promise.all([ada.text.pressSequentially('aaaaaaaaaa'), bob.text.pressSequentially('bbbbbbbbbb')]);
  const pad = server.pad('two');
  await waitUntil(() => pad.document.text.length === 20, { what: 'the server has every letter' });
  for (const opened of [ada, bob])
    await waitUntil(async () => (await textOf(opened)) === pad.document.text, { what: 'both show the same' });
});

test('undo takes back what one wrote oneself, and leaves alone what others wrote', async () => {
  const { server, open } = stage();
  const opened = await open('#undo');
  await expectStatus(opened.page, 'connected');
  await opened.text.pressSequentially('mine');
  const pad = server.pad('undo');
  await waitUntil(() => pad.document.text === 'mine', { what: 'the server has it' });
  pad.edit(['theirs ', 4]);
  await waitUntil(async () => (await textOf(opened)) === 'theirs mine', { what: 'their edit is shown' });
  await opened.page.keyboard.press('Control+z');
  await waitUntil(() => pad.document.text === 'theirs ', { what: 'only the own edit is undone' });
  await opened.page.keyboard.press('Control+y');
  await waitUntil(() => pad.document.text === 'theirs mine', { what: 'and redone' });
});

test('pasted line ends of Windows become those of everybody', async () => {
  const { server, open } = stage();
  const opened = await open('#paste');
  await expectStatus(opened.page, 'connected');
  await opened.text.focus();
  await opened.page.evaluate(() => navigator.clipboard.writeText('one\r\ntwo'));
  await opened.page.keyboard.press('Control+v');
  await waitUntil(() => server.pad('paste').document.text === 'one\ntwo', { what: 'the server has it' });
});

test('a carriage return of another client stays what it is', async () => {
  const { server, open } = stage();
  const opened = await open('#carriage');
  await expectStatus(opened.page, 'connected');
  const pad = server.pad('carriage');
  pad.edit(['a\r\nb']);
  await waitUntil(async () => (await textOf(opened)).startsWith('a'), { what: 'it is shown' });
  await opened.text.press('Control+End');
  await opened.text.pressSequentially('!');
  await waitUntil(() => pad.document.text === 'a\r\nb!', { what: 'both agree on the text' });
});

test('carets and selections of others are shown with their names, and move with the text', async () => {
  const { server, open } = stage();
  const opened = await open('#carets');
  await expectStatus(opened.page, 'connected');
  const pad = server.pad('carets');
  pad.edit(['one two three']);
  pad.tell({ UserInfo: { id: 77, info: { name: 'Grace', hue: 200 } } });
  pad.tell({ UserCursor: { id: 77, data: { cursors: [7], selections: [[4, 7]] } } });
  const { page } = opened;
  await page.locator('.kp-caret[data-name="Grace"]').waitFor({ state: 'attached' });
  await page.locator('.kp-selection[title="Grace"]', { hasText: 'two' }).waitFor();
  const left = async (): Promise<number> => (await page.locator('.kp-caret').boundingBox())?.x ?? 0;
  const before = await left();
  await opened.text.press('Control+Home');
  await opened.text.pressSequentially('zero ');
  assert.ok((await left()) > before);
  await page.locator('.kp-selection[title="Grace"]', { hasText: 'two' }).waitFor();
  pad.tell({ UserInfo: { id: 77 } });
  await page.locator('.kp-caret').waitFor({ state: 'detached' });
  assert.deepEqual(opened.complaints, []);
});

test('the cursor is told in code points', async () => {
  const { server, open } = stage();
  const opened = await open('#cursor');
  await expectStatus(opened.page, 'connected');
  await opened.text.pressSequentially('😀😀ab');
  await opened.page.keyboard.press('Shift+ArrowLeft');
  await waitUntil(
    () =>
      server
        .pad('cursor')
        .received.some(
          (message) => message.kind === 'CursorData' && JSON.stringify(message.data) === '{"cursors":[3],"selections":[[3,4]]}',
        ),
    { what: 'the selection of the last letter is told' },
  );
});

test('Escape, then Tab leaves the text; Tab alone indents', async () => {
  const { server, open } = stage();
  const opened = await open('#tab');
  await expectStatus(opened.page, 'connected');
  await opened.text.press('Tab');
  await waitUntil(() => server.pad('tab').document.text.trim() === '' && server.pad('tab').document.text !== '', {
    what: 'it is indented',
  });
  const isInText = (): Promise<boolean> => opened.page.evaluate(() => document.activeElement?.id === 'editor');
  assert.equal(await isInText(), true);
  await opened.page.keyboard.press('Escape');
  await opened.page.keyboard.press('Tab');
  assert.equal(await isInText(), false);
});
