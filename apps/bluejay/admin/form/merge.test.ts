import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../content/draft.ts';
import { product } from '../../types/product.ts';
import { differingParts, mergeDrafts, type Part, preselected } from './merge.ts';

const BASE: Draft = {
  slug: 'pump',
  status: 'draft',
  publishAtMs: null,
  unpublishAtMs: null,
  seo: { title: '', description: '', image: null },
  fields: { name: 'Pump', tagline: 'Fast', description: '<p>a</p>' },
  children: { features: [{ id: 1, text: 'Steel' }] },
};

const withField = (draft: Draft, name: string, value: string): Draft => ({
  ...draft,
  fields: { ...draft.fields, [name]: value },
});
const withFeatures = (draft: Draft, ...texts: readonly string[]): Draft => ({
  ...draft,
  children: { features: texts.map((text, index) => ({ id: index + 1, text })) },
});
const about = (parts: readonly Part[]): readonly string[] =>
  parts.map((part) => `${part.key} ${part.changedBy} ${preselected(part)}`);

const cases: readonly {
  readonly name: string;
  readonly base: Draft | undefined;
  readonly mine: Draft;
  readonly theirs: Draft;
  readonly parts: readonly string[];
}[] = [
  { name: 'nothing differs', base: BASE, mine: BASE, theirs: BASE, parts: [] },
  {
    name: 'each changed another field',
    base: BASE,
    mine: withField(BASE, 'name', 'Pump 2'),
    theirs: withField(BASE, 'tagline', 'Faster'),
    parts: ['field.name me mine', 'field.tagline them theirs'],
  },
  {
    name: 'both changed the same field',
    base: BASE,
    mine: withField(BASE, 'name', 'Mine'),
    theirs: withField(BASE, 'name', 'Theirs'),
    parts: ['field.name both mine'],
  },
  {
    name: 'both changed it to the same',
    base: BASE,
    mine: withField(BASE, 'name', 'New'),
    theirs: withField(BASE, 'name', 'New'),
    parts: [],
  },
  {
    name: 'line breaks differ as browsers send them',
    base: BASE,
    mine: withField(BASE, 'description', '<p>a</p>\r\n'),
    theirs: withField(BASE, 'description', '<p>a</p>\n'),
    parts: [],
  },
  {
    name: 'they changed rows',
    base: BASE,
    mine: BASE,
    theirs: withFeatures(BASE, 'Steel', 'Quiet'),
    parts: ['child.features them theirs'],
  },
  {
    name: 'nobody knows what it was',
    base: undefined,
    mine: withField(BASE, 'name', 'Mine'),
    theirs: BASE,
    parts: ['field.name both mine'],
  },
  {
    name: 'mine says nothing of the status, as a form without a pressed button',
    base: BASE,
    mine: { fields: BASE.fields },
    theirs: { ...BASE, status: 'published' },
    parts: [],
  },
  {
    name: 'a part of what search engines see',
    base: BASE,
    mine: { ...BASE, seo: { title: 'T', description: '', image: null } },
    theirs: { ...BASE, seo: { title: '', description: 'D', image: null } },
    parts: ['seo.title me mine', 'seo.description them theirs'],
  },
];

for (const { name, base, mine, theirs, parts } of cases)
  test(`of two drafts it is told apart who changed what when ${name}`, () =>
    assert.deepEqual(about(differingParts(product, { base, mine, theirs })), parts));

test('put together, each has what only one changed, and what was chosen of the rest', () => {
  const drafts = {
    base: BASE,
    mine: withFeatures(withField(BASE, 'name', 'Mine'), 'Steel', 'Mine'),
    theirs: { ...withField(withField(BASE, 'name', 'Theirs'), 'tagline', 'Theirs'), slug: 'theirs' },
  };
  const preset = mergeDrafts(product, drafts, preselected);
  assert.deepEqual(preset, {
    ...withField(withFeatures(BASE, 'Steel', 'Mine'), 'name', 'Mine'),
    slug: 'theirs',
    fields: { ...BASE.fields, name: 'Mine', tagline: 'Theirs' },
  });
  assert.deepEqual(
    mergeDrafts(product, drafts, () => 'theirs'),
    drafts.theirs,
  );
  assert.deepEqual(
    mergeDrafts(product, drafts, () => 'mine'),
    drafts.mine,
  );
});
