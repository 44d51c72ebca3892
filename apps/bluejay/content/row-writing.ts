/** A record into its rows. Called inside the transaction that saves; what may be written was decided before. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import { type SqlValue, toColumn } from './column-values.ts';
import type { ContentType } from './content-type.ts';
import type { DraftRow } from './draft.ts';
import type { Field, Value } from './field.ts';
import { childTable, linkTable, quoted, snakeCase } from './names.ts';
import type { Complete } from './snapshot.ts';

export type Facts = { readonly nowMs: number; readonly createdBy: number | null };

/** Returns the new id. The record stands last in the order by hand. */
export const insertRow = (database: DatabaseSync, type: ContentType, complete: Complete, { nowMs, createdBy }: Facts): number => {
  const columns: Record<string, SqlValue> = {
    ...columnsOf(type, complete),
    created_at: nowMs,
    updated_at: nowMs,
    created_by: createdBy,
  };
  const names = Object.keys(columns);
  const { id } = prepared(
    database,
    `INSERT INTO ${quoted(type.table)} (${names.map(quoted).join(', ')}, "position")
     VALUES (${names.map(() => '?').join(', ')}, (SELECT coalesce(max("position"), 0) + 1 FROM ${quoted(type.table)})) RETURNING id`,
  ).get(...Object.values(columns)) as { id: number };
  writeLists(database, type, id, complete);
  return id;
};

/** The version grows by one. */
export const updateRow = (
  database: DatabaseSync,
  type: ContentType,
  id: number,
  { complete, nowMs }: { readonly complete: Complete; readonly nowMs: number },
): void => {
  const columns: Record<string, SqlValue> = { ...columnsOf(type, complete), updated_at: nowMs };
  const assignments = Object.keys(columns).map((name) => `${quoted(name)} = ?`);
  prepared(database, `UPDATE ${quoted(type.table)} SET ${assignments.join(', ')}, "version" = "version" + 1 WHERE "id" = ?`).run(
    ...Object.values(columns),
    id,
  );
  writeLists(database, type, id, complete);
};

const columnsOf = (type: ContentType, { slug, status, publishAtMs, unpublishAtMs, seo, fields }: Complete) => ({
  ...(type.slug === undefined ? {} : { slug }),
  status,
  publish_at: publishAtMs,
  unpublish_at: unpublishAtMs,
  ...(type.seo === true ? { seo_title: seo.title, seo_description: seo.description, seo_image: seo.image } : {}),
  ...fieldColumns(type.fields, fields),
});

const fieldColumns = (
  fields: Readonly<Record<string, Field>>,
  values: Readonly<Record<string, Value | undefined>>,
): Record<string, SqlValue> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => field.kind !== 'references')
      .map(([name, field]) => [snakeCase(name), toColumn(field, values[name] ?? null)]),
  );

const writeLists = (database: DatabaseSync, type: ContentType, id: number, complete: Complete): void => {
  for (const [name, field] of Object.entries(type.fields))
    if (field.kind === 'references') writeLinks(database, linkTable(type, name), id, complete.fields[name] as readonly number[]);
  for (const [list, { fields }] of Object.entries(type.children ?? {}))
    writeChildren(database, { table: childTable(type, list), fields, record: id, rows: complete.children[list] ?? [] });
};

const writeLinks = (database: DatabaseSync, table: string, record: number, targets: readonly number[]): void => {
  prepared(database, `DELETE FROM ${quoted(table)} WHERE record = ?`).run(record);
  for (const [position, target] of targets.entries())
    prepared(database, `INSERT INTO ${quoted(table)} (record, target, position) VALUES (?, ?, ?)`).run(record, target, position);
};

type ChildWrite = {
  readonly table: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly record: number;
  readonly rows: readonly DraftRow[];
};

const writeChildren = (database: DatabaseSync, { table, fields, record, rows }: ChildWrite): void => {
  const remaining = new Set(
    prepared(database, `SELECT id FROM ${quoted(table)} WHERE record = ?`)
      .all(record)
      .map(({ id }) => Number(id)),
  );
  for (const [position, row] of rows.entries()) {
    const columns: Record<string, SqlValue> = { position, ...fieldColumns(fields, row) };
    const names = Object.keys(columns);
    if (row.id !== undefined && remaining.delete(row.id)) {
      prepared(database, `UPDATE ${quoted(table)} SET ${names.map((name) => `${quoted(name)} = ?`).join(', ')} WHERE id = ?`).run(
        ...Object.values(columns),
        row.id,
      );
    } else {
      prepared(
        database,
        `INSERT INTO ${quoted(table)} (id, record, ${names.map(quoted).join(', ')}) VALUES (?, ?, ${names.map(() => '?').join(', ')})`,
      ).run(returningId(database, table, row.id), record, ...Object.values(columns));
    }
  }
  prepared(database, `DELETE FROM ${quoted(table)} WHERE id IN (SELECT value FROM json_each(?))`).run(
    JSON.stringify([...remaining]),
  );
};

/** A row that comes back with a revision gets the id it had; one that was never given out, or stands elsewhere, is not taken. */
const returningId = (database: DatabaseSync, table: string, id: number | undefined): number | null => {
  if (id === undefined) return null;
  const last = Number(prepared(database, 'SELECT seq FROM sqlite_sequence WHERE name = ?').get(table)?.['seq'] ?? 0);
  const isTaken = prepared(database, `SELECT 1 FROM ${quoted(table)} WHERE id = ?`).get(id) !== undefined;
  return id >= 1 && id <= last && !isTaken ? id : null;
};
