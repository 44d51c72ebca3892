/** A line of a file of records, as a draft of this site. */
import { type ContentType, DEFAULT_MOST_ROWS } from '../content/content-type.ts';
import type { Draft } from '../content/draft.ts';
import type { Field, Value } from '../content/field.ts';
import { sanitiseRichText } from '../content/sanitise.ts';
import { childrenWithOtherIds, type IdMap, seoWithOtherIds, withOtherIds } from './local-ids.ts';
import { asList, asObject, momentIn, numberIn, own, textIn, type Untrusted } from './untrusted.ts';

export type RecordLine = {
  /** Its number in the file. */
  readonly id: number;
  readonly position: number;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  /** With ids of this site; not checked yet. */
  readonly draft: Draft;
  /** Names that the type does not declare, or values that lead nowhere: `field.colour`. */
  readonly leftOut: readonly string[];
};

const STATUSES = ['draft', 'published', 'archived'] as const;

/** undefined for what is no record at all. Whether its values can be stored is asked by `checkDraft`, when it is written. */
export const readRecordLine = (type: ContentType, line: Untrusted, ids: IdMap): RecordLine | undefined => {
  const id = numberIn(line, 'id');
  const given = asObject(own(line, 'fields'));
  if (id === undefined || id < 1 || given === undefined) return undefined;
  const leftOut: string[] = [];
  const fields = clean(type.fields, given, leftOut);
  const seo = asObject(own(line, 'seo'));
  const status = STATUSES.find((one) => one === own(line, 'status'));
  for (const [name, field] of Object.entries(type.fields)) leftOut.push(...lostIn(name, field, fields[name], ids));
  const draft: Draft = {
    ...(type.slug !== undefined && { slug: textIn(line, 'slug', 500) }),
    ...(type.lifecycle === 'publication' && {
      ...(status !== undefined && { status }),
      publishAtMs: momentIn(line, 'publishAt') ?? null,
      unpublishAtMs: momentIn(line, 'unpublishAt') ?? null,
    }),
    ...(type.seo === true &&
      seo !== undefined && {
        seo: seoWithOtherIds(
          { title: textIn(seo, 'title'), description: textIn(seo, 'description'), image: numberIn(seo, 'image') ?? null },
          ids,
        ),
      }),
    fields: withOtherIds(type.fields, fields, ids),
    ...(type.children !== undefined && {
      children: childrenWithOtherIds(type, childrenOf(type, asObject(own(line, 'children')) ?? {}, leftOut), ids),
    }),
  };
  return {
    id,
    position: numberIn(line, 'position') ?? id,
    createdAtMs: momentIn(line, 'createdAt'),
    updatedAtMs: momentIn(line, 'updatedAt'),
    draft,
    leftOut,
  };
};

type Fields = Readonly<Record<string, Field>>;

/** What is declared. Rich text is sanitised first: only then can the files that it names be found in it. */
const clean = (fields: Fields, given: Untrusted, leftOut: string[], path = ''): Record<string, Value> => {
  for (const name of Object.keys(given).slice(0, MOST_NAMES))
    if (!Object.hasOwn(fields, name)) leftOut.push(`${path}${name} is not known`);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => own(given, name) !== undefined)
      .map(([name, field]) => {
        const value = withoutObjects(own(given, name));
        const isText = field.kind === 'richText' && typeof value === 'string' && value.length <= (field.max ?? 200_000) * 3;
        // Of which kind it is, is the question of `checkDraft`.
        return [name, (isText ? sanitiseRichText(value) : value) as Value];
      }),
  );
};

const childrenOf = (
  type: ContentType,
  given: Untrusted,
  leftOut: string[],
): Record<string, readonly Readonly<Record<string, Value>>[]> =>
  Object.fromEntries(
    Object.entries(type.children ?? {}).map(([list, { fields, max = DEFAULT_MOST_ROWS }]) => [
      list,
      // One more than may be: `checkDraft` says so then.
      asList(own(given, list))
        .slice(0, max + 1)
        .map((row) => clean(fields, asObject(row) ?? {}, leftOut, `${list}.`)),
    ]),
  );

const lostIn = (name: string, field: Field, value: Value | undefined, ids: IdMap): readonly string[] => {
  const lost = (() => {
    if (field.kind === 'reference') return typeof value === 'number' && ids.record(field.to, value) === undefined;
    if (field.kind === 'references') return asList(value).some((id) => ids.record(field.to, id as number) === undefined);
    if (field.kind === 'image' || field.kind === 'file') return typeof value === 'number' && ids.media(value) === undefined;
    return false;
  })();
  return lost ? [`${name} names something that did not come along`] : [];
};

/** No value of ours is one, and one may have a `toString` that is no function. */
const withoutObjects = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((each: unknown) => (typeof each === 'object' ? null : each))
    : typeof value === 'object'
      ? null
      : value;

const MOST_NAMES = 1_000;
