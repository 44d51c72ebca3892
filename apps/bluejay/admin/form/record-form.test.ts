/** The form as a whole: sections, buttons, what is said above it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Content } from '../../content/content.ts';
import { NOON, openTestContent, type TestContent } from '../../content/testing/test-content.ts';
import { findHtmlMistakes } from '../../site/testing/html-validator.ts';
import { blogTag } from '../../types/blog-tag.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';
import { siteSettings } from '../../types/site-settings.ts';
import { type RecordFormOptions, renderRecordForm } from './record-form.ts';
import { EDITOR, formParts, sessionFor } from './testing/form-parts.ts';
import { visibilityOf } from './visibility.ts';

let opened: TestContent;
let content: Content;
before(async () => {
  opened = await openTestContent();
  ({ content } = opened);
  content.create(productCategory, { fields: { name: 'Pumps', description: 'All of them' }, status: 'published' }, EDITOR);
});
after(() => opened[Symbol.dispose]());

const render = (options: Partial<RecordFormOptions> & Pick<RecordFormOptions, 'type'>): string =>
  renderRecordForm({ bluejay: formParts(content), session: sessionFor(), record: undefined, ...options }).html;
let made = 0;
const makeProduct = (status: 'draft' | 'published' | 'archived' = 'draft') => {
  made += 1;
  const fields = { name: `Pump ${made}`, sku: `P-${made}`, category: 1, description: '<p>Fast</p>' };
  return content.create(product, { status, fields }, EDITOR);
};

for (const type of CONTENT_TYPES)
  test(`the form of a ${type.name} has an input for everything that is declared, and no id twice`, () => {
    const form = render({ type, record: type.kind === 'singleton' ? content.single(type) : undefined });
    for (const name of Object.keys(type.fields)) assert.ok(form.includes(`name="field.${name}"`), name);
    for (const [list, { fields }] of Object.entries(type.children ?? {}))
      for (const name of Object.keys(fields)) assert.ok(form.includes(`name="child.${list}.__n__.${name}"`), `${list}.${name}`);
    const ids = [...form.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    assert.deepEqual(
      ids.filter((id, index) => ids.indexOf(id) !== index),
      [],
    );
    assert.ok(
      !/\sstyle=|<style|\son[a-z]+=|<script(?! type="module" src="\/public\/)/.test(form),
      'the policy of the page forbids it',
    );
  });

test('every label and every description of the forms leads to something that is there', () => {
  for (const type of CONTENT_TYPES) {
    const form = render({ type, record: type.kind === 'singleton' ? content.single(type) : undefined });
    const ids = new Set([...form.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    const named = [...form.matchAll(/ (?:for|aria-describedby|aria-labelledby|popovertarget|data-count-of)="([^"]*)"/g)];
    for (const [, list = ''] of named) for (const id of list.split(' ')) assert.ok(ids.has(id), `${type.name}: ${id}`);
  }
});

test('the HTML of every form is valid', async () => {
  for (const type of CONTENT_TYPES) {
    const form = render({ type, record: type.kind === 'collection' ? undefined : content.list(type).records[0] });
    const mistakes = await findHtmlMistakes(
      `<!doctype html><html lang="en"><head><title>Form</title></head><body><main><h1>Form</h1>${form}</main></body></html>`,
    );
    // A hidden input of its name stands before each list of several: "nothing chosen" then differs from "not sent".
    assert.deepEqual(
      mistakes.filter((mistake) => !mistake.startsWith('form-dup-name')),
      [],
      type.name,
    );
  }
});

test('the buttons are those that the status and the role allow', () => {
  const buttons = (form: string): readonly string[] =>
    [...form.matchAll(/<button type="submit"[^>]*?(?:name="status" value="(\w+)")?>([^<]+)</g)]
      .map(([, status, label]) => `${label}${status === undefined ? '' : `=${status}`}`)
      .filter((label) => label !== 'Delete it');
  const author = sessionFor({ ...EDITOR, role: 'author' });
  const viewer = sessionFor({ ...EDITOR, id: 9, role: 'viewer' });
  assert.deepEqual(buttons(render({ type: product })), ['Save draft=draft', 'Publish=published']);
  assert.deepEqual(buttons(render({ type: product, session: author })), ['Save draft=draft']);
  assert.deepEqual(buttons(render({ type: product, record: makeProduct('published') })), [
    'Update=published',
    'Back to draft=draft',
    'Archive=archived',
  ]);
  assert.deepEqual(buttons(render({ type: product, record: makeProduct('archived') })), [
    'Save=archived',
    'Back to draft=draft',
    'Publish again=published',
  ]);
  assert.deepEqual(buttons(render({ type: siteSettings, record: content.single(siteSettings) })), ['Save']);
  const seen = render({ type: product, record: makeProduct(), session: viewer });
  assert.deepEqual(buttons(seen), []);
  assert.match(seen, /<fieldset class="record-form-inside" disabled>/);
});

test('problems stand at the top as links to their inputs, and what was typed stands as it was', () => {
  const typed = {
    version: '1',
    'field.name': '  <b>',
    'field.featuredOrder': 'twelve',
    'child.features': '',
    'child.features.4.text': 'x'.repeat(301),
    slug: 'No!',
  };
  const problems = [
    { field: 'featuredOrder', message: 'This is not a whole number.' },
    { field: 'features.0.text', message: 'At most 300 characters.' },
    { field: 'slug', message: 'Only small letters.' },
  ];
  const form = render({ type: product, record: makeProduct(), typed, problems });
  assert.match(form, /3 things have to be corrected/);
  for (const id of ['in-field-featuredOrder', 'in-child-features-0-text', 'in-slug']) {
    assert.ok(form.includes(`<a href="#${id}">`), id);
    assert.match(form, new RegExp(`id="${id}"[^>]*aria-describedby="[^"]*${id}-problem[^"]*"[^>]*aria-invalid="true"`));
  }
  assert.ok(form.includes('value="twelve"'));
  assert.ok(form.includes('value="  &lt;b&gt;"'));
  assert.match(form, /301 of 300 characters/);
  assert.match(form, /data-is-dirty/);
});

test('typing that was not saved is offered, unless it is what is saved', () => {
  const record = makeProduct();
  const keep = (version: number, sequence: number, name: string) =>
    content.keepWorkingCopy(EDITOR.id, { type: 'product', recordId: record.id, version, sequence, draft: { fields: { name } } });
  keep(1, 1, String(record.fields.name));
  assert.ok(!render({ type: product, record }).includes('data-working-copy>'));
  keep(1, 2, 'Typed');
  assert.match(render({ type: product, record }), /You typed here on .* and did not save\.</);
  keep(0, 3, 'Typed');
  assert.match(render({ type: product, record }), /Meanwhile this was saved by somebody/);
  assert.ok(!render({ type: product, record, typed: {} }).includes('data-working-copy>'));
});

test('the dialog that deletes says what goes with the record', () => {
  const fields = { name: 'Old pump', sku: 'OLD', category: 1, description: '<p>Slow</p>' };
  const children = { features: [{ text: 'a' }, { text: 'b' }] };
  const record = content.create(product, { status: 'published', fields, children }, EDITOR);
  const form = render({ type: product, record });
  assert.match(form, /Delete “Old pump”\?/);
  assert.match(form, /2 of “Features”/);
  assert.match(form, /its page at \/products\/pumps\/old-pump/);
  assert.ok(!render({ type: product }).includes('delete-dialog'));
  assert.ok(!render({ type: siteSettings, record: content.single(siteSettings) }).includes('delete-dialog'));
});

test('of many records a reference is searched, of few it is chosen from a list', () => {
  assert.ok(!render({ type: product }).includes('data-reference '));
  for (let number = 0; number < 101; number += 1)
    content.create(productCategory, { fields: { name: `Category ${number}`, description: 'x' } }, EDITOR);
  assert.ok(render({ type: product }).includes('data-reference data-type="product-category"'));
  assert.ok(!render({ type: blogTag }).includes('data-reference'));
});

const DAY = 86_400_000;
for (const [facts, words] of [
  [undefined, 'Not saved yet: nobody else sees it.'],
  [{ status: 'draft', publishAtMs: null, unpublishAtMs: null }, 'A draft: visitors do not see it.'],
  [{ status: 'archived', publishAtMs: 0, unpublishAtMs: null }, 'Taken off the site. Editors still find it here.'],
  [{ status: 'published', publishAtMs: NOON - DAY, unpublishAtMs: null }, 'Visible since 31 May 2026, 12:00 UTC.'],
  [
    { status: 'published', publishAtMs: NOON + DAY, unpublishAtMs: NOON + 2 * DAY },
    'Appears on 2 Jun 2026, 12:00 UTC, until 3 Jun 2026, 12:00 UTC.',
  ],
  [{ status: 'published', publishAtMs: 0, unpublishAtMs: NOON }, 'Not visible any more since 1 Jun 2026, 12:00 UTC.'],
  [
    { status: 'draft', publishAtMs: NOON + DAY, unpublishAtMs: null },
    'A draft: visitors do not see it, and it does not appear by itself. “Publish” makes it appear on 2 Jun 2026, 12:00 UTC.',
  ],
] as const)
  test(`it is said in words what visitors see: ${words}`, () =>
    assert.equal(visibilityOf(facts, NOON).html.replace(/<[^>]*>/g, ''), words));
