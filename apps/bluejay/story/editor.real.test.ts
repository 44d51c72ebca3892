/** A week at Bluejay, in one story: a site is set up, written, published, quarrelled over, and read. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { waitUntil } from '@berth/testing';
import type { Browser, Page } from 'playwright-core';
import { totpCode, totpStep } from '../accounts/totp.ts';
import { PDF, picture as drawPicture } from '../media/testing/pictures.ts';
import { ADMIN, type AppProcess } from '../testing/app-process.ts';
import type { PanelClient } from '../testing/panel-client.ts';
import { type AppCopy, copyApp } from './testing/app-copy.ts';
import { logIn, logOut, press, sendPassword } from './testing/panel-steps.ts';
import { openBrowser, openVisitor, type Visitor } from './testing/visitor.ts';

const GRACE = { email: 'grace@example.com', password: 'nine slow barges on a canal' };
const VIEWER = { email: 'vera@example.com', password: 'seven brass kettles on a shelf' };
const PUMP = '/products/pumps/harbour-pump';
/** A token of a form must be so old: nobody types faster. */
const LEAST_FORM_MS = 2_000;

let copy: AppCopy;
let app: AppProcess;
let browser: Browser;
let ada: Visitor;
let grace: Visitor;
/** Never logged in. */
let reader: Visitor;
/** Ada without a browser: what the story needs and is not about. */
let panel: PanelClient;

before(async () => {
  copy = await copyApp();
  [app, browser] = await Promise.all([copy.open(), openBrowser()]);
  [ada, grace, reader] = await Promise.all([visitor(), visitor(), visitor()]);
  panel = await app.panel();
});

after(async () => {
  panel[Symbol.dispose]();
  await browser.close();
  await app[Symbol.asyncDispose]();
  await copy[Symbol.asyncDispose]();
});

const visitor = (javaScriptEnabled = true): Promise<Visitor> => openVisitor({ browser, url: app.url, javaScriptEnabled });

suite('a week at Bluejay', { timeout: 240_000 }, () => {
  let secret: Uint8Array = new Uint8Array();
  let recoveryCodes: readonly string[] = [];
  let setUpAtStep = 0;

  test('the first administrator logs in with a one-time password, and chooses her own', async () => {
    const printed = await app.command(['create-admin', GRACE.email, 'Grace']);
    const oneTime = /One-time password.*: (\S+)/.exec(printed)?.[1] ?? '';
    await logIn(grace.page, { ...GRACE, password: oneTime });
    await grace.page.goto('/admin/products');
    assert.match(grace.page.url(), /\/admin\/account\/password$/, 'nothing else is open to her before');
    await grace.page.getByLabel('Present password').fill(oneTime);
    await grace.page.getByLabel('New password', { exact: true }).fill(GRACE.password);
    await grace.page.getByLabel('New password again').fill(GRACE.password);
    await grace.page.getByRole('button', { name: 'Change the password' }).click();
    await grace.page.getByText('Your password is changed.').waitFor();
  });

  test('she sets up a second factor; then logging in takes a code, or once a recovery code', async () => {
    const { page } = grace;
    await page.goto('/admin/account');
    await page.locator('#totp-password').fill(GRACE.password);
    await page.getByRole('button', { name: 'Set it up' }).click();
    secret = fromBase32((await page.locator('code.secret').textContent()) ?? '');
    setUpAtStep = totpStep(Date.now());
    await page.locator('#code').fill(totpCode(secret, setUpAtStep));
    await page.getByRole('button', { name: 'Turn it on' }).click();
    recoveryCodes = await page.locator('.recovery-codes code').allTextContents();
    assert.equal(recoveryCodes.length, 10);
    await page.getByRole('link', { name: 'I have kept them' }).click();

    await logOut(page);
    await logIn(page, { ...GRACE, code: recoveryCodes[0] ?? '' });
    await logOut(page);
    await sendPassword(page, GRACE);
    await page.locator('#code').fill(recoveryCodes[0] ?? '');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('was used already').waitFor();
    await page.locator('#code').fill(totpCode(secret, setUpAtStep + 1));
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(/\/admin\/dashboard$/);
  });

  test('a picture goes into the library, described, with what matters in sight', async () => {
    const { page } = grace;
    await page.goto('/admin/media');
    await page.locator('#upload-files').setInputFiles({
      name: 'harbour.jpg',
      mimeType: 'image/jpeg',
      buffer: await drawPicture('jpeg', { width: 1_600, height: 1_000 }),
    });
    await page.locator('#upload-alt').fill('A pump at a quay');
    await page.locator('#upload').getByRole('button', { name: 'Upload' }).click();
    await page.waitForURL(/\/admin\/media\/\d+\/edit/);
    assert.equal(await page.locator('#alt').inputValue(), 'A pump at a quay');
    const picture = page.locator('[data-focal] img');
    const box = await picture.boundingBox();
    assert.ok(box);
    await picture.click({ position: { x: box.width * 0.8, y: box.height * 0.25 } });
    await page
      .locator('form', { has: page.locator('#alt') })
      .getByRole('button', { name: 'Save' })
      .click();
    await page.getByText('Saved.').waitFor();
    assert.deepEqual([await page.locator('#focal-x').inputValue(), await page.locator('#focal-y').inputValue()], ['80', '25']);
  });

  test('a product is written: texts, specifications, a gallery, a download', async () => {
    await panel.create('product-categories', {
      'field.name': 'Pumps',
      'field.description': 'They move water.',
      status: 'published',
    });
    const { page } = grace;
    await page.goto('/admin/products/new');
    await page.locator('[name="field.name"]').fill('Harbour pump');
    await page.locator('[name="field.sku"]').fill('HP-1');
    await page.locator('[name="field.category"]').selectOption({ label: 'Pumps' });
    await page.getByRole('textbox', { name: 'Description', exact: true }).first().click();
    await page.keyboard.type('Lifts a tide.');
    for (const [key, value] of [
      ['Flow', '90 l/s'],
      ['Head', '12 m'],
    ] as const) {
      await page.getByRole('button', { name: 'Add a specification' }).click();
      const row = page.locator('[data-child-list="specs"] [data-row]').last();
      await row.locator('[name$=".section"]').fill('Hydraulics');
      await row.locator('[name$=".key"]').fill(key);
      await row.locator('[name$=".value"]').fill(value);
    }
    await page.getByRole('button', { name: 'Add a picture' }).click();
    await page.locator('[data-child-list="images"]').getByRole('button', { name: 'Choose' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'harbour.jpg' }).click();
    await page.locator('[data-child-list="images"] [name$=".caption"]').fill('At the quay');
    await page.getByRole('button', { name: 'Add a download' }).click();
    const download = page.locator('[data-child-list="downloads"] [data-row]').last();
    await download.locator('[name$=".title"]').fill('Manual');
    await download.locator('[data-media-upload]').setInputFiles({ name: 'manual.pdf', mimeType: 'application/pdf', buffer: PDF });
    await download.getByText('is in the library now').waitFor();
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('Saved.').waitFor();
  });

  const editPump = async (page: Page): Promise<void> => {
    await page.goto('/admin/products?q=HP-1');
    await page.getByRole('main').getByRole('link', { name: 'Harbour pump', exact: true }).click();
    await page.locator('[name="field.name"]').waitFor();
  };
  let picture = '';
  let manual = '';

  test('nobody sees the draft but who has the link to it', async () => {
    await editPump(grace.page);
    await grace.page.getByText('Share draft').click();
    const shared = await grace.page.locator('#shared-link').inputValue();
    await reader.page.goto(shared);
    await reader.page.getByRole('heading', { name: 'Harbour pump', level: 1 }).waitFor();
    const inDraft = await reader.page.locator('.gallery img').first().getAttribute('src');
    assert.equal(await statusOf(reader, inDraft ?? ''), 200, 'the picture of the draft is for whoever has the link');
    assert.equal(await statusOf(reader, PUMP), 404);
    assert.equal(await statusOf(reader, `${PUMP}?preview=true`), 404);
    const tampered = shared.replace(/.(?=.$)/, (letter) => (letter === 'a' ? 'b' : 'a'));
    assert.equal(await statusOf(reader, tampered), 404);
  });

  test('published, it is on its page, in the search and in the sitemap; taken back, neither page nor picture is there', async () => {
    await press(grace.page, 'Publish');
    await reader.page.goto(PUMP);
    await reader.page.getByText('At the quay').first().waitFor();
    await reader.page.getByText('90 l/s').waitFor();
    picture = (await reader.page.locator('.gallery img').first().getAttribute('src')) ?? '';
    manual = (await reader.page.getByRole('link', { name: /Manual/ }).getAttribute('href')) ?? '';
    assert.equal(await reader.page.locator('.gallery img').first().getAttribute('alt'), 'A pump at a quay');
    assert.deepEqual([await statusOf(reader, picture), await statusOf(reader, manual)], [200, 200]);
    await reader.page.goto('/');
    await reader.page.keyboard.press('Control+k');
    await reader.page.locator('#site-search').fill('harb');
    await reader.page
      .locator('#site-search-suggestions, #search-suggestions')
      .getByRole('link', { name: /Harbour pump/ })
      .click();
    await reader.page.waitForURL(`**${PUMP}`);
    assert.match(await textOf(reader, '/sitemap-product-1.xml'), new RegExp(`${PUMP}</loc>`));

    await press(grace.page, 'Back to draft');
    assert.deepEqual(
      [await statusOf(reader, PUMP), await statusOf(reader, picture), await statusOf(reader, manual)],
      [404, 404, 404],
    );
    assert.doesNotMatch(await textOf(reader, '/sitemap-product-1.xml'), /harbour-pump/);
    assert.doesNotMatch(await textOf(reader, '/search?q=harbour'), /HP-1|harbour-pump/);
  });

  test('published for a moment to come, it appears at that moment and not before', async () => {
    const { page } = grace;
    const atMs = Date.now() + 6_000;
    // People say minutes; the story is in a hurry.
    await page.evaluate(`document.querySelector('[name="publishAt"]').step = '1'`);
    await page.locator('[name="publishAt"]').fill(new Date(atMs).toISOString().slice(0, 19));
    await press(page, 'Publish');
    const wasEarly = await statusOf(reader, PUMP);
    assert.ok(Date.now() < atMs - 1_000, 'this machine is too slow to see what is not there yet');
    assert.equal(wasEarly, 404);
    await waitUntil(async () => (await statusOf(reader, PUMP)) === 200, { what: 'the product appeared', withinMs: 30_000 });
    assert.ok(Date.now() >= atMs - 1_000);
    await waitUntil(async () => (await statusOf(reader, picture)) === 200, { what: 'its picture appeared', withinMs: 10_000 });
  });

  test('two editors write at once: the second sees both texts, chooses, and nothing is lost', async () => {
    await logIn(ada.page, ADMIN);
    await editPump(ada.page);
    await editPump(grace.page);
    await ada.page.locator('[name="field.tagline"]').fill('Strong as the tide');
    await ada.page.locator('[name="child.specs.0.value"]').fill('95 l/s');
    await press(ada.page, 'Update');
    await grace.page.locator('[name="field.tagline"]').fill('Quiet as the tide');
    await grace.page.locator('[name="field.videoUrl"]').fill('https://example.com/film');
    await grace.page.getByRole('button', { name: 'Update' }).click();
    await grace.page.getByText('Nothing of yours is lost').waitFor();
    const tagline = grace.page.locator('[data-part="fields.tagline"], fieldset', { hasText: 'Tagline' }).first();
    assert.match(await tagline.innerText(), /Quiet as the tide[^]*Strong as the tide/);
    await tagline.getByLabel('Yours').check();
    await grace.page.getByRole('button', { name: 'Put together and go on editing' }).click();
    await grace.page.locator('[name="field.tagline"]').waitFor();
    await press(grace.page, 'Update');
    await reader.page.goto(PUMP);
    await reader.page.getByText('Quiet as the tide').first().waitFor();
    await reader.page.getByText('95 l/s').waitFor();
    await reader.page.getByRole('link', { name: /Watch the video/ }).waitFor();
  });

  test('what it was before comes back, rows included', async () => {
    const { page } = ada;
    await editPump(page);
    await page.getByRole('link', { name: 'Revisions' }).click();
    // The state with which it was first published.
    const revisions = page.getByRole('main').getByRole('link', { name: /^Revision \d+$/ });
    await revisions.last().click();
    const difference = page.locator('section', { has: page.locator('#since-then') });
    assert.match(await difference.innerText(), /Flow: Changed[^]*\b90\b[^]*\b95\b/);
    await page.getByRole('button', { name: /^Restore revision/ }).click();
    await page.locator('[name="field.name"]').waitFor();
    assert.equal(await page.locator('[name="child.specs.0.value"]').inputValue(), '90 l/s');
    assert.equal(await page.locator('[name="field.tagline"]').inputValue(), '');
    await reader.page.goto(PUMP);
    await reader.page.getByText('90 l/s').waitFor();
  });

  test('under another address, the old one leads to it', async () => {
    const { page } = ada;
    await page.locator('[name="slug"]').fill('quay-pump');
    await press(page, 'Update');
    const answer = await reader.page.goto(PUMP);
    assert.equal(answer?.status(), 200);
    assert.match(reader.page.url(), /\/products\/pumps\/quay-pump$/);
    assert.equal((await reader.context.request.get(PUMP, { maxRedirects: 0 })).status(), 301);
  });

  test('a menu is made and ordered with the keyboard, and the site has it', async () => {
    const { page } = ada;
    await page.goto('/admin/navigation');
    await page.locator('#menu-name').fill('Main');
    await page.locator('#menu-location').selectOption('header');
    await page.getByRole('button', { name: 'Make the menu' }).click();
    for (const label of ['Pumps', 'Quay pump', 'Write to us']) {
      await page.locator('#item-new-label').fill(label);
      await page.locator('#item-new-type').selectOption('url');
      await page
        .locator('#item-new-url')
        .fill(label === 'Pumps' ? '/products/pumps' : label === 'Write to us' ? '/contact' : PUMP);
      await page.locator('#item-new-url').press('Enter');
      await page.locator('.menu-item-label', { hasText: label }).last().waitFor();
    }
    await page.getByRole('button', { name: 'Up: Write to us' }).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByText('Write to us is now 2 of 3').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Up: Write to us' }).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByText('Write to us is now 1 of 3').waitFor({ state: 'attached' });
    await reader.page.goto('/');
    const links = reader.page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link');
    assert.deepEqual(await links.allInnerTexts(), ['WRITE TO US', 'PUMPS', 'QUAY PUMP']);
  });

  test('visitors write, with a script and without; it is read in the panel, and leaves it as a table', async () => {
    await using plain = await visitor(false);
    for (const [who, { page }] of [
      ['Hedy', reader],
      ['Jean', plain],
    ] as const) {
      await page.goto('/contact');
      const openedAtMs = Date.now();
      const inputs = { name: who, company: '=HYPERLINK("x")', email: `${who.toLowerCase()}@example.org`, phone: '+49 30 1234' };
      for (const [name, value] of Object.entries({ ...inputs, message: `How much is it?\n${who}` }))
        await page.locator(`form[action="/contact/submit"] [name="${name}"]`).fill(value);
      await waitUntil(() => Date.now() - openedAtMs > LEAST_FORM_MS, { what: 'somebody could have typed that', withinMs: 5_000 });
      await page.locator('form[action="/contact/submit"] button[type="submit"]').first().click();
      if (who === 'Jean') {
        await page.getByText('One more click.').waitFor();
        await waitUntil(() => Date.now() - openedAtMs > 2 * LEAST_FORM_MS + 1_000, { what: 'it was read', withinMs: 8_000 });
        await page.locator('form[action="/contact/submit"] button[type="submit"]').first().click();
      }
      await page.locator('.form-done').waitFor();
    }
    const { page } = ada;
    await page.goto('/admin/contact/submissions');
    await page.getByRole('link', { name: 'Jean' }).click();
    await page.getByText('How much is it?').waitFor();
    await page.goBack();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export' }).click()]);
    const table = await readDownload(file);
    assert.match(table, /,Jean,jean@example\.org,/);
    assert.match(table, /,Hedy,hedy@example\.org,/);
    assert.equal(table.match(/'=HYPERLINK/g)?.length, 2, 'a table program computes nothing of it');
  });

  test('a whitepaper is given to who says who he is, by an address that nobody can make up', async () => {
    const topic = await panel.create('whitepaper-topics', { 'field.name': 'Water', status: 'published' });
    // Other bytes than the manual's: the library keeps the same file once.
    const tides = Buffer.concat([PDF, Buffer.from('%tides\n')]);
    const file = await panel.upload('tides.pdf', Uint8Array.from(tides));
    await panel.create('whitepapers', {
      'field.title': 'Reading tides',
      'field.description': 'All about them.',
      'field.topic': String(topic),
      'field.file': String(file),
      status: 'published',
    });
    const { page } = reader;
    await page.goto('/whitepapers/reading-tides');
    const openedAtMs = Date.now();
    assert.equal(await page.locator('a[href*="/files/"], a[href$=".pdf"]').count(), 0);
    for (const [name, value] of Object.entries({ name: 'Mary', email: 'mary@example.org', company: 'Tides Ltd' }))
      await page.locator(`#lead [name="${name}"]`).fill(value);
    await waitUntil(() => Date.now() - openedAtMs > LEAST_FORM_MS, { what: 'somebody could have typed that', withinMs: 5_000 });
    await page.locator('#lead button[type="submit"]').click();
    const link = page.locator('.form-done a[href*="/files/"]');
    const address = (await link.getAttribute('href')) ?? '';
    const got = await reader.context.request.get(address);
    assert.equal(got.status(), 200);
    assert.deepEqual(await got.body(), tides);
    const wrong = address.replace(/\/files\/(.)/, (_, first: string) => `/files/${first === 'A' ? 'B' : 'A'}`);
    for (const other of [wrong, '/files/1', '/uploads/tides.pdf', `/downloads/${file}/tides.pdf`, `/media/${file}`])
      assert.equal(await statusOf(reader, other), 404, other);
    await ada.page.goto('/admin/leads');
    await ada.page.getByRole('cell', { name: 'mary@example.org' }).waitFor();
  });

  test('a viewer looks and changes nothing', async () => {
    await app.command(['create-admin', VIEWER.email, 'Vera', '--role', 'viewer', '--password-stdin'], `${VIEWER.password}\n`);
    await using vera = await visitor();
    await logIn(vera.page, VIEWER);
    await editPump(vera.page);
    assert.equal(
      await vera.page
        .getByRole('main')
        .getByRole('button', { name: /Update|Save|Publish|Delete/ })
        .count(),
      0,
    );
    const token = (await vera.page.locator('meta[name="csrf-token"]').getAttribute('content')) ?? '';
    const record = new URL(vera.page.url()).pathname.replace(/\/edit$/, '');
    const form = { version: '99', 'field.name': 'Mine', status: 'draft', _csrf: token };
    const ask = async (method: string, address: string): Promise<number> => {
      const headers = { 'X-CSRF-Token': token };
      const sent = method === 'POST' ? { form } : {};
      return (await vera.context.request.fetch(address, { method, headers, maxRedirects: 0, ...sent })).status();
    };
    const answers = [
      await ask('POST', record),
      await ask('POST', `${record}/delete`),
      await ask('DELETE', record),
      await ask('POST', '/admin/products'),
      await ask('GET', '/admin/accounts'),
      await ask('GET', '/admin/leads'),
    ];
    assert.deepEqual(answers, [403, 403, 403, 403, 403, 403]);
    await reader.page.goto('/products/pumps/quay-pump');
    await reader.page.getByRole('heading', { name: 'Harbour pump', level: 1 }).waitFor();
  });

  test('logged out in the middle of a sentence, she loses nothing of it', async () => {
    const { page, context } = grace;
    await editPump(page);
    await page.locator('[name="field.tagline"]').fill('A sentence that');
    await page.getByText(/^Draft kept/).waitFor();
    await ada.page.goto('/admin/accounts');
    await ada.page.getByRole('link', { name: 'Grace' }).click();
    const [answer] = await Promise.all([
      ada.page.waitForResponse((response) => response.request().method() === 'POST'),
      ada.page.getByRole('button', { name: 'Log out everywhere' }).click(),
    ]);
    assert.equal(answer.status(), 303);
    await ada.page.getByText('The account is logged out everywhere.').waitFor();
    await page.locator('[name="field.tagline"]').fill('A sentence that goes on');
    await page.getByRole('button', { name: 'Update' }).click();
    const [popup] = await Promise.all([
      context.waitForEvent('page'),
      // As long as a finger takes.
      page.getByRole('link', { name: 'Log in in a new window' }).click({ delay: 150 }),
    ]);
    await sendPassword(popup, GRACE, null);
    await popup.locator('#code').fill(recoveryCodes[1] ?? '');
    await popup.getByRole('button', { name: 'Log in' }).click();
    // The working copy is there, in whatever window she goes on.
    await popup.getByText('You typed here').waitFor();
    assert.match(popup.url(), /\/admin\/products\/\d+\/edit/);
    await popup.close();
    await press(page, 'Update');
    await reader.page.goto('/products/pumps/quay-pump');
    await reader.page.getByText('A sentence that goes on').first().waitFor();

    await page.locator('[name="field.tagline"]').fill('Begun, and left');
    await page.getByText(/^Draft kept/).waitFor();
    await page.goto('/admin/dashboard');
    await editPump(page);
    assert.equal(await page.locator('[name="field.tagline"]').inputValue(), 'A sentence that goes on');
    await page.getByRole('link', { name: 'Take it back' }).click();
    assert.equal(await page.locator('[name="field.tagline"]').inputValue(), 'Begun, and left');
  });

  test('no browser complained about anything', () => {
    assert.deepEqual([...ada.complaints, ...grace.complaints, ...reader.complaints], []);
  });
});

const statusOf = async ({ context }: Visitor, address: string): Promise<number> => (await context.request.get(address)).status();

const textOf = async ({ context }: Visitor, address: string): Promise<string> => (await context.request.get(address)).text();

const readDownload = async (file: { createReadStream(): Promise<NodeJS.ReadableStream> }): Promise<string> => {
  let text = '';
  for await (const chunk of await file.createReadStream()) text += String(chunk);
  return text;
};

const fromBase32 = (text: string): Uint8Array => {
  const bits = [...text.replaceAll(/\s/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
};
