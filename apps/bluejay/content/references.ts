/** Who refers to whom, across all types. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { AnyRecord, ContentType } from './content-type.ts';
import type { Draft, FieldProblem } from './draft.ts';
import type { Value } from './field.ts';
import { linkTable, quoted, snakeCase } from './names.ts';
import { findRecords } from './rows.ts';
import type { Complete } from './snapshot.ts';
import { inSentence, titleOf } from './title.ts';

export type Referrer = {
  readonly type: ContentType;
  readonly field: string;
  readonly onDelete: 'restrict' | 'clear';
  /** Ascending, never empty. */
  readonly ids: readonly number[];
};

/** Every field that names the record, with the records that do. */
export const findReferrers = (
  database: DatabaseSync,
  types: readonly ContentType[],
  { type: target, id }: { readonly type: ContentType; readonly id: number },
): readonly Referrer[] =>
  types.flatMap((type) =>
    Object.entries(type.fields).flatMap(([name, field]): Referrer[] => {
      if ((field.kind !== 'reference' && field.kind !== 'references') || field.to !== target.name) return [];
      const sql =
        field.kind === 'reference'
          ? `SELECT id FROM ${quoted(type.table)} WHERE ${quoted(snakeCase(name))} = ? ORDER BY id`
          : `SELECT record AS id FROM ${quoted(linkTable(type, name))} WHERE target = ? ORDER BY record`;
      const ids = prepared(database, sql)
        .all(id)
        .map((row) => Number(row['id']));
      const onDelete = field.kind === 'reference' ? field.onDelete : 'clear';
      return ids.length === 0 ? [] : [{ type, field: name, onDelete, ids }];
    }),
  );

/** The records themselves, each once; at most `limit` of each type. */
export const loadUsers = (
  database: DatabaseSync,
  referrers: readonly { readonly type: ContentType; readonly ids: readonly number[] }[],
  limit = Number.MAX_SAFE_INTEGER,
): readonly { readonly type: ContentType; readonly record: AnyRecord }[] => {
  const byType = new Map<ContentType, Set<number>>();
  for (const { type, ids } of referrers) byType.set(type, new Set([...(byType.get(type) ?? []), ...ids]));
  return [...byType].flatMap(([type, ids]) =>
    findRecords(database, type, [...ids].slice(0, limit)).map((record: AnyRecord) => ({ type, record })),
  );
};

/** `the product “X-200”`, for the sentence that says what to change first. At most `limit` are looked up. */
export const namesOfUsers = (database: DatabaseSync, referrers: readonly Referrer[], limit: number): readonly string[] => {
  const names = referrers.flatMap(({ type, ids }) => ids.map((id) => ({ type, id })));
  return names.map(({ type, id }, index) => {
    if (index >= limit) return '';
    const [record] = findRecords(database, type, [id]) as readonly AnyRecord[];
    return `the ${inSentence(type.label.one)}${record === undefined ? '' : ` “${titleOf(type, record)}”`}`;
  });
};

/** Lists lose what is gone; a single reference to what is gone is a problem, since somebody chose it. */
export const resolveReferences = (
  database: DatabaseSync,
  types: readonly ContentType[],
  { type, complete }: { readonly type: ContentType; readonly complete: Complete },
): { readonly complete: Complete; readonly problems: readonly FieldProblem[] } => {
  const problems: FieldProblem[] = [];
  const fields: Record<string, Value> = { ...complete.fields };
  for (const [name, field] of Object.entries(type.fields)) {
    const value = fields[name];
    if (field.kind === 'references') fields[name] = existing(database, types, field.to, value as readonly number[]);
    if (field.kind === 'reference' && typeof value === 'number' && existing(database, types, field.to, [value]).length === 0)
      problems.push({ field: name, message: 'What was chosen here is no longer there.' });
  }
  return { complete: { ...complete, fields }, problems };
};

/** A draft of former days, without what it refers to and is gone: nothing keeps it from being saved but a field that is required. */
export const withoutGone = (
  database: DatabaseSync,
  types: readonly ContentType[],
  { type, draft }: { readonly type: ContentType; readonly draft: Draft },
): Draft => {
  const fields: Record<string, Value> = { ...draft.fields };
  for (const [name, field] of Object.entries(type.fields)) {
    const value = fields[name];
    if (field.kind === 'references' && Array.isArray(value))
      fields[name] = existing(database, types, field.to, value as number[]);
    if (field.kind === 'reference' && typeof value === 'number')
      fields[name] = existing(database, types, field.to, [value])[0] ?? null;
  }
  return { ...draft, fields };
};

/** Each once, in its order. */
const existing = (
  database: DatabaseSync,
  types: readonly ContentType[],
  to: string,
  ids: readonly number[],
): readonly number[] => {
  const target = types.find(({ name }) => name === to);
  if (target === undefined || ids.length === 0) return [];
  const found = new Set(
    prepared(database, `SELECT id FROM ${quoted(target.table)} WHERE id IN (SELECT value FROM json_each(?))`)
      .all(JSON.stringify(ids))
      .map((row) => Number(row['id'])),
  );
  return ids.filter((id) => found.delete(id));
};
