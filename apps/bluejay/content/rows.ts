/** Rows of the database as records. What editors see and what visitors see are both built on this. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import { fromColumn, type SqlValue } from './column-values.ts';
import type { AnyRecord, ChildRow, ContentType, RecordOf, Status } from './content-type.ts';
import type { Field, Value } from './field.ts';
import { childTable, linkTable, quoted, snakeCase } from './names.ts';
import { orderTerms } from './order.ts';

/** SQL in which the record's table is `r`: `where: 'r."category" = ?', params: [3]`. Names are quoted; values are params. */
export type RowQuery = {
  readonly where?: string;
  readonly params?: readonly SqlValue[];
  /** ORDER BY terms; default: the type's own order. */
  readonly order?: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
};

/** One query for the records, one for each child list and each link table: never one per record. */
export const loadRecords = <T extends ContentType>(
  database: DatabaseSync,
  type: T,
  query: RowQuery = {},
): readonly RecordOf<T>[] =>
  // Sorted are ids, not whole records with all their texts; then those of the page are read.
  query.limit === undefined ? loadAll(database, type, query) : findRecords(database, type, pageOfIds(database, type, query));

const pageOfIds = (database: DatabaseSync, type: ContentType, query: RowQuery): readonly number[] => {
  const { where = '1', params = [], order = orderTerms(type, [type.order], 'r.'), limit = -1, offset = 0 } = query;
  return prepared(
    database,
    `SELECT r."id" FROM ${quoted(type.table)} r WHERE ${where} ORDER BY ${order.join(', ')} LIMIT ? OFFSET ?`,
  )
    .all(...params, limit, offset)
    .map(({ id }) => Number(id));
};

const loadAll = <T extends ContentType>(database: DatabaseSync, type: T, query: RowQuery): readonly RecordOf<T>[] => {
  const { where = '1', params = [], order = orderTerms(type, [type.order], 'r.'), offset = 0 } = query;
  const rows = prepared(
    database,
    `SELECT ${COLUMNS(type)} FROM ${quoted(type.table)} r WHERE ${where}${order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`} LIMIT -1 OFFSET ?`,
  ).all(...params, offset);
  if (rows.length === 0) return [];
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const links = linksOf(database, type, ids);
  const children = childrenOf(database, type, ids);
  const records = rows.map((row): AnyRecord => {
    const id = Number(row['id']);
    return {
      ...factsOf(type, row),
      fields: Object.fromEntries(
        Object.entries(type.fields).map(([name, field]): [string, Value] => [
          name,
          field.kind === 'references' ? (links.get(name)?.get(id) ?? []) : fromColumn(field, row[snakeCase(name)]),
        ]),
      ),
      children: Object.fromEntries(Object.keys(type.children ?? {}).map((list) => [list, children.get(list)?.get(id) ?? []])),
    };
  });
  // The one place where what was read by a declaration is said to be what that declaration types.
  return records as unknown as readonly RecordOf<T>[];
};

export const findRecord = <T extends ContentType>(database: DatabaseSync, type: T, id: number): RecordOf<T> | undefined =>
  loadAll(database, type, { where: 'r."id" = ?', params: [id], order: [] })[0];

/** In the order of the ids; those that are not there are left out. */
export const findRecords = <T extends ContentType>(
  database: DatabaseSync,
  type: T,
  ids: readonly number[],
): readonly RecordOf<T>[] => {
  if (ids.length === 0) return [];
  const where = 'r."id" IN (SELECT value FROM json_each(?))';
  const found = loadAll(database, type, { where, params: [JSON.stringify(ids)], order: [] });
  const byId = new Map(found.map((record) => [record.id, record]));
  return ids.map((id) => byId.get(id)).filter((record) => record !== undefined);
};

export const countRecords = (
  database: DatabaseSync,
  type: ContentType,
  { where = '1', params = [] }: Pick<RowQuery, 'where' | 'params'> = {},
): number => {
  const row = prepared(database, `SELECT count(*) AS n FROM ${quoted(type.table)} r WHERE ${where}`).get(...params);
  return Number(row?.['n'] ?? 0);
};

type Row = Readonly<Record<string, SQLOutputValue>>;

/** By name, never `*`: a column that a former release left behind is none of ours. */
const COLUMNS = (type: ContentType): string =>
  [
    ...['id', 'version', 'status', 'publish_at', 'unpublish_at', 'position', 'created_at', 'updated_at', 'created_by'],
    ...(type.slug === undefined ? [] : ['slug']),
    ...(type.seo === true ? ['seo_title', 'seo_description', 'seo_image'] : []),
    ...columnNames(type.fields),
  ]
    .map((name) => `r.${quoted(name)}`)
    .join(', ');

const columnNames = (fields: Readonly<Record<string, Field>>): readonly string[] =>
  Object.entries(fields)
    .filter(([, field]) => field.kind !== 'references')
    .map(([name]) => snakeCase(name));

const factsOf = (type: ContentType, row: Row): Omit<AnyRecord, 'fields' | 'children'> => ({
  id: Number(row['id']),
  version: Number(row['version']),
  slug: String(row['slug'] ?? ''),
  status: type.lifecycle === 'always' ? 'published' : (String(row['status']) as Status),
  publishAtMs: numberOrNull(row['publish_at']),
  unpublishAtMs: numberOrNull(row['unpublish_at']),
  position: Number(row['position']),
  createdAtMs: Number(row['created_at']),
  updatedAtMs: Number(row['updated_at']),
  createdBy: numberOrNull(row['created_by']),
  seo: {
    title: String(row['seo_title'] ?? ''),
    description: String(row['seo_description'] ?? ''),
    image: numberOrNull(row['seo_image']),
  },
});

const numberOrNull = (stored: SQLOutputValue | undefined): number | null =>
  stored === null || stored === undefined ? null : Number(stored);

/** Field → record → targets in their order. */
const linksOf = (database: DatabaseSync, type: ContentType, ids: string): Map<string, Map<number, number[]>> => {
  const links = new Map<string, Map<number, number[]>>();
  for (const [name, field] of Object.entries(type.fields)) {
    if (field.kind !== 'references') continue;
    const rows = prepared(
      database,
      `SELECT record, target FROM ${quoted(linkTable(type, name))} WHERE record IN (SELECT value FROM json_each(?)) ORDER BY record, position, target`,
    ).all(ids);
    links.set(
      name,
      grouped(rows, ({ target }) => Number(target)),
    );
  }
  return links;
};

/** List → record → rows in their order. */
const childrenOf = (database: DatabaseSync, type: ContentType, ids: string): Map<string, Map<number, ChildRow[]>> => {
  const lists = new Map<string, Map<number, ChildRow[]>>();
  for (const [list, { fields }] of Object.entries(type.children ?? {})) {
    const columns = ['id', 'record', ...columnNames(fields)].map(quoted).join(', ');
    const rows = prepared(
      database,
      `SELECT ${columns} FROM ${quoted(childTable(type, list))} WHERE record IN (SELECT value FROM json_each(?)) ORDER BY record, position, id`,
    ).all(ids);
    lists.set(
      list,
      grouped(rows, (row): ChildRow => {
        const values = Object.entries(fields).map(([name, field]) => [name, fromColumn(field, row[snakeCase(name)])]);
        return { id: Number(row['id']), ...(Object.fromEntries(values) as Record<string, Value>) };
      }),
    );
  }
  return lists;
};

const grouped = <V>(rows: readonly Row[], valueOf: (row: Row) => V): Map<number, V[]> => {
  const groups = new Map<number, V[]>();
  for (const row of rows) {
    const record = Number(row['record']);
    const group = groups.get(record);
    if (group === undefined) groups.set(record, [valueOf(row)]);
    else group.push(valueOf(row));
  }
  return groups;
};
