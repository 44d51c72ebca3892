/** What differs between two states of a record: for revisions, and for two who edited the same. */
import { isDeepStrictEqual } from 'node:util';
import type { ChildList, ContentType } from './content-type.ts';
import { defaultOf } from './defaults.ts';
import type { Draft, DraftRow } from './draft.ts';
import type { Field, Value } from './field.ts';
import { plainText } from './sanitise.ts';
import { differenceOfWords, sharedOrder, type WordPart } from './word-difference.ts';

export type FieldDifference = {
  /** As problems name it: `name`, `slug`, `publishAt`, `seo.title`; in a row `value`. */
  readonly field: string;
  readonly label: string;
  /** How its values are to be read. */
  readonly kind: Field['kind'] | 'status' | 'moment';
  readonly before: Value;
  readonly after: Value;
  /** Of texts. Of rich text they say what one reads; a single kept part means that only its marks or links changed. */
  readonly words?: readonly WordPart[];
};

export type RowDifference = {
  /** `moved` too when it also changed: `fields` say what. */
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  /** What names the row now, or did. */
  readonly title: string;
  /** Places in the list, from 0; null where it is not in it. */
  readonly from: number | null;
  readonly to: number | null;
  readonly fields: readonly FieldDifference[];
};

export type ListDifference = { readonly list: string; readonly label: string; readonly rows: readonly RowDifference[] };

export type Difference = { readonly fields: readonly FieldDifference[]; readonly lists: readonly ListDifference[] };

/** What `after` does not say is as it was before. Fields in the order of the form, rows in their new order, those that went last. */
export const differenceOf = (type: ContentType, before: Draft, after: Draft): Difference => ({
  fields: [
    ...differingFields(type.fields, before.fields, after.fields),
    ...factsOf(type).flatMap((fact) => differing(fact, fact.read(before), fact.read(after))),
  ],
  lists: Object.entries(type.children ?? {}).flatMap(([name, list]): readonly ListDifference[] => {
    const rows = differingRows(list, before.children?.[name] ?? [], after.children?.[name]);
    return rows.length === 0 ? [] : [{ list: name, label: list.label, rows }];
  }),
});

type Compared = Pick<FieldDifference, 'field' | 'label' | 'kind'>;

type Fact = Compared & { readonly read: (draft: Draft) => Value | undefined };

const factsOf = (type: ContentType): readonly Fact[] => [
  ...(type.slug === undefined
    ? []
    : [{ field: 'slug', label: 'Address', kind: 'text', read: ({ slug }: Draft) => slug } satisfies Fact]),
  ...(type.lifecycle === 'publication'
    ? ([
        { field: 'status', label: 'Status', kind: 'status', read: ({ status }) => status },
        { field: 'publishAt', label: 'Appears', kind: 'moment', read: ({ publishAtMs }) => publishAtMs },
        { field: 'unpublishAt', label: 'Vanishes', kind: 'moment', read: ({ unpublishAtMs }) => unpublishAtMs },
      ] satisfies Fact[])
    : []),
  ...(type.seo === true
    ? ([
        { field: 'seo.title', label: 'Title for search engines', kind: 'text', read: ({ seo }) => seo?.title },
        { field: 'seo.description', label: 'Description for search engines', kind: 'text', read: ({ seo }) => seo?.description },
        { field: 'seo.image', label: 'Picture for previews', kind: 'image', read: ({ seo }) => seo?.image },
      ] satisfies Fact[])
    : []),
];

const differingFields = (
  fields: Readonly<Record<string, Field>>,
  before: Readonly<Record<string, Value>>,
  after: Readonly<Record<string, Value>>,
): readonly FieldDifference[] =>
  Object.entries(fields).flatMap(([name, field]) =>
    differing({ field: name, label: field.label, kind: field.kind }, before[name] ?? defaultOf(field), after[name]),
  );

const differing = (
  { field, label, kind }: Compared,
  before: Value | undefined,
  after: Value | undefined,
): readonly FieldDifference[] => {
  if (after === undefined || isDeepStrictEqual(before, after)) return [];
  const from = before ?? (typeof after === 'string' ? '' : null);
  const words = isWords(kind) ? { words: differenceOfWords(readable(kind, from), readable(kind, after)) } : {};
  return [{ field, label, kind, before: from, after, ...words }];
};

const isWords = (kind: FieldDifference['kind']): boolean => ['text', 'textarea', 'richText', 'lines'].includes(kind);

const readable = (kind: FieldDifference['kind'], value: Value): string => {
  if (Array.isArray(value)) return value.join('\n');
  return kind === 'richText' ? blocksOf(String(value ?? '')) : String(value ?? '');
};

/** One line for each block. What has no words is named: a picture, where a link leads; headings and points keep their signs. */
const blocksOf = (html: string): string =>
  plainText(
    html
      .replace(/<img\b[^>]*\bdata-media="(\d+)"[^>]*>/g, ' [picture $1] ')
      .replace(/<hr>/g, '<p>———</p>')
      .replace(/<h([2-4])\b[^>]*>/g, (_, level: string) => `<p>${'#'.repeat(Number(level))} `)
      .replace(/<li\b[^>]*>(?:<p\b[^>]*>)?/g, '<p>• ')
      .replace(/<a\b[^>]*\bhref="([^"]*)"[^>]*>/g, '[→ $1] '),
  );

const differingRows = (
  list: ChildList,
  before: readonly DraftRow[],
  after: readonly DraftRow[] | undefined,
): readonly RowDifference[] => {
  if (after === undefined) return [];
  const earlier = matchRows(list, before, after);
  const moved = movedRows(earlier);
  const titleOf = (row: DraftRow | undefined): string => String(row?.[list.title] ?? '');
  const rows = after.flatMap((row, to): readonly RowDifference[] => {
    const from = earlier[to] ?? null;
    if (from === null) {
      const blank = Object.fromEntries(Object.entries(list.fields).map(([name, field]) => [name, emptyOf(field)]));
      return [
        { change: 'added', title: titleOf(row), from, to, fields: differingFields(list.fields, blank, valuesOf(list, row)) },
      ];
    }
    const fields = differingFields(list.fields, valuesOf(list, before[from]), valuesOf(list, row));
    if (moved.has(to)) return [{ change: 'moved', title: titleOf(row), from, to, fields }];
    return fields.length === 0 ? [] : [{ change: 'changed', title: titleOf(row), from, to, fields }];
  });
  const kept = new Set(earlier);
  const gone = before.flatMap((row, from): readonly RowDifference[] =>
    kept.has(from) ? [] : [{ change: 'removed', title: titleOf(row), from, to: null, fields: [] }],
  );
  return [...rows, ...gone];
};

/** For each row after, where it was before; null: it is new. By their ids, and those without one by what stands in them. */
const matchRows = (list: ChildList, before: readonly DraftRow[], after: readonly DraftRow[]): readonly (number | null)[] => {
  const byId = new Map(before.flatMap((row, index) => (row.id === undefined ? [] : [[row.id, index] as const])));
  const taken = new Set<number>();
  const take = (index: number | undefined): number | null => {
    if (index === undefined || taken.has(index)) return null;
    taken.add(index);
    return index;
  };
  const matched = after.map(({ id }) => (id === undefined ? null : take(byId.get(id))));
  const byContent = new Map<string, number[]>();
  for (const [index, row] of before.entries()) {
    if (taken.has(index)) continue;
    const content = JSON.stringify(valuesOf(list, row));
    byContent.set(content, [...(byContent.get(content) ?? []), index]);
  }
  return matched.map((index, to) => index ?? take(byContent.get(JSON.stringify(valuesOf(list, after[to])))?.shift()));
};

/** As few as can be said to have moved. */
const movedRows = (earlier: readonly (number | null)[]): ReadonlySet<number> => {
  const staying = earlier.flatMap((from, to) => (from === null ? [] : [{ from, to }]));
  const order = staying.map(({ from }) => String(from));
  const inOrder = staying.map(({ from }) => from).sort((a, b) => a - b);
  const places = sharedOrder(order, inOrder.map(String));
  return new Set(staying.filter((_, index) => places[index] === -1).map(({ to }) => to));
};

const valuesOf = (list: ChildList, row: DraftRow | undefined): Record<string, Value> =>
  Object.fromEntries(Object.entries(list.fields).map(([name, field]) => [name, row?.[name] ?? defaultOf(field)]));

/** Of a new row everything that says something is new, its defaults too. */
const emptyOf = (field: Field): Value => {
  const value = defaultOf(field);
  return typeof value === 'string' ? '' : typeof value === 'boolean' ? false : Array.isArray(value) ? [] : null;
};
