import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partner } from '../types/partner.ts';
import { partnerTier } from '../types/partner-tier.ts';
import { InvalidContentError } from './errors.ts';
import { openTestContent } from './testing/test-content.ts';

const setUp = async () => {
  const { content, database } = await openTestContent();
  const add = (kind: string, alt: string, isDecorative: number): number =>
    Number(
      database
        .prepare(
          `INSERT INTO media_files (original_name, mime_type, kind, bytes, alt, is_decorative, digest, stored_name, created_at, updated_at)
VALUES ('x', 'image/png', ?, 1, ?, ?, hex(randomblob(8)), hex(randomblob(8)), 0, 0)`,
        )
        .run(kind, alt, isDecorative).lastInsertRowid,
    );
  const tier = content.create(partnerTier, { fields: { name: 'Gold' } }, null).id;
  const draft = (logo: number, name = 'Ada') => ({ fields: { name, tier, logo } });
  return { content, database, add, draft };
};

test('a picture without a description cannot be brought in, decoration and described ones can', async () => {
  const { content, add, draft } = await setUp();
  const refused = [
    { id: add('image', '', 0), says: /no description/ },
    { id: add('document', 'A sheet', 0), says: /no picture/ },
  ];
  for (const { id, says } of refused)
    assert.throws(
      () => content.create(partner, draft(id), null),
      (error: unknown) => error instanceof InvalidContentError && error.problems[0]?.field === 'logo' && says.test(error.message),
    );
  content.create(partner, draft(add('image', 'The logo of Ada', 0), 'One'), null);
  content.create(partner, draft(add('image', '', 1), 'Two'), null);
});

test('a record whose picture lost its description can still be edited', async () => {
  const { content, database, add, draft } = await setUp();
  const logo = add('image', 'The logo', 0);
  const { id, version } = content.create(partner, draft(logo), null);
  database.prepare("UPDATE media_files SET alt = '' WHERE id = ?").run(logo);
  assert.equal(content.update(partner, id, draft(logo, 'Ada Ltd'), { version, actor: null }).fields.name, 'Ada Ltd');
});
