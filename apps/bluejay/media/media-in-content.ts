/** Which files a record shows: read off its declaration, child rows and rich texts included. */
import type { AnyRecord, ContentType } from '../content/content-type.ts';
import type { Field, Value } from '../content/field.ts';

/** Ids of the files that are public with the record; what is given out only behind a form is not among them. */
export const mediaShownBy = (type: ContentType, record: AnyRecord): ReadonlySet<number> => {
  const ids = new Set<number>();
  const read = (fields: Readonly<Record<string, Field>>, values: Readonly<Record<string, Value>>): void => {
    for (const [name, field] of Object.entries(fields)) for (const id of mediaOf(field, values[name] ?? null)) ids.add(id);
  };
  read(type.fields, record.fields);
  for (const [name, list] of Object.entries(type.children ?? {}))
    for (const row of record.children[name] ?? []) read(list.fields, row);
  if (record.seo.image !== null) ids.add(record.seo.image);
  return ids;
};

/** `<img data-media="7">` and links to `/media/7` or `/downloads/7/…`: what a rich text shows. */
export const mediaInRichText = (text: string): readonly number[] =>
  [...text.matchAll(/\bdata-media="(\d{1,15})"|="\/(?:media|downloads)\/(\d{1,15})\b/g)].map(([, image, file]) =>
    Number(image ?? file),
  );

const mediaOf = (field: Field, value: Value): readonly number[] => {
  if (field.kind === 'richText') return typeof value === 'string' ? mediaInRichText(value) : [];
  if (field.kind === 'image' || (field.kind === 'file' && field.access === 'public'))
    return typeof value === 'number' ? [value] : [];
  return [];
};
