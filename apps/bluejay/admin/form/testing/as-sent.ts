/** Drafts as they can be compared after they went through a form of a browser. */
import type { ContentType } from '../../../content/content-type.ts';
import { defaultsOf } from '../../../content/defaults.ts';
import type { Draft, DraftRow } from '../../../content/draft.ts';
import type { Field, Value } from '../../../content/field.ts';

/**
 * Browsers send line breaks as two characters and colours in small letters; an empty list of lines is one empty line; the status
 * is said by the button that is pressed; rows in which nothing was typed are none.
 */
export const asSent = (type: ContentType, { status: _, slug: __, ...draft }: Draft): Draft => ({
  ...draft,
  fields: valuesOf(type.fields, draft.fields),
  children: Object.fromEntries(
    Object.entries(draft.children ?? {}).map(([name, rows]) => {
      const fields = type.children?.[name]?.fields ?? {};
      const blank = JSON.stringify(valuesOf(fields, defaultsOf(fields)));
      const sent = rows.map(({ id, ...values }): DraftRow => ({ ...valuesOf(fields, values), ...(id !== undefined && { id }) }));
      return [name, sent.filter((row) => row.id !== undefined || JSON.stringify(row) !== blank)];
    }),
  ),
});

const valuesOf = (
  fields: Readonly<Record<string, Field>>,
  values: Readonly<Record<string, Value | undefined>>,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      const value = values[name];
      return value === undefined ? [] : [[name, valueOf(field, value)]];
    }),
  );

const valueOf = (field: Field, value: Value): Value => {
  if (typeof value === 'string') return field.kind === 'color' ? value.toLowerCase() : value.replaceAll('\r\n', '\n');
  if (field.kind === 'lines' && Array.isArray(value)) return value.filter((line) => line !== '').map(String);
  return value;
};
