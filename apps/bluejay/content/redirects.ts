/**
 * Old addresses. What is kept is not a path but the slug that a record once had: where it leads is looked up when somebody asks,
 * so that there are no chains to collapse, and a category that is renamed takes the addresses of all its products with it.
 * Only what was shown by another program before has a path of its own, which no slug of ours could give.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Migration } from '../store/migration.ts';
import { prepared } from '../store/statements.ts';
import type { ContentType } from './content-type.ts';

export const redirectTables: Migration = {
  name: 'content-redirects-1',
  sql: `
    CREATE TABLE redirects (
      type TEXT NOT NULL,
      slug TEXT NOT NULL,
      record INTEGER NOT NULL,
      PRIMARY KEY (type, slug)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX redirects_record ON redirects (type, record);
  `,
};

export const foreignAddressTables: Migration = {
  name: 'content-redirects-2',
  sql: `
    CREATE TABLE foreign_addresses (
      path TEXT PRIMARY KEY,
      type TEXT NOT NULL,
      record INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX foreign_addresses_record ON foreign_addresses (type, record);
  `,
};

type Slugged = { readonly id: number; readonly slug: string };

/**
 * Called inside the transaction that saves: `before` is undefined for a new record, `after` for a deleted one. A slug that is
 * taken again, by whichever record, no longer leads elsewhere: so nothing can lead in a circle.
 */
export const keepRedirects = (
  database: DatabaseSync,
  type: Pick<ContentType, 'name' | 'slug'>,
  before: Slugged | undefined,
  after: Slugged | undefined,
): void => {
  if (type.slug === undefined) return;
  if (after === undefined) {
    if (before === undefined) return;
    prepared(database, 'DELETE FROM redirects WHERE type = ? AND record = ?').run(type.name, before.id);
    prepared(database, 'DELETE FROM foreign_addresses WHERE type = ? AND record = ?').run(type.name, before.id);
    return;
  }
  if (before !== undefined && before.slug !== '' && before.slug !== after.slug) {
    prepared(
      database,
      'INSERT INTO redirects (type, slug, record) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record',
    ).run(type.name, before.slug, before.id);
  }
  prepared(database, 'DELETE FROM redirects WHERE type = ? AND slug = ?').run(type.name, after.slug);
};

/** The record that once had the slug, by id. */
export const findRedirect = (database: DatabaseSync, type: Pick<ContentType, 'name'>, slug: string): number | undefined => {
  const row = prepared(database, 'SELECT record FROM redirects WHERE type = ? AND slug = ?').get(type.name, slug);
  return row === undefined ? undefined : Number(row['record']);
};

type Target = { readonly type: string; readonly record: number };

/**
 * Keeps the path that a record had on another site. The first record that comes with a path has it.
 *
 * @returns whether it is new
 */
export const keepForeignAddress = (database: DatabaseSync, path: string, { type, record }: Target): boolean => {
  const { changes } = prepared(
    database,
    'INSERT INTO foreign_addresses (path, type, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(comparable(path), type, record);
  return changes > 0;
};

/** What another site showed under the path. */
export const findForeignAddress = (database: DatabaseSync, path: string): Target | undefined => {
  const row = prepared(database, 'SELECT type, record FROM foreign_addresses WHERE path = ?').get(comparable(path));
  return row === undefined ? undefined : { type: String(row['type']), record: Number(row['record']) };
};

/** With or without a slash at the end, and however its letters are encoded. The same again for what it gives. */
const comparable = (path: string): string =>
  (URL.parse(`http://here.invalid${path}`)?.pathname ?? path)
    .replace(/%[\da-f]{2}/gi, (escape) => escape.toUpperCase())
    .replace(/\/+$/, '');
