/** Tables that a declaration asks for. Which steps lead there from what is, `plan-schema.ts` says. */
import { toColumn } from './column-values.ts';
import type { ContentType } from './content-type.ts';
import { defaultOf } from './defaults.ts';
import type { Field } from './field.ts';
import { childTable, linkTable, quoted, snakeCase } from './names.ts';
import { orderTerms } from './order.ts';

export type Column = {
  readonly name: string;
  readonly type: 'INTEGER' | 'TEXT';
  /** All that follows the type: `NOT NULL DEFAULT ''`. A column that is added later must be able to stand in existing rows. */
  readonly rule: string;
  /** The table whose ids it holds. */
  readonly refersTo?: string;
};

export type Index = {
  /** Made of what it holds, so that an index of the same name is the same index. */
  readonly name: string;
  readonly unique: boolean;
  /** `CREATE INDEX …` without IF NOT EXISTS. */
  readonly sql: string;
};

export type Table = {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Table constraints: a primary key over several columns. */
  readonly constraints: readonly string[];
  readonly indexes: readonly Index[];
};

/** In an order in which they can be created. */
export const declaredTables = (types: readonly ContentType[]): readonly Table[] =>
  types.flatMap((type) => [recordTable(type, types), ...childTables(type), ...linkTables(type, types)]);

const recordTable = (type: ContentType, types: readonly ContentType[]): Table => {
  const own = Object.entries(type.fields).filter(([, field]) => field.kind !== 'references');
  return {
    name: type.table,
    columns: [
      ID,
      { name: 'version', type: 'INTEGER', rule: 'NOT NULL DEFAULT 1' },
      ...(type.slug === undefined ? [] : [TEXT('slug')]),
      {
        name: 'status',
        type: 'TEXT',
        rule: `NOT NULL DEFAULT '${type.lifecycle === 'publication' ? 'draft' : 'published'}'`,
      },
      MOMENT('publish_at'),
      MOMENT('unpublish_at'),
      { name: 'position', type: 'INTEGER', rule: 'NOT NULL DEFAULT 0' },
      { name: 'created_at', type: 'INTEGER', rule: 'NOT NULL DEFAULT 0' },
      { name: 'updated_at', type: 'INTEGER', rule: 'NOT NULL DEFAULT 0' },
      { name: 'created_by', type: 'INTEGER', rule: '' },
      ...(type.seo === true ? [TEXT('seo_title'), TEXT('seo_description'), MOMENT('seo_image')] : []),
      ...own.map(([name, field]) => columnOf(name, field, types)),
    ],
    constraints: [],
    indexes: recordIndexes(type),
  };
};

const recordIndexes = (type: ContentType): readonly Index[] => {
  const { table } = type;
  const fields = Object.entries(type.fields);
  const order = orderTerms(type, [type.order]).join(', ');
  const ordered = `${snakeCase(type.order.by)}_${type.order.direction}`;
  const isPublished = type.lifecycle === 'publication' ? '"status", ' : '';
  const uniques = fields.filter(([, field]) => field.kind === 'text' && field.unique === true).map(([name]) => snakeCase(name));
  return [
    index(table, 'order', order, { name: ordered }),
    // A new record looks for the last place.
    ...(type.order.by === 'position' ? [] : [index(table, 'on', '"position"', { name: 'position' })]),
    ...(type.lifecycle === 'publication'
      ? [
          // What visitors see, in its order: else all that is published would be sorted for every page.
          index(table, 'order', `"status", ${order}`, { name: `status_${ordered}` }),
          index(table, 'on', '"status", "publish_at"', { name: 'status_publish_at' }),
          index(table, 'on', '"unpublish_at"', { name: 'unpublish_at', where: '"unpublish_at" IS NOT NULL' }),
        ]
      : []),
    // '' is "none" and may stand in several rows: a former release does not know a unique column that was added later.
    ...(type.slug === undefined ? [] : ['slug']).concat(uniques).map((column) =>
      index(table, 'one', `${quoted(column)} COLLATE NOCASE`, {
        name: column,
        unique: true,
        where: `${quoted(column)} <> ''`,
      }),
    ),
    // What few records say of themselves: else all would be read to find them.
    ...fields
      .filter(([, field]) => field.kind === 'flag' && field.column === true && field.default !== true)
      .map(([name]) => snakeCase(name))
      .map((column) =>
        index(table, 'order', `${isPublished}${order}`, {
          name: `${column}_${ordered}`,
          where: `${quoted(column)} = 1`,
        }),
      ),
    ...fields
      .filter(([, field]) => field.kind === 'reference')
      .map(([name]) => index(table, 'on', quoted(snakeCase(name)), { name: snakeCase(name) })),
  ];
};

const childTables = (type: ContentType): readonly Table[] =>
  Object.entries(type.children ?? {}).map(([list, { fields }]) => {
    const name = childTable(type, list);
    return {
      name,
      columns: [ID, ownerOf(type), POSITION, ...Object.entries(fields).map(([field, each]) => columnOf(field, each, []))],
      constraints: [],
      indexes: [index(name, 'on', '"record", "position"', { name: 'record_position' })],
    };
  });

const linkTables = (type: ContentType, types: readonly ContentType[]): readonly Table[] =>
  Object.entries(type.fields).flatMap(([field, each]) => {
    if (each.kind !== 'references') return [];
    const name = linkTable(type, field);
    return [
      {
        name,
        columns: [ownerOf(type), referring('target', tableNamed(types, each.to), 'ON DELETE CASCADE', 'NOT NULL '), POSITION],
        constraints: ['PRIMARY KEY (record, target)'],
        indexes: [index(name, 'on', '"target"', { name: 'target' })],
      },
    ];
  });

const columnOf = (name: string, field: Field, types: readonly ContentType[]): Column => {
  const column = snakeCase(name);
  switch (field.kind) {
    case 'reference':
      // The program asks before it deletes; this is for whoever deletes with something else.
      return referring(column, tableNamed(types, field.to), `ON DELETE ${field.onDelete === 'clear' ? 'SET NULL' : 'RESTRICT'}`);
    case 'number':
    case 'image':
    case 'file':
      return { name: column, type: 'INTEGER', rule: defaultRule(field) };
    case 'flag':
      return { name: column, type: 'INTEGER', rule: `NOT NULL ${defaultRule(field)}` };
    case 'date':
      return { name: column, type: 'TEXT', rule: '' };
    case 'text':
    case 'textarea':
    case 'richText':
    case 'choice':
    case 'color':
    case 'icon':
    case 'lines':
    case 'references':
      return { name: column, type: 'TEXT', rule: `NOT NULL ${defaultRule(field)}` };
  }
};

const defaultRule = (field: Field): string => {
  const value = toColumn(field, defaultOf(field));
  if (value === null) return '';
  return `DEFAULT ${typeof value === 'number' ? value : `'${value.replaceAll("'", "''")}'`}`;
};

const index = (
  table: string,
  purpose: 'order' | 'on' | 'one',
  columns: string,
  { name, unique = false, where }: { readonly name: string; readonly unique?: boolean; readonly where?: string },
): Index => {
  const full = `${table}__${purpose}_${name}`;
  return {
    name: full,
    unique,
    sql: `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoted(full)} ON ${quoted(table)} (${columns})${where === undefined ? '' : ` WHERE ${where}`}`,
  };
};

const tableNamed = (types: readonly ContentType[], name: string): string => {
  const type = types.find((one) => one.name === name);
  if (type === undefined) throw new TypeError(`no content type is called ${name}`);
  return type.table;
};

// Ids are never used twice: a revision, a link or an address that still names a deleted record must not find another one.
const ID: Column = { name: 'id', type: 'INTEGER', rule: 'PRIMARY KEY AUTOINCREMENT' };
const POSITION: Column = { name: 'position', type: 'INTEGER', rule: 'NOT NULL DEFAULT 0' };
const TEXT = (name: string): Column => ({ name, type: 'TEXT', rule: "NOT NULL DEFAULT ''" });
const MOMENT = (name: string): Column => ({ name, type: 'INTEGER', rule: '' });
const ownerOf = (type: ContentType): Column => referring('record', type.table, 'ON DELETE CASCADE', 'NOT NULL ');
const referring = (name: string, table: string, onDelete: string, before = ''): Column => ({
  name,
  type: 'INTEGER',
  rule: `${before}REFERENCES ${quoted(table)} (id) ${onDelete}`,
  refersTo: table,
});
