/** What a save makes of a draft: the whole state that will be stored, or what keeps it from being stored. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { AnyRecord, ContentType } from './content-type.ts';
import type { Draft, FieldProblem } from './draft.ts';
import { quoted, snakeCase } from './names.ts';
import { pictureProblems } from './picture-problems.ts';
import { resolveReferences } from './references.ts';
import { freeSlug, isSlugTaken } from './slug.ts';
import { type Complete, completed } from './snapshot.ts';

type Save = {
  readonly type: ContentType;
  readonly types: readonly ContentType[];
  /** undefined: a new record. */
  readonly before: AnyRecord | undefined;
  /** Its values are checked and sanitised. */
  readonly draft: Draft;
  readonly nowMs: number;
};

/** Reads inside the transaction that saves: what is free here is free when it is written. */
export const savedState = (
  database: DatabaseSync,
  { type, types, before, draft, nowMs }: Save,
): { readonly complete: Complete; readonly problems: readonly FieldProblem[] } => {
  const dated = withMoments(completed(type, before, draft), before, nowMs);
  const { complete, problems: gone } = resolveReferences(database, types, { type, complete: dated });
  const named = withSlug(database, { type, before, complete });
  return {
    complete: named.complete,
    problems: [
      ...gone,
      ...named.problems,
      ...momentProblems(complete),
      ...uniqueProblems(database, { type, before, complete }),
      ...pictureProblems(database, { type, before, complete }),
    ],
  };
};

/** What is published without a moment appears now; what has already appeared keeps its day when the moment is emptied. */
const withMoments = (complete: Complete, before: AnyRecord | undefined, nowMs: number): Complete => {
  if (complete.status !== 'published' || complete.publishAtMs !== null || before === undefined) {
    const isFirst = before === undefined && complete.status === 'published' && complete.publishAtMs === null;
    return isFirst ? { ...complete, publishAtMs: nowMs } : complete;
  }
  const appeared = before.status === 'published' && before.publishAtMs !== null && before.publishAtMs <= nowMs;
  return { ...complete, publishAtMs: appeared ? before.publishAtMs : nowMs };
};

const momentProblems = ({ publishAtMs, unpublishAtMs }: Complete): readonly FieldProblem[] =>
  publishAtMs !== null && unpublishAtMs !== null && unpublishAtMs <= publishAtMs
    ? [{ field: 'unpublishAt', message: 'It has to vanish after it appears.' }]
    : [];

type Named = { readonly type: ContentType; readonly before: AnyRecord | undefined; readonly complete: Complete };

/** One that was chosen must be free; one that is made from the name becomes free. A name that changes later changes no address. */
const withSlug = (
  database: DatabaseSync,
  { type, before, complete }: Named,
): { readonly complete: Complete; readonly problems: readonly FieldProblem[] } => {
  if (type.slug === undefined) return { complete: { ...complete, slug: '' }, problems: [] };
  if (complete.slug === '') {
    const slug = freeSlug(database, type, String(complete.fields[type.slug.from] ?? ''));
    return { complete: { ...complete, slug }, problems: [] };
  }
  if (complete.slug === before?.slug) return { complete, problems: [] };
  const isTaken = isSlugTaken(database, type, complete.slug, before?.id);
  return { complete, problems: isTaken ? [{ field: 'slug', message: `“${complete.slug}” is already taken.` }] : [] };
};

const uniqueProblems = (database: DatabaseSync, { type, before, complete }: Named): readonly FieldProblem[] =>
  Object.entries(type.fields).flatMap(([name, field]): readonly FieldProblem[] => {
    if (field.kind !== 'text' || field.unique !== true) return [];
    const value = String(complete.fields[name] ?? '');
    const column = quoted(snakeCase(name));
    const other = prepared(
      database,
      `SELECT 1 FROM ${quoted(type.table)} WHERE ${column} = ? COLLATE NOCASE AND ${column} <> '' AND "id" <> ?`,
    ).get(value, before?.id ?? 0);
    return other === undefined ? [] : [{ field: name, message: `“${value}” is already there.` }];
  });
