/** One input of every kind: as it is rendered, and with whatever hostile stands in it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Content } from '../../content/content.ts';
import type { Field } from '../../content/field.ts';
import { openTestContent, type TestContent } from '../../content/testing/test-content.ts';
import { XSS_PAYLOADS } from '../../content/testing/xss-payloads.ts';
import { blogTag } from '../../types/blog-tag.ts';
import { createFormContext, fieldSpot, type FormContext } from './form-context.ts';
import { renderField } from './form-field.ts';
import { fakeLibrary } from './testing/fake-library.ts';

let opened: TestContent;
let content: Content;
before(async () => {
  opened = await openTestContent();
  ({ content } = opened);
  for (const name of ['Pumps', 'Valves', 'Seals']) content.create(blogTag, { fields: { name } }, null);
});
after(() => opened[Symbol.dispose]());

type Case = { readonly name: string; readonly field: Field; readonly sent: readonly string[]; readonly problem?: string };

const CASES: readonly Case[] = [
  {
    name: 'text',
    field: { kind: 'text', label: 'Name', help: 'As on the box.', required: true, max: 60 },
    sent: ['Ultra "X" <200>'],
    problem: 'Name is needed.',
  },
  { name: 'text-email', field: { kind: 'text', label: 'Mail', format: 'email' }, sent: ['a@example.com'] },
  { name: 'text-link', field: { kind: 'text', label: 'It leads to', format: 'link' }, sent: ['/products'] },
  { name: 'textarea', field: { kind: 'textarea', label: 'Excerpt', max: 300 }, sent: ['\nbegins with an empty line'] },
  { name: 'rich-text', field: { kind: 'richText', label: 'Text', required: true }, sent: ['<p>Hello &amp; welcome</p>'] },
  {
    name: 'number',
    field: { kind: 'number', label: 'Order', min: 0, max: 9 },
    sent: ['twelve'],
    problem: 'This is not a whole number.',
  },
  { name: 'flag', field: { kind: 'flag', label: 'Featured', help: 'First in its category.' }, sent: ['', '1'] },
  { name: 'date', field: { kind: 'date', label: 'Dated' }, sent: ['2026-11-21'] },
  {
    name: 'choice',
    field: {
      kind: 'choice',
      label: 'Style',
      default: 'a',
      options: [
        { value: 'a', label: 'Filled' },
        { value: 'b', label: 'Outlined' },
      ],
    },
    sent: ['c'],
  },
  { name: 'color', field: { kind: 'color', label: 'From', default: '#0066CC' }, sent: ['#0066CC'] },
  { name: 'icon', field: { kind: 'icon', label: 'Icon', required: true }, sent: ['star'], problem: 'Icon is needed.' },
  { name: 'lines', field: { kind: 'lines', label: 'Points' }, sent: ['one\ntwo'] },
  { name: 'image', field: { kind: 'image', label: 'Picture', required: true }, sent: ['2'] },
  { name: 'file', field: { kind: 'file', label: 'PDF', access: 'public' }, sent: ['4'] },
  { name: 'reference', field: { kind: 'reference', label: 'Tag', to: 'blog-tag', onDelete: 'clear' }, sent: ['2'] },
  { name: 'references', field: { kind: 'references', label: 'Tags', to: 'blog-tag', max: 5 }, sent: ['', '3', '1'] },
];

for (const { name, field, sent, problem } of CASES)
  test(`the input of a ${name} is as it was looked at`, (t) => {
    const problems = problem === undefined ? [] : [{ field: 'it', message: problem }];
    const rendered = renderField(field, fieldSpot('it'), contextOf(sent, problems)).html;
    t.assert.fileSnapshot(`${rendered}\n`, path.join(import.meta.dirname, 'golden', `${name}.html`), { serializers: [String] });
  });

for (const { name, field } of CASES)
  test(`whatever hostile stands in a ${name}, no tag and no attribute comes of it`, () => {
    for (const payload of XSS_PAYLOADS) {
      const rendered = renderField(field, fieldSpot('it'), contextOf([payload], [{ field: 'it', message: payload }])).html;
      if (payload.length > 3 && /[<"]/.test(payload)) assert.ok(!rendered.includes(payload), `as it was typed: ${payload}`);
      assert.ok(!/<(?:script|iframe|object|embed|style|link|meta|base|form|a)\b/i.test(rendered), `a tag: ${payload}`);
      const attributes = [...rendered.matchAll(/<[a-z]+((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/g)].flatMap(([, all = '']) =>
        [...all.matchAll(/\s([\w-]+)(?:="[^"]*")?/g)].map(([, attribute = '']) => attribute),
      );
      assert.ok(attributes.length > 3, 'attributes are read');
      assert.deepEqual(
        attributes.filter((attribute) => /^(?:on|style|srcdoc|href|formaction)/i.test(attribute)),
        [],
        payload,
      );
    }
  });

const contextOf = (sent: readonly string[], problems: readonly { field: string; message: string }[] = []): FormContext =>
  createFormContext({ content, media: fakeLibrary(3), inputs: new Map([['field.it', sent]]), problems });
