/** A record as programs read it: what a visitor could see of it, by its declaration. */
import { expandRichText } from '../../content/sanitise.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Field, Value } from '../../content/field.ts';
import type { PageContext } from '../site-frame.ts';

export type PublicValue = Value | PublicLink | readonly PublicLink[] | PublicPicture | PublicFile;

/** Another record. */
export type PublicLink = { readonly type: string; readonly id: number; readonly title: string; readonly url: string | null };
export type PublicPicture = {
  readonly url: string;
  readonly alt: string;
  readonly width: number | null;
  readonly height: number | null;
};
export type PublicFile = { readonly url: string; readonly name: string; readonly mimeType: string; readonly bytes: number };

export type PublicRecord = {
  readonly id: number;
  readonly slug: string | null;
  /** Its page, if it has one. */
  readonly url: string | null;
  readonly publishedAt: string | null;
  readonly updatedAt: string;
  readonly fields: Readonly<Record<string, PublicValue>>;
  readonly children: Readonly<Record<string, readonly Readonly<Record<string, PublicValue>>[]>>;
};

export type RecordReader = {
  readonly context: PageContext;
  /** A declared type by its name. */
  readonly typeNamed: (name: string) => ContentType;
};

const PICTURE_PIXELS = 1_280;

export const publicRecord = (reader: RecordReader, type: ContentType, record: AnyRecord): PublicRecord => {
  const { view, origin } = reader.context;
  const path = view.pathOf(type, record);
  return {
    id: record.id,
    slug: record.slug === '' ? null : record.slug,
    url: path === undefined ? null : origin + path,
    publishedAt: record.publishAtMs === null ? null : new Date(record.publishAtMs).toISOString(),
    updatedAt: new Date(record.updatedAtMs).toISOString(),
    fields: publicValues(reader, type.fields, record.fields),
    children: Object.fromEntries(
      Object.entries(type.children ?? {}).map(([list, { fields }]) => [
        list,
        (record.children[list] ?? []).map((row) => publicValues(reader, fields, row)),
      ]),
    ),
  };
};

const publicValues = (
  reader: RecordReader,
  fields: Readonly<Record<string, Field>>,
  values: Readonly<Record<string, Value>>,
): Readonly<Record<string, PublicValue>> =>
  Object.fromEntries(
    Object.entries(fields)
      // What lies behind a form is given out behind that form alone.
      .filter(([, field]) => field.kind !== 'file' || field.access === 'public')
      .map(([name, field]) => [name, publicValue(reader, field, values[name] ?? null)]),
  );

const publicValue = (reader: RecordReader, field: Field, value: Value): PublicValue => {
  const { context } = reader;
  switch (field.kind) {
    case 'richText':
      return expandRichText(String(value ?? ''), (id, alt) =>
        context.picture(id, { sizes: '100vw', ...(alt === '' ? {} : { alt }) }),
      ).html;
    case 'image':
      return pictureOf(context, idOf(value));
    case 'file':
      return fileOf(context, idOf(value));
    case 'reference':
      return linksTo(reader, field.to, [idOf(value) ?? 0])[0] ?? null;
    case 'references':
      return linksTo(reader, field.to, Array.isArray(value) ? value.map(Number) : []);
    case 'text':
    case 'textarea':
    case 'number':
    case 'flag':
    case 'date':
    case 'choice':
    case 'color':
    case 'icon':
    case 'lines':
      return value;
  }
};

const idOf = (value: Value): number | null => (typeof value === 'number' ? value : null);

const pictureOf = (context: PageContext, id: number | null): PublicPicture | null => {
  const path = context.imagePath(id, PICTURE_PIXELS);
  const file = context.file(id);
  if (path === undefined || file === undefined) return null;
  return { url: context.origin + path, alt: file.alt, width: file.width, height: file.height };
};

const fileOf = (context: PageContext, id: number | null): PublicFile | null => {
  const file = context.file(id);
  if (file === undefined) return null;
  return { url: context.origin + file.path, name: file.originalName, mimeType: file.mimeType, bytes: file.bytes };
};

/** Those that are visible, in their order. */
const linksTo = ({ context, typeNamed }: RecordReader, name: string, ids: readonly number[]): readonly PublicLink[] => {
  const { view, origin } = context;
  const type = typeNamed(name);
  return view.findAll(type, ids).map((record) => {
    const path = view.pathOf(type, record);
    const title = (record.fields as Readonly<Record<string, Value>>)[type.title];
    return { type: name, id: record.id, title: String(title ?? ''), url: path === undefined ? null : origin + path };
  });
};
