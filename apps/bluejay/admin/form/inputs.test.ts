/** What stands in a form is what comes back from it, for every declared type. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { draftFromForm } from '../../content/form-draft.ts';
import { randomDraft } from '../../content/testing/random-draft.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import { blogPost } from '../../types/blog-post.ts';
import { product } from '../../types/product.ts';
import { type Inputs, inputsFromBody, inputsOf, localMoment, textOf } from './inputs.ts';
import { asSent } from './testing/as-sent.ts';

const DRAFTS_OF_EACH_TYPE = 20;

for (const type of CONTENT_TYPES)
  test(`inputs of a ${type.name} say its draft, whatever stands in it`, () => {
    for (let seed = 1; seed <= DRAFTS_OF_EACH_TYPE; seed += 1) {
      const draft = randomDraft(type, { random: createRandom(seed), ids: () => [3, 1, 2], rows: () => [{ id: 7 }, { id: 9 }] });
      const { draft: read, problems } = draftFromForm(type, bodyOf(inputsOf(type, draft)));
      assert.deepEqual(problems, []);
      assert.deepEqual(asSent(type, read), asSent(type, draft), `seed ${seed}`);
    }
  });

test('moments are exact, and as short as they can be', () => {
  const cases = [
    [Date.UTC(2026, 10, 21, 18, 5), '2026-11-21T18:05'],
    [Date.UTC(2026, 10, 21, 18, 5, 7), '2026-11-21T18:05:07'],
    [Date.UTC(2026, 10, 21, 18, 5, 0, 40), '2026-11-21T18:05:00.040'],
    [null, ''],
  ] as const;
  for (const [atMs, text] of cases) assert.equal(localMoment(atMs), text);
});

test('what was typed and refused stands there again to the letter, also where it is no value', () => {
  const typed = {
    'field.name': '  Pump\r\n ',
    'field.featuredOrder': 'twelve',
    'field.isFeatured': ['', '1'],
    version: '3',
    slug: 'Not A Slug!',
  };
  const inputs = inputsFromBody(product, typed);
  assert.equal(textOf(inputs, 'field.name'), '  Pump\r\n ');
  assert.equal(textOf(inputs, 'field.featuredOrder'), 'twelve');
  assert.equal(textOf(inputs, 'field.isFeatured'), '1');
  assert.equal(textOf(inputs, 'slug'), 'Not A Slug!');
});

test('rows of what was refused get the numbers by which problems name them: those that stay first, without the empty ones', () => {
  const typed = {
    'child.features': '',
    'child.features.0.id': '11',
    'child.features.0.text': 'goes',
    'child.features.0.remove': '1',
    'child.features.2.text': '',
    'child.features.5.id': '12',
    'child.features.5.text': '',
    'child.features.9.text': 'new',
  };
  const inputs = inputsFromBody(product, typed);
  const rows = [0, 1, 2, 3].map((number) =>
    ['id', 'text', 'remove'].map((part) => textOf(inputs, `child.features.${number}.${part}`)),
  );
  assert.deepEqual(rows, [
    ['12', '', ''],
    ['', 'new', ''],
    ['11', 'goes', '1'],
    ['', '', ''],
  ]);
});

test('whatever is sent as a body, inputs are made of it', () => {
  for (const body of [undefined, null, 7, 'x', [], { 'field.title': { a: 1 } }, { 'child.x.99999999999.y': 'z' }])
    assert.equal(textOf(inputsFromBody(blogPost, body), 'field.title'), '');
});

const bodyOf = (inputs: Inputs): Record<string, string[]> =>
  Object.fromEntries([...inputs].map(([name, values]) => [name, [...values]]));
