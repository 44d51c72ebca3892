/** Records that are there before anybody made one: singletons, the fixed ones, and the first rows of new tables. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { ContentType } from './content-type.ts';
import type { Draft } from './draft.ts';
import type { Value } from './field.ts';
import { quoted, snakeCase } from './names.ts';
import { insertRow } from './row-writing.ts';
import { completed } from './snapshot.ts';
import { freeSlug } from './slug.ts';
import { writeSearchDocument } from './search-index.ts';

type Seed = { readonly type: ContentType; readonly values: Readonly<Record<string, Value>> };

/**
 * Those that are missing. Of a `fixed` type, one is there when its first field is: what editors made of the others stays.
 * `created` are the tables that are new: only those get the first rows of a collection.
 */
export const missingSeeds = (
  database: DatabaseSync,
  types: readonly ContentType[],
  created: ReadonlySet<string> = new Set(),
): readonly Seed[] =>
  types.flatMap((type): readonly Seed[] => {
    const seeds = (type.seeds ?? []) as readonly Readonly<Record<string, Value>>[];
    if (type.kind === 'singleton') return isEmpty(database, type) ? [{ type, values: seeds[0] ?? {} }] : [];
    if (type.kind === 'collection') return created.has(type.table) ? seeds.map((values) => ({ type, values })) : [];
    const [key] = Object.keys(type.fields);
    if (key === undefined) return [];
    const known = prepared(database, `SELECT 1 FROM ${quoted(type.table)} WHERE ${quoted(snakeCase(key))} = ? LIMIT 1`);
    return seeds.filter((values) => known.get(String(values[key])) === undefined).map((values) => ({ type, values }));
  });

/** Called inside the transaction that migrates. They have no revision: the first change of each keeps what was there before. */
export const plantSeed = (database: DatabaseSync, { type, values }: Seed, nowMs: number): void => {
  const draft: Draft = { fields: values, status: 'published', publishAtMs: nowMs };
  const complete = completed(type, undefined, draft);
  const slug = type.slug === undefined ? '' : freeSlug(database, type, String(complete.fields[type.slug.from] ?? ''));
  const id = insertRow(database, type, { ...complete, slug }, { nowMs, createdBy: null });
  writeSearchDocument(database, type, { id, fields: complete.fields });
};

const isEmpty = (database: DatabaseSync, type: ContentType): boolean =>
  prepared(database, `SELECT 1 FROM ${quoted(type.table)} LIMIT 1`).get() === undefined;
