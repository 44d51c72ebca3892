/** Ids of a database and ids of a file, and the values of records with the ones in place of the others. */
import type { ContentType } from '../content/content-type.ts';
import type { Field, Value } from '../content/field.ts';

/** Gives the id on the other side, or undefined for what is not there. */
export type IdMap = {
  record(type: string, id: number): number | undefined;
  media(id: number): number | undefined;
};

type Values = Readonly<Record<string, Value>>;

/** Values of a record or a row: a reference that leads nowhere becomes none. */
export const withOtherIds = (fields: Readonly<Record<string, Field>>, values: Values, ids: IdMap): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => Object.hasOwn(values, name))
      .map(([name, field]) => [name, otherValue(field, values[name] ?? null, ids)]),
  );

const otherValue = (field: Field, value: Value, ids: IdMap): Value => {
  if (field.kind === 'image' || field.kind === 'file') return typeof value === 'number' ? (ids.media(value) ?? null) : null;
  if (field.kind === 'reference') return typeof value === 'number' ? (ids.record(field.to, value) ?? null) : null;
  if (field.kind === 'references')
    return Array.isArray(value)
      ? (value as readonly number[]).map((id) => ids.record(field.to, id)).filter((id) => id !== undefined)
      : [];
  if (field.kind === 'richText') return typeof value === 'string' ? richTextWithOtherIds(value, ids) : '';
  return value;
};

/** Pictures of the library that are gone leave the text; links to files that are gone lead nowhere, and stay. */
export const richTextWithOtherIds = (html: string, ids: Pick<IdMap, 'media'>): string =>
  html
    .replace(/<img\b[^<>]*>/g, (tag) => {
      const id = /\bdata-media="(\d{1,15})"/.exec(tag)?.[1];
      const other = id === undefined ? undefined : ids.media(Number(id));
      return other === undefined ? '' : tag.replace(`data-media="${id}"`, `data-media="${other}"`);
    })
    .replace(
      /="\/(media|downloads)\/(\d{1,15})\b/g,
      (_, folder: string, id: string) => `="/${folder}/${ids.media(Number(id)) ?? 0}`,
    );

/** The picture for previews of links, as every other. */
export const seoWithOtherIds = <S extends { readonly image: number | null }>(seo: S, ids: Pick<IdMap, 'media'>): S => ({
  ...seo,
  image: seo.image === null ? null : (ids.media(seo.image) ?? null),
});

export const childrenWithOtherIds = (
  type: ContentType,
  children: Readonly<Record<string, readonly Values[]>>,
  ids: IdMap,
): Record<string, readonly Record<string, Value>[]> =>
  Object.fromEntries(
    Object.entries(type.children ?? {})
      .filter(([list]) => Object.hasOwn(children, list))
      .map(([list, { fields }]) => [list, (children[list] ?? []).map((row) => withOtherIds(fields, row, ids))]),
  );
