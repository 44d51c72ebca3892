/** `where` of a list, by declared fields, as SQL. */
import { type SqlValue, toColumn } from './column-values.ts';
import type { ContentType } from './content-type.ts';
import { linkTable, quoted, snakeCase } from './names.ts';

export type Condition = { readonly sql: string; readonly params: readonly SqlValue[] };

export type WhereFields = Readonly<Record<string, string | number | boolean>>;

/** The record's table is `r`. `references` contain the value; other fields, `id` and `slug` are equal to it. Throws for an unknown name. */
export const fieldConditions = (type: ContentType, where: WhereFields): readonly Condition[] =>
  Object.entries(where).map(([name, value]): Condition => {
    if (name === 'id' || (name === 'slug' && type.slug !== undefined))
      return { sql: `r.${quoted(name)} = ?`, params: [typeof value === 'boolean' ? Number(value) : value] };
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    if (field === undefined) throw new TypeError(`${type.name} has no field ${name}`);
    if (field.kind === 'references')
      return {
        sql: `r."id" IN (SELECT record FROM ${quoted(linkTable(type, name))} WHERE target = ?)`,
        params: [Number(value)],
      };
    const column = `r.${quoted(snakeCase(name))}`;
    // Said, not bound: only then does SQLite know that an index of those that are true has them all.
    if (field.kind === 'flag') return { sql: `${column} = ${TRUE.has(value) ? 1 : 0}`, params: [] };
    // SQLite takes what is not a number, from the text of an address, as NULL: equal to nothing.
    return { sql: `${column} = ?`, params: [toColumn(field, value)] };
  });

/** All of them; the constant truth for none. */
export const allOf = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => `(${sql})`).join(' AND ') || '1',
  params: conditions.flatMap(({ params }) => params),
});

const TRUE: ReadonlySet<string | number | boolean> = new Set([true, 1, '1', 'true', 'on']);
