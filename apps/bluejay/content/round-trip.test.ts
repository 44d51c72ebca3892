import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, type Random } from '@berth/testing';
import { CONTENT_TYPES } from '../types/index.ts';
import type { Content } from './content.ts';
import type { AnyRecord, ContentType } from './content-type.ts';
import type { Draft, DraftRow } from './draft.ts';
import { snapshotOf } from './snapshot.ts';
import { randomDraft } from './testing/random-draft.ts';
import { openTestContent } from './testing/test-content.ts';

const BY = { id: 1, name: 'Ada' };
const SAVES = 6;

/** What a reference may name has to be there first. */
const idsIn = (content: Content) => (type: string) =>
  content.list(content.type(type), { perPage: 1_000 }).records.map(({ id }) => id);

const createTargets = (content: Content, random: Random): void => {
  const isTarget = (type: ContentType) =>
    CONTENT_TYPES.some(({ fields }) =>
      Object.values(fields).some(
        (field) => (field.kind === 'reference' || field.kind === 'references') && field.to === type.name,
      ),
    );
  const targets = CONTENT_TYPES.filter(isTarget);
  // Those that need none first: a product needs its category.
  for (const type of [...targets].sort((one, other) => needs(one) - needs(other)))
    for (let count = 0; count < 3; count++) content.create(type, randomDraft(type, { random, ids: idsIn(content) }), BY);
};

const needs = ({ fields }: ContentType): number => Object.values(fields).filter(({ kind }) => kind === 'reference').length;

const withoutRowIds = (draft: Draft) => ({
  ...draft,
  slug: undefined,
  children: Object.fromEntries(
    Object.entries(draft.children ?? {}).map(([list, rows]) => [list, rows.map((row) => ({ ...row, id: undefined }))]),
  ),
});

/** A record says when it was published; a draft may leave that open. */
const asAsked = (draft: Draft, saved: Draft): Draft => ({
  ...draft,
  ...(draft.status === 'published' && draft.publishAtMs === null && { publishAtMs: saved.publishAtMs ?? null }),
});

const completeRows = (draft: Draft, before: AnyRecord): Draft => ({
  ...draft,
  children: Object.fromEntries(
    Object.entries(draft.children ?? {}).map(([list, rows]) => [
      list,
      rows.map((row): DraftRow => ({ ...before.children[list]?.find(({ id }) => id === row.id), ...row })),
    ]),
  ),
});

for (const type of CONTENT_TYPES) {
  test(`every ${type.name} that is saved reads as it was written, and comes back from every revision with its rows`, async () => {
    using tested = await openTestContent();
    const { content } = tested;
    const random = createRandom(type.name.length * 7_919 + type.table.length);
    createTargets(content, random);
    const ids = idsIn(content);

    const first = randomDraft(type, { random, ids });
    let record = (type.kind === 'collection'
      ? content.create(type, first, BY)
      : content.list(type).records[0]) as unknown as AnyRecord;
    if (type.kind === 'collection') {
      const saved = snapshotOf(type, record);
      assert.deepEqual(withoutRowIds(saved), withoutRowIds(asAsked(first, saved)));
    }
    const states = [snapshotOf(type, record)];
    for (let save = 0; save < SAVES; save++) {
      const rows = (list: string) => record.children[list] ?? [];
      const draft = randomDraft(type, { random, ids, rows });
      const asked = completeRows(draft, record);
      const updated = content.update(type, record.id, draft, { version: record.version, actor: BY }) as unknown as AnyRecord;
      const saved = snapshotOf(type, updated);
      assert.deepEqual(withoutRowIds(saved), withoutRowIds(asAsked(asked, saved)));
      for (const [list, wanted] of Object.entries(draft.children ?? {}))
        for (const [index, { id }] of wanted.entries())
          if (id !== undefined) assert.equal(updated.children[list]?.[index]?.id, id, `a row of ${list} keeps its id`);
      assert.deepEqual(content.find(type, record.id), updated);
      if (updated.version > record.version) states.push(saved);
      record = updated;
    }

    assert.deepEqual(
      content.revisions(type, record.id).map(({ number }) => number),
      states.map((_, index) => states.length - index),
    );
    for (const number of random.shuffle(states.map((_, index) => index + 1))) {
      const draft = content.revision(type, record.id, number);
      assert.ok(draft);
      const back = content.update(type, record.id, draft, { version: record.version, actor: BY, restored: number });
      record = back as unknown as AnyRecord;
      assert.deepEqual(snapshotOf(type, record), states[number - 1], `revision ${number}`);
    }
  });
}
