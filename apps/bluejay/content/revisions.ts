/** Every saved state of a record. Numbered from 1, never changed; they go with the record. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { Actor, Revision } from './content.ts';
import type { ContentType } from './content-type.ts';
import type { Draft } from './draft.ts';

/** Called inside the transaction that saves: the draft is the state after it. */
export const addRevision = (
  database: DatabaseSync,
  type: ContentType,
  id: number,
  of: { readonly atMs: number; readonly actor: Actor; readonly action: string; readonly draft: Draft },
): void => {
  prepared(
    database,
    `INSERT INTO revisions (type, record, number, at, by_id, by_name, action, draft)
     SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM revisions WHERE type = ?1 AND record = ?2`,
  ).run(type.name, id, of.atMs, of.actor?.id ?? null, of.actor?.name ?? null, of.action, JSON.stringify(of.draft));
};

/** The newest first. */
export const listRevisions = (database: DatabaseSync, type: ContentType, id: number): readonly Revision[] =>
  prepared(
    database,
    'SELECT number, at, by_id, by_name, action FROM revisions WHERE type = ? AND record = ? ORDER BY number DESC',
  )
    .all(type.name, id)
    .map((row) => ({
      number: Number(row['number']),
      atMs: Number(row['at']),
      by: row['by_id'] === null ? null : { id: Number(row['by_id']), name: String(row['by_name'] ?? '') },
      action: String(row['action']),
    }));

export const findRevision = (database: DatabaseSync, type: ContentType, id: number, number: number): Draft | undefined => {
  const row = prepared(database, 'SELECT draft FROM revisions WHERE type = ? AND record = ? AND number = ?').get(
    type.name,
    id,
    number,
  );
  return row === undefined ? undefined : (JSON.parse(String(row['draft'])) as Draft);
};

/** Who saved last, by name; '' when nobody knows. */
export const lastSavedBy = (database: DatabaseSync, type: ContentType, id: number): string => {
  const row = prepared(database, 'SELECT by_name FROM revisions WHERE type = ? AND record = ? ORDER BY number DESC LIMIT 1').get(
    type.name,
    id,
  );
  return String(row?.['by_name'] ?? '');
};

export const hasRevisions = (database: DatabaseSync, type: ContentType, id: number): boolean =>
  prepared(database, 'SELECT 1 FROM revisions WHERE type = ? AND record = ? LIMIT 1').get(type.name, id) !== undefined;

export const removeRevisions = (database: DatabaseSync, type: ContentType, id: number): void => {
  prepared(database, 'DELETE FROM revisions WHERE type = ? AND record = ?').run(type.name, id);
};
