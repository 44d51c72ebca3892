/** A record into the site: made, brought to what comes, or left as it is; never twice. */
import { checkDraft } from '../content/check-draft.ts';
import { toColumn } from '../content/column-values.ts';
import type { Content } from '../content/content.ts';
import type { AnyRecord, ContentType } from '../content/content-type.ts';
import type { Draft } from '../content/draft.ts';
import { ContentError } from '../content/errors.ts';
import { quoted, snakeCase } from '../content/names.ts';
import { completed, snapshotOf } from '../content/snapshot.ts';
import { slugOf } from '../content/slug.ts';
import { prepared } from '../store/statements.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Destination } from './destination.ts';
import type { Outcome } from './report.ts';

export type IncomingRecord = {
  readonly draft: Draft;
  /** Of a new record; default: now. */
  readonly createdAtMs?: number | undefined;
  readonly updatedAtMs?: number | undefined;
};

export type Taken = {
  readonly outcome: Exclude<Outcome, 'refused'>;
  readonly id: number;
};

export type RecordIntake = {
  /** Throws a ContentError for what cannot be stored. */
  take(type: ContentType, record: IncomingRecord): Taken;
};

/** One for each transfer: of records that are alike, each is matched once. */
export const createRecordIntake = ({ database, content }: Pick<Destination, 'database' | 'content'>): RecordIntake => {
  const claimed = new Map<string, Set<number>>();

  const setTimes = (type: ContentType, id: number, { createdAtMs, updatedAtMs }: IncomingRecord): void => {
    if (createdAtMs === undefined) return;
    prepared(database, `UPDATE ${quoted(type.table)} SET created_at = ?, updated_at = ? WHERE id = ?`).run(
      createdAtMs,
      Math.max(createdAtMs, updatedAtMs ?? createdAtMs),
      id,
    );
  };

  const update = (type: ContentType, before: AnyRecord, record: IncomingRecord): Taken => {
    const draft = withRowIds(record.draft, before);
    const after = content.update(type, before.id, draft, { version: before.version, actor: null });
    // What every site has from its beginning, and nobody has edited yet, is as old as where it comes from.
    if (type.kind !== 'collection' && before.version === 1) setTimes(type, before.id, record);
    return { id: before.id, outcome: after.version === before.version ? 'left' : 'updated' };
  };

  return {
    take(type, record) {
      const taken = claimed.get(type.name) ?? new Set();
      claimed.set(type.name, taken);
      return inTransaction(database, () => {
        const match = findMatch({ database, content }, type, { draft: record.draft, taken });
        if (match === undefined && type.kind !== 'collection')
          throw new ContentError('CONTENT_FIXED', 409, 'this release has no place for it');
        const result: Taken = match === undefined ? create(type, record) : update(type, match, record);
        taken.add(result.id);
        return result;
      });
    },
  };

  function create(type: ContentType, record: IncomingRecord): Taken {
    const { id } = content.create(type, record.draft, null);
    setTimes(type, id, record);
    return { id, outcome: 'created' };
  }
};

type Match = { readonly draft: Draft; readonly taken: ReadonlySet<number> };

/** By slug, then by a field that is unique; what has neither is the same only when all of it is. */
const findMatch = (
  { database, content }: Pick<Destination, 'database'> & { readonly content: Pick<Content, 'find' | 'single'> },
  type: ContentType,
  { draft, taken }: Match,
): AnyRecord | undefined => {
  if (type.kind === 'singleton') return content.single(type);
  const idsWhere = (column: string, value: string): readonly number[] =>
    prepared(database, `SELECT id FROM ${quoted(type.table)} WHERE ${quoted(column)} = ? COLLATE NOCASE ORDER BY id`)
      .all(value)
      .map((row) => Number(row['id']));
  const given = (draft.slug ?? '').trim();
  const slug = given === '' && type.slug !== undefined ? slugOf(String(draft.fields[type.slug.from] ?? '')) : given;
  const uniques = Object.entries(type.fields).filter(([, field]) => field.kind === 'text' && field.unique === true);
  if (type.slug !== undefined && slug !== '') {
    const [id] = idsWhere('slug', slug);
    if (id !== undefined && taken.has(id)) throw new ContentError('CONTENT_INVALID', 400, `“${slug}” comes twice.`);
    if (id !== undefined) return content.find(type, id);
  }
  for (const [name] of uniques) {
    const value = draft.fields[name];
    const [id] = typeof value === 'string' && value.trim() !== '' ? idsWhere(snakeCase(name), value.trim()) : [];
    if (id !== undefined && !taken.has(id)) return content.find(type, id);
  }
  if (type.slug !== undefined || uniques.length > 0) return undefined;
  const checked = checkDraft(type, draft, { isNew: true });
  if (checked.problems.length > 0) return undefined;
  const wanted = completed(type, undefined, checked.draft);
  const titleField = type.fields[type.title];
  const title = wanted.fields[type.title] ?? null;
  const candidates =
    titleField === undefined || titleField.kind === 'references'
      ? []
      : prepared(database, `SELECT id FROM ${quoted(type.table)} WHERE ${quoted(snakeCase(type.title))} IS ? ORDER BY id`)
          .all(toColumn(titleField, title))
          .map((row) => Number(row['id']));
  for (const id of candidates) {
    const record: AnyRecord | undefined = taken.has(id) ? undefined : content.find(type, id);
    if (record !== undefined && contentOf(type, record) === contentOf(type, { ...wanted, slug: record.slug })) return record;
  }
  return undefined;
};

const contentOf = (type: ContentType, complete: Parameters<typeof snapshotOf>[1]): string => {
  const { children, ...snapshot } = snapshotOf(type, complete);
  const rows = Object.entries(children ?? {}).map(([list, each]) => [list, each.map(({ id: _id, ...row }) => row)]);
  return JSON.stringify([snapshot, rows]);
};

/** Rows stay those that they are, in their order: what is the same is then seen to be the same. */
const withRowIds = (draft: Draft, before: AnyRecord): Draft =>
  draft.children === undefined
    ? draft
    : {
        ...draft,
        children: Object.fromEntries(
          Object.entries(draft.children).map(([list, rows]) => [
            list,
            rows.map((row, index) => {
              const id = before.children[list]?.[index]?.id;
              return id === undefined ? row : { ...row, id };
            }),
          ]),
        ),
      };
