/** What things are called in the database. */
import type { ContentType } from './content-type.ts';

type Named = Pick<ContentType, 'table'>;

/** `primaryImage` → `primary_image`, `addressLine1` → `address_line1`. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** As an identifier in SQL. Names come from declarations, never from requests. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Rows of a child list: id, record, position and its fields. */
export const childTable = (type: Named, list: string): string => `${type.table}_${snakeCase(list)}`;

/** What a `references` field names: record, target, position. */
export const linkTable = (type: Named, field: string): string => `${type.table}_${snakeCase(field)}`;
