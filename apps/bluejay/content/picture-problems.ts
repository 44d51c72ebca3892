/** A picture that is shown is described, or said to be decoration: who does not see it is told, or is not told about nothing. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { AnyRecord, ContentType } from './content-type.ts';
import type { FieldProblem } from './draft.ts';
import type { Field, Value } from './field.ts';
import { mediaIn } from './media-uses.ts';
import type { Complete } from './snapshot.ts';

type Save = { readonly type: ContentType; readonly before: AnyRecord | undefined; readonly complete: Complete };

/** Of pictures that the save brings in; what was there before stays, so that nobody is kept from mending a text. */
export const pictureProblems = (database: DatabaseSync, { type, before, complete }: Save): readonly FieldProblem[] => {
  const present = new Set(before === undefined ? [] : mediaIn(type, before));
  const problemOf = (field: string, id: number | null): readonly FieldProblem[] => {
    const message = id === null || present.has(id) ? undefined : complaint(database, id);
    return message === undefined ? [] : [{ field, message }];
  };
  const inFields = (fields: Readonly<Record<string, Field>>, values: Readonly<Record<string, Value>>, path: string) =>
    Object.entries(fields).flatMap(([name, { kind }]) => {
      const value = values[name];
      return kind === 'image' && typeof value === 'number' ? problemOf(path + name, value) : [];
    });
  const inRows = Object.entries(type.children ?? {}).flatMap(([list, { fields }]) =>
    (complete.children[list] ?? []).flatMap((row, index) => {
      const { id: _, ...values } = row;
      return inFields(fields, values as Readonly<Record<string, Value>>, `${list}.${index}.`);
    }),
  );
  return [...inFields(type.fields, complete.fields, ''), ...inRows, ...problemOf('seo.image', complete.seo.image)];
};

/** Nothing of a file that is not there: it shows nothing either. */
const complaint = (database: DatabaseSync, id: number): string | undefined => {
  const row = prepared(database, 'SELECT kind, alt, is_decorative FROM media_files WHERE id = ?').get(id);
  if (row === undefined) return undefined;
  if (row['kind'] !== 'image') return 'This file is no picture.';
  if (row['alt'] !== '' || row['is_decorative'] === 1) return undefined;
  return 'This picture has no description yet: write one in the media library, or mark it there as decoration.';
};
