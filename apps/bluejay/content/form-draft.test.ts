import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '@berth/testing';
import { ICON_NAMES } from '../html/icons.ts';
import { CONTENT_TYPES, product, siteSettings } from '../types/index.ts';
import { checkDraft } from './check-draft.ts';
import type { ContentType } from './content-type.ts';
import type { Draft } from './draft.ts';
import type { Field, Value } from './field.ts';
import { draftFromForm } from './form-draft.ts';
import { formBodyOf } from './testing/form-body.ts';

const valueFor = (field: Field, random: Random): Value => {
  const words = (): string => `${random.text(random.integer(1, 8))} ä€👩 ${random.text(3)}`;
  switch (field.kind) {
    case 'text': {
      const samples = {
        plain: words().slice(0, field.max ?? 255),
        email: 'a@b.example',
        phone: '+49 30 1234',
        url: 'https://a.example/',
        link: '/a',
      };
      return samples[field.format ?? 'plain'].trim();
    }
    case 'textarea':
      return `${words()}\n\n${words()}`;
    case 'richText':
      return `<p>${words()} &amp; <strong>more</strong></p>`;
    case 'number':
      return random.integer(field.min ?? -50, Math.min(field.max ?? 50, (field.min ?? 0) + 90));
    case 'flag':
      return field.required === true || random.boolean();
    case 'date':
      return random.boolean() ? '2026-02-28' : null;
    case 'choice':
      return random.pick(field.options).value;
    case 'color':
      return `#${random.text(6, '0123456789ABCDEF')}`;
    case 'icon':
      return random.pick(ICON_NAMES);
    case 'lines':
      return Array.from({ length: random.integer(1, 4) }, words);
    case 'image':
    case 'file':
    case 'reference':
      return random.integer(1, 1_000);
    case 'references':
      return [...new Set(Array.from({ length: random.integer(0, Math.min(4, field.max ?? 4)) }, () => random.integer(1, 99)))];
  }
};

const draftFor = (type: ContentType, random: Random): Draft => {
  const values = (fields: Readonly<Record<string, Field>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueFor(field, random)]));
  return {
    fields: values(type.fields),
    ...(type.children !== undefined && {
      children: Object.fromEntries(
        Object.entries(type.children).map(([list, { fields }]) => [
          list,
          Array.from({ length: random.integer(0, 3) }, (_, index) => ({
            ...values(fields),
            ...(random.boolean() && { id: index + 1 }),
          })),
        ]),
      ),
    }),
    ...(type.slug !== undefined && { slug: random.text(5) }),
    ...(type.lifecycle === 'publication' && {
      status: random.pick(['draft', 'published', 'archived'] as const),
      publishAtMs: random.boolean() ? random.integer(0, 1e6) * 60_000 : null,
      unpublishAtMs: random.boolean() ? random.integer(2e6, 3e6) * 60_000 : null,
    }),
    ...(type.seo === true && { seo: { title: 'a b', description: 'c', image: random.boolean() ? 4 : null } }),
  };
};

for (const type of CONTENT_TYPES) {
  test(`a ${type.name} that is put into a form and sent comes back as it was`, () => {
    const random = createRandom(3);
    for (let round = 0; round < 20; round++) {
      const draft = draftFor(type, random);
      const { draft: understood, problems } = draftFromForm(type, formBodyOf(type, draft, 'Asia/Kolkata'));
      assert.deepEqual(problems, []);
      const checked = checkDraft(type, understood, { isNew: true });
      assert.deepEqual(checked.problems, []);
      assert.deepEqual(checked.draft, checkDraft(type, draft, { isNew: true }).draft);
    }
  });
}

const understood: readonly { readonly name: string; readonly body: Record<string, unknown>; readonly draft: Partial<Draft> }[] = [
  { name: 'what was not sent is not said', body: {}, draft: { fields: {} } },
  {
    name: 'a checkbox alone behind its hidden input',
    body: { 'field.isFeatured': ['', 'on'] },
    draft: { fields: { isFeatured: true } },
  },
  { name: 'a checkbox that is not ticked', body: { 'field.isFeatured': '' }, draft: { fields: { isFeatured: false } } },
  { name: 'text as it was typed', body: { 'field.name': ' a\r\nb ' }, draft: { fields: { name: ' a\r\nb ' } } },
  { name: 'a number with a sign', body: { 'field.featuredOrder': ' +7 ' }, draft: { fields: { featuredOrder: 7 } } },
  { name: 'no number', body: { 'field.featuredOrder': '' }, draft: { fields: { featuredOrder: null } } },
  { name: 'a list without rows', body: { 'child.specs': '' }, draft: { fields: {}, children: { specs: [] } } },
  {
    name: 'rows by their numbers, whatever is missing between',
    body: { 'child.features.10.text': 'b', 'child.features.2.text': 'a', 'child.features.2.id': '5' },
    draft: { fields: {}, children: { features: [{ text: 'a', id: 5 }, { text: 'b' }] } },
  },
  {
    name: 'no row of which nothing was typed, and none that is to go',
    body: {
      'child.certifications.0.name': '',
      'child.certifications.0.icon': 'verified',
      'child.certifications.1.name': 'x',
      'child.certifications.1.remove': '1',
    },
    draft: { fields: {}, children: { certifications: [] } },
  },
  {
    name: 'a row that was emptied stays, for its editor to be told',
    body: { 'child.features.0.id': '4', 'child.features.0.text': '' },
    draft: { fields: {}, children: { features: [{ text: '', id: 4 }] } },
  },
  {
    name: 'moments in the zone of the browser',
    body: { publishAt: '2026-06-01T12:00', unpublishAt: '', zone: 'Europe/Berlin' },
    draft: { fields: {}, publishAtMs: Date.UTC(2026, 5, 1, 10), unpublishAtMs: null },
  },
  {
    name: 'nothing of what has another name',
    body: { 'field.nonsense': 'x', 'field.__proto__': 'x', 'field.toString': 'x', _csrf: 'x', 'child.nonsense.0.a': 'x' },
    draft: { fields: {} },
  },
];
for (const { name, body, draft } of understood) {
  test(`of a form is taken: ${name}`, () => assert.deepEqual(draftFromForm(product, body), { draft, problems: [] }));
}

test('what a singleton has not is not asked for', () => {
  const { draft } = draftFromForm(siteSettings, { slug: 'x', status: 'draft', publishAt: '2026-06-01T12:00', 'seo.title': 'x' });
  assert.deepEqual(draft, { fields: {} });
});

const hostile: readonly { readonly name: string; readonly body: unknown; readonly field: string }[] = [
  { name: 'nothing', body: undefined, field: '' },
  { name: 'a text', body: 'field.name=a', field: '' },
  { name: 'a list', body: ['a'], field: '' },
  { name: 'several texts for one', body: { 'field.name': ['a', 'b'] }, field: 'name' },
  { name: 'an object for a text', body: { 'field.name': { a: 1 } }, field: 'name' },
  { name: 'a list in a list', body: { 'field.name': [['a']] }, field: 'name' },
  { name: 'null for a text', body: { 'field.name': null }, field: 'name' },
  { name: 'a word for a number', body: { 'field.featuredOrder': '1e3' }, field: 'featuredOrder' },
  { name: 'a number that is too long', body: { 'field.featuredOrder': '9'.repeat(400) }, field: 'featuredOrder' },
  { name: 'a word for a reference', body: { 'field.category': 'constructor' }, field: 'category' },
  { name: 'a negative picture', body: { 'field.primaryImage': '-1' }, field: 'primaryImage' },
  { name: 'a row with a number beyond reason', body: { 'child.specs.1000000000.key': 'a' }, field: 'specs' },
  { name: 'a row with a name for a number', body: { 'child.specs.__proto__.key': 'a' }, field: 'specs' },
  { name: 'a row with a word for its id', body: { 'child.specs.0.id': 'x', 'child.specs.0.key': 'a' }, field: 'specs.0' },
  { name: 'a word for a moment', body: { publishAt: 'tomorrow' }, field: 'publishAt' },
  {
    name: 'a moment of a zone that is none',
    body: { unpublishAt: '2026-06-01T12:00', zone: 'Mars/Olympus' },
    field: 'unpublishAt',
  },
  { name: 'two slugs', body: { slug: ['a', 'b'] }, field: 'slug' },
];
for (const { name, body, field } of hostile) {
  test(`a form with ${name} has a problem and no exception`, () => {
    const { problems, draft } = draftFromForm(product, body);
    assert.deepEqual(
      problems.map((problem) => problem.field),
      [field],
    );
    assert.equal(Object.keys(draft.fields).length, 0);
  });
}

test('a hundred thousand inputs are refused, and only the first of them are looked at', () => {
  const body = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`child.specs.${index}.key`, 'a']));
  const { draft, problems } = draftFromForm(product, body);
  assert.deepEqual(
    problems.map(({ field }) => field),
    [''],
  );
  assert.equal(draft.children?.['specs']?.length, 201);
  assert.ok(checkDraft(product, draft, { isNew: false }).problems.some(({ field }) => field === 'specs'));
});

test('a body that was made to change the prototype changes nothing', () => {
  const body: unknown = JSON.parse(
    '{"__proto__":{"field.name":"a"},"constructor":"b","field.__proto__":"c","child.__proto__.0.a":"d"}',
  );
  const { draft } = draftFromForm(product, body);
  assert.deepEqual(draft.fields, {});
  assert.equal(({} as Record<string, unknown>)['a'], undefined);
});
