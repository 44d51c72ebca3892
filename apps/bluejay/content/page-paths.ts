/** Where records are shown: `/products/:category/:slug` and what stands for its parts. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { SqlValue } from './column-values.ts';
import type { ContentType } from './content-type.ts';
import { quoted, snakeCase } from './names.ts';
import { type Standpoint, visibleCondition } from './visibility.ts';

export type TypesByName = ReadonlyMap<string, ContentType>;

/** SQL that adds the parts of a page's path to the rows of table `r`, and leaves out those that have no page now. */
export type PathParts = {
  /** `r."slug" AS "part_slug", …` */
  readonly columns: string;
  /** JOINs of what the parts name; its params come before those of the WHERE. */
  readonly joins: string;
  readonly params: readonly SqlValue[];
  /** For the tags: which record of which type stands behind a part, as columns `by_<field>`. */
  readonly references: readonly { readonly column: string; readonly type: ContentType }[];
};

/** What a page's path names besides the record itself, and the column that does. */
export const pathTargets = (
  type: ContentType,
  types: TypesByName,
): readonly { readonly name: string; readonly column: string; readonly type: ContentType }[] =>
  parametersOf(type.page ?? '')
    .filter((name) => name !== 'slug')
    .map((name) => {
      const field = type.fields[name];
      const target = field?.kind === 'reference' ? types.get(field.to) : undefined;
      if (target === undefined) throw new TypeError(`${type.name} has no page without :${name}`);
      return { name, column: snakeCase(name), type: target };
    });

/** undefined for a type without pages. */
export const pathPartsOf = (type: ContentType, types: TypesByName, standpoint: Standpoint): PathParts | undefined => {
  if (type.page === undefined) return undefined;
  const targets = pathTargets(type, types).map((target) => {
    const alias = quoted(`to_${target.name}`);
    return { ...target, alias, visible: visibleCondition(target.type, standpoint, { alias, asked: 'one' }) };
  });
  return {
    columns: [
      type.slug === undefined ? `'' AS "part_slug"` : 'r."slug" AS "part_slug"',
      ...targets.flatMap(({ name, alias }) => [
        `${alias}."slug" AS ${quoted(`part_${name}`)}`,
        `${alias}."id" AS ${quoted(`by_${name}`)}`,
      ]),
    ].join(', '),
    joins: targets
      .map(
        ({ alias, column, type: target, visible }) =>
          `JOIN ${quoted(target.table)} ${alias} ON ${alias}."id" = r.${quoted(column)} AND ${visible.sql}`,
      )
      .join(' '),
    params: targets.flatMap(({ visible }) => visible.params),
    references: targets.map(({ name, type: target }) => ({ column: `by_${name}`, type: target })),
  };
};

/** Of a row that was read with `PathParts`; undefined when a part is empty. */
export const pathFrom = (page: string, row: Readonly<Record<string, SQLOutputValue>>): string | undefined => {
  let isWhole = true;
  const path = page.replace(/:(\w+)/g, (_, name: string) => {
    const part = String(row[`part_${name}`] ?? '');
    isWhole &&= part !== '';
    return encodeURIComponent(part);
  });
  return isWhole ? path : undefined;
};

/** The path of one record and the tags of what it hangs on. */
export const findPath = (
  database: DatabaseSync,
  type: ContentType,
  { id, types, standpoint }: { readonly id: number; readonly types: TypesByName; readonly standpoint: Standpoint },
): { readonly path: string; readonly tags: readonly string[] } | undefined => {
  const parts = pathPartsOf(type, types, standpoint);
  if (type.page === undefined || parts === undefined) return undefined;
  const visible = visibleCondition(type, standpoint, { asked: 'one' });
  const row = prepared(
    database,
    `SELECT ${parts.columns} FROM ${quoted(type.table)} r ${parts.joins} WHERE r."id" = ? AND ${visible.sql}`,
  ).get(...parts.params, id, ...visible.params);
  const path = row === undefined ? undefined : pathFrom(type.page, row);
  if (row === undefined || path === undefined) return undefined;
  return { path, tags: parts.references.map(({ column, type: target }) => `${target.name}:${row[column]}`) };
};

/** The slug that an address gives to a page of the type; undefined when the address is not of that kind. */
export const slugIn = (page: string, path: string): string | undefined => {
  const pattern = new RegExp(
    `^${page.replace(/:(\w+)/g, (_, name: string) => (name === 'slug' ? '(?<slug>[^/]+)' : '[^/]+'))}/?$`,
  );
  const slug = pattern.exec(path)?.groups?.['slug'];
  if (slug === undefined) return undefined;
  try {
    return decodeURIComponent(slug);
  } catch {
    // A percent sign that encodes nothing: no address of ours.
    return undefined;
  }
};

const parametersOf = (page: string): readonly string[] => Array.from(page.matchAll(/:(\w+)/g), ([, name = '']) => name);
