/** Forms in a browser: what is read back from them, and all that a script adds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { createRandom, waitUntil } from '@berth/testing';
import { draftFromForm } from '../../content/form-draft.ts';
import { randomDraft } from '../../content/testing/random-draft.ts';
import { blogAuthor } from '../../types/blog-author.ts';
import { blogCategory } from '../../types/blog-category.ts';
import { blogPost } from '../../types/blog-post.ts';
import { blogTag } from '../../types/blog-tag.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';
import { renderRecordForm } from '../../admin/form/record-form.ts';
import { asSent } from '../../admin/form/testing/as-sent.ts';
import { EDITOR, formParts, sessionFor } from '../../admin/form/testing/form-parts.ts';
import { installFormSite } from '../../admin/form/testing/form-site.ts';

const site = installFormSite();
const DRAFTS_OF_EACH_TYPE = 2;

let made = 0;
const makeProduct = (fields: Record<string, string> = {}, features: readonly string[] = []) => {
  made += 1;
  const { content } = site();
  const category =
    content.list(productCategory).records[0] ??
    content.create(productCategory, { status: 'published', fields: { name: 'Pumps', description: 'All' } }, EDITOR);
  return content.create(
    product,
    {
      fields: { name: `Pump ${made}`, sku: `P-${made}`, category: category.id, description: '<p>Fast</p>', ...fields },
      children: { features: features.map((text) => ({ text })) },
    },
    EDITOR,
  );
};
const present = (id: number) => {
  const record = site().content.find(product, id);
  assert.ok(record !== undefined);
  return record;
};

/** What the browser would send if the form was sent now. */
const readForm = (page: Page): Promise<Record<string, string[]>> =>
  page.evaluate(() => {
    const read: Record<string, string[]> = {};
    const form = document.querySelector<HTMLFormElement>('#record-form');
    for (const [name, value] of new FormData(form ?? undefined))
      if (typeof value === 'string') (read[name] ??= []).push(value.replace(/\r\n?|\n/g, '\r\n'));
    return read;
  });

for (const javaScriptEnabled of [true, false])
  test(`a browser ${javaScriptEnabled ? 'with' : 'without'} scripts sends back every draft of every type`, async () => {
    const { content, show, open } = site();
    const { page, complaints } = await open('/page', { javaScriptEnabled });
    for (const type of CONTENT_TYPES)
      for (let seed = 1; seed <= DRAFTS_OF_EACH_TYPE; seed += 1) {
        const ids = () => [3, 1, 2];
        const earlier = randomDraft(type, { random: createRandom(seed + 1_000), ids });
        const rows = (list: string) => (earlier.children?.[list] ?? []).map((row, index) => ({ ...row, id: index + 7 }));
        const draft = randomDraft(type, { random: createRandom(seed), ids, rows });
        const record = type.kind === 'collection' ? undefined : content.list(type).records[0];
        show(renderRecordForm({ type, record, draft, session: sessionFor(), bluejay: formParts(content) }));
        await page.goto(`${site().base}/page`);
        const body = Object.fromEntries(
          Object.entries(await readForm(page)).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
        );
        const { draft: read, problems } = draftFromForm(type, body);
        assert.deepEqual(problems, [], `${type.name}, seed ${seed}`);
        assert.deepEqual(asSent(type, read), asSent(type, draft), `${type.name}, seed ${seed}`);
      }
    assert.deepEqual(complaints, []);
  });

test('rich text: written by keyboard, formatted by the toolbar, with a picture of the library; what is only opened stays', async () => {
  const record = makeProduct({ description: '<p>Keep <sub>2</sub></p><ul><li>tight</li></ul>', overview: '<p>old</p>' });
  const { page, complaints } = await site().open(`/admin/products/${record.id}/edit`);
  const editor = page.getByRole('textbox', { name: 'Overview' });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('New');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Alt+F10');
  const tools = page.getByRole('toolbar', { name: 'Format: Overview' });
  const bold = tools.getByRole('button', { name: 'Bold' });
  assert.equal(await bold.getAttribute('aria-pressed'), 'false');
  assert.ok(await bold.evaluate((button) => button === document.activeElement));
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowRight');
  assert.ok(await bold.evaluate((button) => button === document.activeElement), 'arrows go round');
  await page.keyboard.press('Enter');
  assert.equal(await bold.getAttribute('aria-pressed'), 'true');
  assert.ok(await editor.evaluate((element) => element === document.activeElement), 'one writes on');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await tools.getByRole('button', { name: 'Table', exact: true }).click();
  await page.keyboard.type('Cell');
  await tools.getByRole('button', { name: 'Remove the row' }).click();
  await tools.getByRole('button', { name: 'Picture', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'pump.png' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  const { fields } = present(record.id);
  assert.match(fields.overview, /^<p><strong>New<\/strong><\/p>/);
  assert.match(fields.overview, /<table><tbody><tr>/);
  assert.match(fields.overview, /<img data-media="7" alt="A pump">/);
  assert.equal(fields.description, record.fields.description);
  assert.deepEqual(complaints, []);
});

test('rich text: a link is asked for in a dialog, and one that leads to a script is refused', async () => {
  const record = makeProduct({ overview: '<p>text</p>' });
  const { page, complaints } = await site().open(`/admin/products/${record.id}/edit`);
  await page.getByRole('textbox', { name: 'Overview' }).click();
  await page.keyboard.press('ControlOrMeta+a');
  const link = page.getByRole('toolbar', { name: 'Format: Overview' }).getByRole('button', { name: 'Link' });
  await link.click();
  const dialog = page.getByRole('dialog');
  await page.keyboard.type('javascript:alert(1)');
  await page.keyboard.press('Enter');
  await dialog.getByText('An address begins with').waitFor();
  await dialog.getByRole('textbox').fill('/contact');
  await page.keyboard.press('Enter');
  await page.locator('.tool[aria-label="Link"][aria-pressed="true"]').waitFor();
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByText('Saved.').waitFor();
  assert.equal(present(record.id).fields.overview, '<p><a href="/contact">text</a></p>');
  assert.deepEqual(complaints, []);
});

test('rows of a child list: added, moved, duplicated, removed and put back without a mouse', async () => {
  const record = makeProduct({}, ['Steel', 'Quiet']);
  const { page, complaints } = await site().open(`/admin/products/${record.id}/edit`);
  const list = page.locator('[data-child-list="features"]');
  const texts = () =>
    list.locator('input[name$=".text"]').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  const names = () => list.locator('input[name$=".text"]').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).name));
  await list.getByRole('button', { name: 'Add a feature' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Cheap');
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  assert.deepEqual(await texts(), ['Cheap', 'Steel', 'Quiet']);
  assert.ok(
    await list
      .locator('input[name$=".text"]')
      .first()
      .evaluate((input) => input === document.activeElement),
  );
  await list.getByRole('button', { name: 'Duplicate' }).nth(1).press('Enter');
  assert.deepEqual(await texts(), ['Cheap', 'Steel', 'Steel', 'Quiet']);
  await list.getByRole('button', { name: 'Remove', exact: true }).nth(3).press('Enter');
  assert.deepEqual(await texts(), ['Cheap', 'Steel', 'Steel']);
  await list.getByRole('button', { name: 'Put it back' }).press('Enter');
  await list.getByRole('button', { name: 'Move down' }).nth(0).press('Enter');
  assert.deepEqual(await texts(), ['Steel', 'Cheap', 'Steel', 'Quiet']);
  assert.deepEqual(
    await names(),
    [0, 1, 2, 3].map((number) => `child.features.${number}.text`),
  );
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByText('Saved.').waitFor();
  const rows = present(record.id).children.features;
  assert.deepEqual(
    rows.map(({ text }) => text),
    ['Steel', 'Cheap', 'Steel', 'Quiet'],
  );
  const [steel, quiet] = record.children.features.map(({ id }) => id);
  assert.deepEqual([rows[0]?.id, rows[3]?.id], [steel, quiet], 'rows stay the same rows');
  assert.deepEqual(complaints, []);
});

test('icons of rows stay with their rows when these change places', async () => {
  const record = makeProduct();
  const certifications = [
    { name: 'A', icon: 'star' },
    { name: 'B', icon: 'flag' },
  ];
  site().content.update(product, record.id, { fields: {}, children: { certifications } }, { version: 1, actor: EDITOR });
  const { page } = await site().open(`/admin/products/${record.id}/edit`);
  const list = page.locator('[data-child-list="certifications"]');
  await list.getByRole('button', { name: 'Duplicate' }).first().click();
  await list.getByRole('button', { name: 'Move down' }).nth(1).click();
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByText('Saved.').waitFor();
  const rows = present(record.id).children.certifications.map(({ name, icon }) => `${name} ${icon}`);
  assert.deepEqual(rows, ['A star', 'B flag', 'A star']);
});

test('references: found by letters, ordered by buttons, made where there is none of the name', async () => {
  const { content, open } = site();
  const category = content.create(blogCategory, { fields: { name: 'News' } }, EDITOR);
  const author = content.create(blogAuthor, { fields: { name: 'Ada', title: 'Engineer' } }, EDITOR);
  const [pumps, valves] = ['Pumps', 'Valves'].map((name) => content.create(blogTag, { fields: { name } }, EDITOR).id);
  const fields = {
    title: 'Hello',
    excerpt: 'Short',
    body: '<p>Long</p>',
    category: category.id,
    author: author.id,
    tags: [pumps ?? 0],
  };
  const record = content.create(blogPost, { fields }, EDITOR);
  const { page, complaints } = await open(`/admin/blog/posts/${record.id}/edit`);
  const box = page.getByRole('combobox', { name: /Tags/ });
  await box.fill('val');
  await page.getByRole('option', { name: 'Valves' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await box.fill('Brand new');
  await page.getByRole('option', { name: 'Make “Brand new”' }).click();
  await page.getByRole('button', { name: 'Move earlier: Brand new' }).press('Enter');
  await page.getByRole('button', { name: 'Move earlier: Brand new' }).press('Enter');
  await page.getByRole('button', { name: 'Take out: Pumps' }).click();
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  const [brandNew] = content.list(blogTag, { search: 'Brand new' }).records;
  assert.deepEqual(content.find(blogPost, record.id)?.fields.tags, [brandNew?.id, valves]);
  assert.deepEqual(complaints, []);
});

test('typing is kept while one writes, and taken back after the browser was closed', async () => {
  const record = makeProduct();
  const address = `/admin/products/${record.id}/edit`;
  const { page } = await site().open(address);
  await page.locator('#in-field-name').fill('Typed, not saved');
  await page.keyboard.press('Tab');
  await page.getByText(/Draft kept \d/).waitFor();
  await page.context().close();
  assert.equal(present(record.id).fields.name, record.fields.name);
  const { page: later } = await site().open(address);
  await later.getByText(/You typed here on .* and did not save/).waitFor();
  assert.equal(await later.locator('#in-field-name').inputValue(), record.fields.name, 'nothing is replaced unasked');
  await later.getByRole('link', { name: 'Take it back' }).click();
  assert.equal(await later.locator('#in-field-name').inputValue(), 'Typed, not saved');
  await later.getByRole('button', { name: 'Save draft' }).click();
  await later.getByText('Saved.').waitFor();
  assert.equal(present(record.id).fields.name, 'Typed, not saved');
  assert.equal(site().content.workingCopy(EDITOR.id, product, record.id), undefined);
});

test('whoever was logged out while writing loses nothing: the form stays, and is saved after the login', async () => {
  const record = makeProduct();
  const { state, open } = site();
  const { page } = await open(`/admin/products/${record.id}/edit`);
  await page.locator('#in-field-name').fill('Long text');
  state.session = undefined;
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('You are not logged in any more.').waitFor();
  assert.equal(await page.locator('#in-field-name').inputValue(), 'Long text');
  // The login, in another window, begins another session with another token.
  state.session = { ...sessionFor(), csrf: 'token-of-the-next-session' };
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  assert.equal(present(record.id).fields.name, 'Long text');
  state.session = sessionFor();
});

test('two editors: the second one sees both texts, chooses field by field, goes on editing, and saves on top', async () => {
  const record = makeProduct({ tagline: 'Fast' }, ['Steel']);
  const { page, complaints } = await site().open(`/admin/products/${record.id}/edit`);
  await page.locator('#in-field-name').fill('Mine');
  await page.locator('#in-field-videoUrl').fill('https://example.com/mine');
  const theirs = { fields: { name: 'Theirs', tagline: 'Faster' }, children: { features: [{ text: 'Their row' }] } };
  site().content.update(product, record.id, theirs, { version: 1, actor: { id: 2, name: 'Bob' } });
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Bob saved “Theirs” while you were writing').waitFor();
  const chosen = (label: string, side: 'Yours' | 'Saved') =>
    page.getByRole('group', { name: label }).getByRole('radio', { name: side });
  assert.ok(await chosen('Name', 'Yours').isChecked(), 'both changed it');
  assert.ok(await chosen('Video', 'Yours').isChecked(), 'only mine');
  assert.ok(await chosen('Tagline', 'Saved').isChecked(), 'only theirs');
  assert.ok(await chosen('Features', 'Saved').isChecked(), 'only theirs');
  await chosen('Name', 'Saved').check();
  await page.getByRole('button', { name: 'Put together and go on editing' }).click();
  assert.equal(await page.locator('#in-field-name').inputValue(), 'Theirs');
  assert.equal(await page.locator('#in-child-features-0-text').inputValue(), 'Their row');
  await page.locator('#in-field-name').fill('Theirs, and mine');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  const { fields, version, children } = present(record.id);
  assert.deepEqual(
    [fields.name, fields.tagline, fields.videoUrl, version, children.features.map(({ text }) => text)],
    ['Theirs, and mine', 'Faster', 'https://example.com/mine', 3, ['Their row']],
  );
  assert.deepEqual(complaints, []);
});

test('moments are those of the reader’s time zone, and nothing moves when something else is saved', async () => {
  const record = makeProduct();
  const publishAtMs = Date.UTC(2026, 6, 1, 10, 30);
  site().content.update(product, record.id, { fields: {}, publishAtMs }, { version: 1, actor: EDITOR });
  const { page } = await site().open(`/admin/products/${record.id}/edit`, { timezoneId: 'Asia/Tokyo' });
  assert.equal(await page.locator('#in-publishAt').inputValue(), '2026-07-01T19:30');
  await page.locator('#in-unpublishAt').fill('2026-07-02T00:00');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  assert.equal(present(record.id).publishAtMs, publishAtMs);
  assert.equal(present(record.id).unpublishAtMs, Date.UTC(2026, 6, 1, 15));
});

test('what is wrong is told at the top, and its link leads to the input', async () => {
  const record = makeProduct();
  const { page } = await site().open(`/admin/products/${record.id}/edit`);
  await page.locator('#in-field-featuredOrder').fill('twelve');
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByRole('link', { name: 'Order among the featured' }).click();
  const input = page.locator('#in-field-featuredOrder');
  await waitUntil(() => input.evaluate((element) => element === document.activeElement), { what: 'the input has the focus' });
  assert.equal(await input.inputValue(), 'twelve');
  assert.equal(await input.getAttribute('aria-invalid'), 'true');
});

test('without a script the form saves all the same: rows are filled in and removed, a picture is chosen from a list', async () => {
  const record = makeProduct({}, ['Steel', 'Quiet']);
  const { page } = await site().open(`/admin/products/${record.id}/edit`, { javaScriptEnabled: false });
  await page.locator('#in-child-features-0-remove').check();
  await page.locator('#in-child-features-2-text').fill('New');
  await page.locator('#in-field-primaryImage').selectOption('7');
  await page.locator('#in-field-overview').fill('<p>By hand</p>');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  const { fields, children } = present(record.id);
  assert.deepEqual(
    children.features.map(({ text }) => text),
    ['Quiet', 'New'],
  );
  assert.equal(fields.primaryImage, 7);
  assert.equal(fields.overview, '<p>By hand</p>');
});

test('references are dragged into another order, and one of many is searched', async () => {
  const { content, open } = site();
  const tags = ['First', 'Second', 'Third'].map((name) => content.create(blogTag, { fields: { name } }, EDITOR).id);
  for (let number = 0; number <= 100; number += 1)
    content.create(blogCategory, { fields: { name: `Category ${number}` } }, EDITOR);
  const author = content.create(blogAuthor, { fields: { name: 'Grace', title: 'Admiral' } }, EDITOR).id;
  const category = content.list(blogCategory).records[0]?.id ?? 0;
  const fields = { title: 'Order', excerpt: 'Short', body: '<p>Long</p>', category, author, tags };
  const record = content.create(blogPost, { fields }, EDITOR);
  const { page, complaints } = await open(`/admin/blog/posts/${record.id}/edit`);
  await page.locator('.chip', { hasText: 'Third' }).dragTo(page.locator('.chip', { hasText: 'First' }));
  const box = page.getByRole('combobox', { name: /Category/ });
  await box.fill('Category 77');
  await page.getByRole('option', { name: 'Category 77' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.reference-present', { hasText: 'Category 77' }).waitFor();
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  const saved = content.find(blogPost, record.id);
  assert.deepEqual(saved?.fields.tags, [tags[2], tags[0], tags[1]]);
  assert.equal(content.find(blogCategory, saved?.fields.category ?? 0)?.fields.name, 'Category 77');
  assert.deepEqual(complaints, []);
});

test('a picture is uploaded where it is needed, after it was asked what it shows', async () => {
  const record = makeProduct();
  const { page, complaints } = await site().open(`/admin/products/${record.id}/edit`);
  let sent = '';
  await page.route('**/admin/media/upload?kind=image', async (route) => {
    sent = route.request().postDataBuffer()?.toString('latin1') ?? '';
    const file = { id: 9, name: 'new.png', alt_text: 'A new pump', preview: '/admin/media/9/preview' };
    await route.fulfill({ json: { files: [file] } });
  });
  const field = page.locator('[data-media-field]', { has: page.locator('#in-field-primaryImage') });
  await field
    .locator('input[type="file"]')
    .setInputFiles({ name: 'new.png', mimeType: 'image/png', buffer: Buffer.from('picture') });
  await page.getByRole('dialog').getByRole('textbox').fill('A new pump');
  await page.keyboard.press('Enter');
  await field.getByText('“new.png” is in the library now.').waitFor();
  assert.ok(sent.indexOf('A new pump') > 0 && sent.indexOf('A new pump') < sent.indexOf('picture'), 'its description goes first');
  await field.getByRole('button', { name: 'Take out' }).waitFor();
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.getByText('Saved.').waitFor();
  assert.equal(present(record.id).fields.primaryImage, 9);
  assert.deepEqual(complaints, []);
});
