/** Which files of the media library a record shows: kept beside it, so that "used in" is one look into an index. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { ContentType } from './content-type.ts';
import type { Field, Value } from './field.ts';
import type { Complete } from './snapshot.ts';

/** In fields, child rows, the picture for previews of links, and rich texts (`data-media="7"`, links to `/media/7` and `/downloads/7/…`). Ascending. */
export const mediaIn = (
  type: ContentType,
  { fields, children, seo }: Pick<Complete, 'fields' | 'children' | 'seo'>,
): readonly number[] => {
  const found = new Set(seo.image === null ? [] : [seo.image]);
  collect(type.fields, fields, found);
  for (const [list, child] of Object.entries(type.children ?? {}))
    for (const row of children[list] ?? []) collect(child.fields, row, found);
  return [...found].sort((one, other) => one - other);
};

/** Called inside the transaction that saves. */
export const keepMediaUses = (database: DatabaseSync, type: ContentType, id: number, media: readonly number[]): void => {
  prepared(database, 'DELETE FROM media_uses WHERE type = ? AND record = ?').run(type.name, id);
  for (const each of media)
    prepared(database, 'INSERT INTO media_uses (media, type, record) VALUES (?, ?, ?)').run(each, type.name, id);
};

/** Records by type that use the file. */
export const findMediaUses = (database: DatabaseSync, media: number): readonly { readonly type: string; readonly id: number }[] =>
  prepared(database, 'SELECT type, record FROM media_uses WHERE media = ? ORDER BY type, record')
    .all(media)
    .map((row) => ({ type: String(row['type']), id: Number(row['record']) }));

const collect = (
  fields: Readonly<Record<string, Field>>,
  values: Readonly<Record<string, Value | undefined>>,
  found: Set<number>,
): void => {
  for (const [name, { kind }] of Object.entries(fields)) {
    const value = values[name];
    if ((kind === 'image' || kind === 'file') && typeof value === 'number') found.add(value);
    if (kind === 'richText' && typeof value === 'string')
      for (const match of value.matchAll(IN_RICH_TEXT)) found.add(Number(match[1] ?? match[2]));
  }
};

const IN_RICH_TEXT = /\bdata-media="(\d{1,15})"|="\/(?:media|downloads)\/(\d{1,15})\b/g;
