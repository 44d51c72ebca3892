/** Random edits: what is kept is always what would be made anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { randomDraft } from '../content/testing/random-draft.ts';
import { CONTENT_TYPES } from '../types/index.ts';
import { PATHS } from './testing/example-paths.ts';
import { fillExample } from './testing/example-site.ts';
import { openTestSite } from './testing/test-site.ts';

test('after any edit, a page from memory is what a site without memory makes', async () => {
  const random = createRandom(20_261_121);
  await using kept = await openTestSite();
  const alts = new Map(Array.from({ length: 50 }, (_, index) => [index + 1, `Picture ${index + 1}`]));
  for (const [id, alt] of alts) kept.alts.set(id, alt);
  fillExample(kept.content, [1, 2, 3, 4]);
  const ids = (name: string): number[] => {
    const type = kept.content.type(name);
    return kept.content.list(type, { perPage: 200 }).records.map(({ id }) => id);
  };
  const edit = (): string => {
    const type = random.pick(CONTENT_TYPES);
    const records = ids(type.name);
    const action = random.integer(0, 9);
    const id = records.length === 0 ? 0 : random.pick(records);
    if (type.kind === 'collection' && action === 0) {
      kept.content.create(type, randomDraft(type, { random, ids }), null);
      return `created a ${type.name}`;
    }
    if (type.kind === 'collection' && action === 1 && kept.content.usersOf(type, id).length === 0 && id > 0) {
      kept.content.remove(type, id, null);
      return `removed ${type.name} ${id}`;
    }
    if (type.kind === 'collection' && action === 2 && records.length > 1) {
      kept.content.reorder(type, random.shuffle(records), null);
      return `sorted ${type.name}`;
    }
    if (action === 3) {
      const forward = random.integer(1, 30) * 86_400_000;
      kept.clock.nowMs += forward;
      return `waited ${forward}`;
    }
    if (id === 0) return 'nothing';
    const { version, slug } = kept.content.find(type, id) ?? { version: 0, slug: '' };
    const draft = randomDraft(type, { random, ids });
    // The paths that are looked at stay what they are.
    kept.content.update(type, id, { ...draft, ...(slug !== '' && { slug }) }, { version, actor: null });
    return `changed ${type.name} ${id}`;
  };
  await using fresh = await openTestSite({ cacheBytes: 0, opened: kept.opened });
  for (const [id, alt] of alts) fresh.alts.set(id, alt);

  let refused = 0;
  for (let round = 0; round < 150; round += 1) {
    let what: string;
    try {
      what = edit();
    } catch {
      // A random draft that the content refuses (a slug that is taken, a value twice): nothing was written.
      refused += 1;
      continue;
    }
    for (const path of PATHS) {
      const [one, other] = await Promise.all([kept.get(path), fresh.get(path)]);
      assert.equal(one.status, other.status, `${path} after: ${what}`);
      assert.equal(one.text, other.text, `${path} after: ${what}`);
      assert.equal(one.headers['etag'], other.headers['etag']);
    }
  }
  assert.ok(refused < 75, `${refused} edits were refused`);
  assert.ok(kept.counts.hits > kept.counts.misses / 4, JSON.stringify(kept.counts));
  assert.equal(fresh.counts.hits, 0);
});
