/** A record as a draft that would make it again: what a revision keeps, and what tells whether a save changes anything. */
import type { AnyRecord, ContentType, Status } from './content-type.ts';
import { defaultOf, defaultsOf } from './defaults.ts';
import type { Draft, DraftRow } from './draft.ts';
import type { Field, Value } from './field.ts';

/** A draft from which nothing is missing. */
export type Complete = {
  readonly slug: string;
  readonly status: Status;
  readonly publishAtMs: number | null;
  readonly unpublishAtMs: number | null;
  readonly seo: { readonly title: string; readonly description: string; readonly image: number | null };
  readonly fields: Readonly<Record<string, Value>>;
  readonly children: Readonly<Record<string, readonly DraftRow[]>>;
};

/** What is declared, in its order; what the type does not have is left out. */
export const snapshotOf = (type: ContentType, { slug, status, publishAtMs, unpublishAtMs, seo, ...of }: Complete): Draft => ({
  ...(type.slug === undefined ? {} : { slug }),
  ...(type.lifecycle === 'publication' ? { status, publishAtMs, unpublishAtMs } : {}),
  ...(type.seo === true ? { seo: { title: seo.title, description: seo.description, image: seo.image } } : {}),
  fields: valuesOf(type.fields, of.fields),
  children: Object.fromEntries(
    Object.entries(type.children ?? {}).map(([list, { fields }]) => [
      list,
      (of.children[list] ?? []).map((row) => ({ ...(row.id === undefined ? {} : { id: row.id }), ...valuesOf(fields, row) })),
    ]),
  ),
});

/** The draft on top of the record, or of the defaults. Names that are not declared (any more) are left behind. */
export const completed = (type: ContentType, before: AnyRecord | undefined, draft: Draft): Complete => {
  const base = before ?? BLANK;
  const isPublished = type.lifecycle === 'always';
  return {
    slug: draft.slug === undefined || draft.slug === '' ? base.slug : draft.slug,
    status: isPublished ? 'published' : (draft.status ?? base.status),
    publishAtMs: isPublished ? null : pick(draft.publishAtMs, base.publishAtMs),
    unpublishAtMs: isPublished ? null : pick(draft.unpublishAtMs, base.unpublishAtMs),
    seo: type.seo === true ? (draft.seo ?? base.seo) : BLANK.seo,
    fields: valuesOf(type.fields, draft.fields, base.fields),
    children: Object.fromEntries(
      Object.entries(type.children ?? {}).map(([list, { fields }]) => [
        list,
        rowsOf(fields, draft.children?.[list], base.children[list] ?? []),
      ]),
    ),
  };
};

/** What an empty form shows. */
export const blankDraft = (type: ContentType): Draft => ({
  ...(type.slug === undefined ? {} : { slug: '' }),
  ...(type.lifecycle === 'publication' ? { status: 'draft' as const, publishAtMs: null, unpublishAtMs: null } : {}),
  ...(type.seo === true ? { seo: BLANK.seo } : {}),
  fields: defaultsOf(type.fields),
  children: Object.fromEntries(Object.keys(type.children ?? {}).map((list) => [list, []])),
});

export const sameSnapshot = (type: ContentType, one: Complete, other: Complete): boolean =>
  JSON.stringify(snapshotOf(type, one)) === JSON.stringify(snapshotOf(type, other));

const BLANK: Complete = {
  slug: '',
  status: 'draft',
  publishAtMs: null,
  unpublishAtMs: null,
  seo: { title: '', description: '', image: null },
  fields: {},
  children: {},
};

const pick = <T>(given: T | undefined, otherwise: T): T => (given === undefined ? otherwise : given);

/** A row that keeps its id keeps what the draft does not say. */
const rowsOf = (
  fields: Readonly<Record<string, Field>>,
  given: readonly DraftRow[] | undefined,
  base: readonly DraftRow[],
): readonly DraftRow[] => {
  const byId = new Map(base.map((row) => [row.id, row]));
  return (given ?? base).map((row) =>
    row.id === undefined ? valuesOf(fields, row) : { ...valuesOf(fields, row, byId.get(row.id)), id: row.id },
  );
};

type Values = Readonly<Record<string, Value | undefined>>;

const valuesOf = (fields: Readonly<Record<string, Field>>, given: Values, base: Values = {}): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const value = own(given, name);
      return [name, value === undefined ? pick(own(base, name), defaultOf(field)) : value];
    }),
  );

// A field may be called `constructor`.
const own = (values: Values, name: string): Value | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);
