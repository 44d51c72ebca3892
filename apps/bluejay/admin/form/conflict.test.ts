/** The screen of a conflict: nothing typed is lost on it, and nothing of what was typed acts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRandom } from '@berth/testing';
import type { Content } from '../../content/content.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import { draftFromForm } from '../../content/form-draft.ts';
import { randomDraft } from '../../content/testing/random-draft.ts';
import { openTestContent, type TestContent } from '../../content/testing/test-content.ts';
import { XSS_PAYLOADS } from '../../content/testing/xss-payloads.ts';
import { findHtmlMistakes } from '../../site/testing/html-validator.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import { product } from '../../types/product.ts';
import { renderConflict, threeDrafts } from './conflict.ts';
import { asSent } from './testing/as-sent.ts';
import { EDITOR, formParts, sessionFor } from './testing/form-parts.ts';

let opened: TestContent;
let content: Content;
before(async () => {
  opened = await openTestContent();
  ({ content } = opened);
});
after(() => opened[Symbol.dispose]());

const CURRENT: AnyRecord = {
  id: 7,
  version: 3,
  slug: 'pump',
  status: 'published',
  publishAtMs: 0,
  unpublishAtMs: null,
  position: 0,
  createdAtMs: 0,
  updatedAtMs: 0,
  createdBy: 1,
  seo: { title: '', description: '', image: null },
  fields: {},
  children: {},
};

const render = (type: ContentType, mine: Draft, current: AnyRecord = CURRENT): string =>
  renderConflict({ bluejay: formParts(content), session: sessionFor(), type, mine, version: 2, current, by: 'Bob' }).html;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const decode = (text: string): string => text.replace(/&([a-z]+|#39);/g, (_, name: string) => ENTITIES[name] ?? '?');

test('all that was typed goes along, for every type', () => {
  for (const type of CONTENT_TYPES)
    for (const seed of [1, 2, 3]) {
      const mine = randomDraft(type, { random: createRandom(seed), ids: () => [2, 1] });
      const body: Record<string, string[]> = {};
      for (const [, name = '', value = ''] of render(type, mine).matchAll(
        /<input type="hidden" name="([^"]*)" value="([^"]*)">/g,
      ))
        (body[decode(name)] ??= []).push(decode(value));
      const { draft, problems } = draftFromForm(type, body);
      assert.deepEqual(problems, []);
      assert.deepEqual(asSent(type, draft), asSent(type, mine), `${type.name}, seed ${seed}`);
      assert.equal(draft.status, mine.status);
    }
});

test('what both wrote is text on this screen, whatever it is', async () => {
  const hostile = (payload: string): Draft => ({
    fields: { name: payload, tagline: payload, description: payload, videoUrl: payload },
    children: { features: [{ text: payload }], certifications: [{ name: payload, icon: payload }] },
    seo: { title: payload, description: payload, image: null },
    slug: payload,
  });
  for (const [index, payload] of XSS_PAYLOADS.entries()) {
    const other = hostile(XSS_PAYLOADS[(index + 1) % XSS_PAYLOADS.length] ?? '');
    const page = render(product, hostile(payload), { ...CURRENT, fields: other.fields });
    if (payload.length > 3 && /[<"]/.test(payload)) assert.ok(!page.includes(payload), payload);
    assert.ok(!/<(?:script|iframe|object|embed|style|svg|math|link|meta|base|img)\b/i.test(page), payload);
  }
  const all = render(product, hostile(XSS_PAYLOADS.join(' ')));
  const mistakes = await findHtmlMistakes(
    `<!doctype html><html lang="en"><head><title>Conflict</title></head><body><main><h1>Conflict</h1>${all}</main></body></html>`,
  );
  assert.deepEqual(
    mistakes.filter((mistake) => !mistake.startsWith('form-dup-name')),
    [],
  );
});

test('what both began with is found among the revisions, though more was saved since', async () => {
  using own = await openTestContent();
  const tag = own.content.types.find(({ name }) => name === 'blog-tag');
  assert.ok(tag !== undefined);
  const { id } = own.content.create(tag, { fields: { name: 'one' } }, EDITOR);
  for (const [version, name] of [
    [1, 'two'],
    [2, 'three'],
    [3, 'four'],
  ] as const)
    own.content.update(tag, id, { fields: { name } }, { version, actor: EDITOR });
  const current = own.content.find(tag, id);
  assert.ok(current !== undefined);
  const baseOf = (version: number) =>
    threeDrafts({ bluejay: formParts(own.content), type: tag, mine: { fields: {} }, version, current }).base?.fields['name'];
  assert.deepEqual([1, 2, 3, 4, 0].map(baseOf), ['one', 'two', 'three', 'four', undefined]);
});
