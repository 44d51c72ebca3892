/** The list of the panel: filters, words, order, pages. */
import type { DatabaseSync } from 'node:sqlite';
import { containing } from '../store/like.ts';
import { allOf, type Condition, fieldConditions } from './conditions.ts';
import type { ListPage, ListQuery } from './content.ts';
import type { ContentType, RecordOf } from './content-type.ts';
import { quoted, snakeCase } from './names.ts';
import { canSortBy, orderTerms } from './order.ts';
import { countRecords, loadRecords } from './rows.ts';

/** A page beyond the last one is the last one. An order that the type does not know is its own. */
export const listRecords = <T extends ContentType>(
  database: DatabaseSync,
  type: T,
  { query, nowMs }: { readonly query: ListQuery; readonly nowMs: number },
): ListPage<RecordOf<T>> => {
  const { sql: where, params } = allOf(conditionsOf(type, query, nowMs));
  const total = countRecords(database, type, { where, params });
  const perPage = Math.max(1, Math.trunc(query.perPage ?? type.admin.perPage ?? DEFAULT_PER_PAGE));
  const pages = Math.max(1, Math.ceil(total / perPage));
  const page = Math.min(pages, Math.max(1, Math.trunc(query.page ?? 1)));
  const order = query.order !== undefined && canSortBy(type, query.order.by) ? query.order : type.order;
  return {
    records: loadRecords(database, type, {
      where,
      params,
      order: orderTerms(type, [order], 'r.'),
      limit: perPage,
      offset: (page - 1) * perPage,
    }),
    total,
    page,
    pages,
  };
};

const DEFAULT_PER_PAGE = 15;
/** More words than that say no more, and cost a scan each. */
const MAX_WORDS = 8;

const conditionsOf = (type: ContentType, query: ListQuery, nowMs: number): readonly Condition[] => [
  ...fieldConditions(type, query.where ?? {}),
  ...statusCondition(type, query.status, nowMs),
  ...(query.createdBy === undefined ? [] : [{ sql: 'r."created_by" = ?', params: [query.createdBy] }]),
  ...wordConditions(type, query.search ?? ''),
];

const statusCondition = (type: ContentType, status: ListQuery['status'], nowMs: number): readonly Condition[] => {
  if (status === undefined || type.lifecycle === 'always') return [];
  if (status === 'scheduled') return [{ sql: `r."status" = 'published' AND r."publish_at" > ?`, params: [nowMs] }];
  if (status === 'published')
    return [{ sql: `r."status" = 'published' AND (r."publish_at" IS NULL OR r."publish_at" <= ?)`, params: [nowMs] }];
  return [{ sql: 'r."status" = ?', params: [status] }];
};

/** Each word somewhere in the title, the slug, or a text that is a column of the list. */
const wordConditions = (type: ContentType, search: string): readonly Condition[] => {
  const columns = [
    ...(type.slug === undefined ? [] : ['slug']),
    ...Object.entries(type.fields)
      .filter(([name, { kind, column }]) => (kind === 'text' || kind === 'textarea') && (column === true || name === type.title))
      .map(([name]) => snakeCase(name)),
  ];
  const words = search
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS);
  if (columns.length === 0) return [];
  return words.map((word) => ({
    sql: columns.map((column) => `r.${quoted(column)} LIKE ? ESCAPE '\\'`).join(' OR '),
    params: columns.map(() => containing(word)),
  }));
};
