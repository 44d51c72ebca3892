/** Two drafts of one record that began with the same version: what differs, who changed it, and one draft of both. */
import { isDeepStrictEqual } from 'node:util';
import type { ContentType } from '../../content/content-type.ts';
import type { Draft, DraftRow } from '../../content/draft.ts';
import type { Value } from '../../content/field.ts';

export type Side = 'mine' | 'theirs';

export type PartValue = Value | readonly DraftRow[] | undefined;

export type Part = {
  /** `field.name`, `child.specs`, `slug`, `status`, `publishAt`, `unpublishAt`, `seo.title`. */
  readonly key: string;
  readonly label: string;
  /** As it was when both began; undefined where that is not known any more. */
  readonly base: PartValue;
  readonly mine: PartValue;
  readonly theirs: PartValue;
  /** `both` also where nobody knows. */
  readonly changedBy: 'me' | 'them' | 'both';
};

export type ThreeDrafts = { readonly base: Draft | undefined; readonly mine: Draft; readonly theirs: Draft };

/** What is not the same in both. What mine does not speak of stays theirs and is no question. */
export const differingParts = (type: ContentType, { base, mine, theirs }: ThreeDrafts): readonly Part[] =>
  places(type).flatMap(({ key, label, read }): readonly Part[] => {
    const values = { base: base && read(base), mine: read(mine), theirs: read(theirs) };
    if (values.mine === undefined || isSame(values.mine, values.theirs)) return [];
    return [{ key, label, ...values, changedBy: changerOf(values) }];
  });

/** What only one of the two changed is that one's; what both changed is mine until somebody says otherwise: I am the one who reads it. */
export const preselected = (part: Part): Side => (part.changedBy === 'them' ? 'theirs' : 'mine');

/** @param choose asked for every part that differs */
export const mergeDrafts = (type: ContentType, drafts: ThreeDrafts, choose: (part: Part) => Side): Draft => {
  const parts = new Map(differingParts(type, drafts).map((part) => [part.key, part]));
  let merged = drafts.mine;
  for (const { key, take } of places(type)) {
    const part = parts.get(key);
    if (part !== undefined && choose(part) === 'theirs') merged = take(merged, drafts.theirs);
  }
  return merged;
};

type Place = {
  readonly key: string;
  readonly label: string;
  readonly read: (draft: Draft) => PartValue;
  /** The first draft, with what the second one says here. */
  readonly take: (into: Draft, from: Draft) => Draft;
};

const places = (type: ContentType): readonly Place[] => [
  ...Object.entries(type.fields).map(
    ([name, field]): Place => ({
      key: `field.${name}`,
      label: field.label,
      read: (draft) => draft.fields[name],
      take: (into, from) => ({ ...into, fields: { ...into.fields, [name]: from.fields[name] ?? null } }),
    }),
  ),
  ...Object.entries(type.children ?? {}).map(
    ([list, { label }]): Place => ({
      key: `child.${list}`,
      label,
      read: (draft) => draft.children?.[list],
      take: (into, from) => ({ ...into, children: { ...into.children, [list]: from.children?.[list] ?? [] } }),
    }),
  ),
  ...(type.slug === undefined ? [] : [own('slug', 'Address')]),
  ...(type.lifecycle === 'publication'
    ? [own('status', 'Status'), own('publishAtMs', 'Appears', 'publishAt'), own('unpublishAtMs', 'Vanishes', 'unpublishAt')]
    : []),
  ...(type.seo === true ? (['title', 'description', 'image'] as const).map(seoPlace) : []),
];

const own = (property: 'slug' | 'status' | 'publishAtMs' | 'unpublishAtMs', label: string, key: string = property): Place => ({
  key,
  label,
  read: (draft) => draft[property],
  take: (into, from) => ({ ...into, [property]: from[property] }),
});

const NO_SEO = { title: '', description: '', image: null };

const seoPlace = (property: 'title' | 'description' | 'image'): Place => ({
  key: `seo.${property}`,
  label: `${property === 'image' ? 'Picture' : property === 'title' ? 'Title' : 'Description'} for search engines`,
  read: (draft) => draft.seo?.[property],
  take: (into, from) => ({ ...into, seo: { ...NO_SEO, ...into.seo, [property]: (from.seo ?? NO_SEO)[property] } }),
});

const changerOf = ({ base, mine, theirs }: Pick<Part, 'base' | 'mine' | 'theirs'>): Part['changedBy'] => {
  if (base === undefined) return 'both';
  if (isSame(base, mine)) return 'them';
  return isSame(base, theirs) ? 'me' : 'both';
};

const isSame = (a: PartValue, b: PartValue): boolean => isDeepStrictEqual(comparable(a), comparable(b));

/** Browsers send line breaks as two characters; a row's id says which one it is, not what stands in it. */
const comparable = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replaceAll('\r\n', '\n');
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'id')
      .map(([name, one]) => [name, comparable(one)]),
  );
};
