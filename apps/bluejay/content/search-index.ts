/** What the site's search reads: a title and a text for each record of a type that is searchable. Visibility is asked when one searches. */
import type { DatabaseSync } from 'node:sqlite';
import type { Migration } from '../store/migration.ts';
import { prepared } from '../store/statements.ts';
import type { AnyRecord, ContentType } from './content-type.ts';
import type { Value } from './field.ts';
import { plainText } from './sanitise.ts';

export const searchTables: Migration = {
  name: 'content-search-1',
  sql: `
    CREATE TABLE search_documents (
      id INTEGER PRIMARY KEY,
      type TEXT NOT NULL,
      record INTEGER NOT NULL,
      UNIQUE (type, record)
    ) STRICT;
    CREATE VIRTUAL TABLE search_index USING fts5 (
      title, body,
      tokenize = 'unicode61 remove_diacritics 2',
      prefix = '2 3'
    );
  `,
};

/** Of a record as it is now; called inside the transaction that saves it. Types without `search` have none. */
export const writeSearchDocument = (
  database: DatabaseSync,
  type: ContentType,
  record: Pick<AnyRecord, 'id' | 'fields'>,
): void => {
  if (type.search === undefined) return;
  const title = textOf(type, record, type.search.title);
  const body = type.search.body
    .map((field) => textOf(type, record, field))
    .filter((text) => text !== '')
    .join('\n');
  const { id } = prepared(
    database,
    'INSERT INTO search_documents (type, record) VALUES (?, ?) ON CONFLICT (type, record) DO UPDATE SET record = record RETURNING id',
  ).get(type.name, record.id) as { id: number };
  prepared(database, 'INSERT OR REPLACE INTO search_index (rowid, title, body) VALUES (?, ?, ?)').run(id, title, body);
};

export const removeSearchDocument = (database: DatabaseSync, type: Pick<ContentType, 'name'>, id: number): void => {
  const row = prepared(database, 'DELETE FROM search_documents WHERE type = ? AND record = ? RETURNING id').get(type.name, id);
  if (row !== undefined) prepared(database, 'DELETE FROM search_index WHERE rowid = ?').run(Number(row['id']));
};

const textOf = (type: ContentType, record: Pick<AnyRecord, 'fields'>, name: string): string => {
  const value = record.fields[name] ?? null;
  return type.fields[name]?.kind === 'richText' ? plainText(String(value ?? '')) : plain(value);
};

const plain = (value: Value): string => (Array.isArray(value) ? value.join('\n') : String(value ?? ''));
