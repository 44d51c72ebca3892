/** Which records visitors see, as SQL. There is no job that makes things visible: the question holds the moment. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { Condition } from './conditions.ts';
import type { ContentType } from './content-type.ts';
import type { ViewOptions } from './content-view.ts';
import { quoted } from './names.ts';

/** Who looks, and when. */
export type Standpoint = { readonly nowMs: number; readonly drafts?: ViewOptions['drafts'] };

/**
 * Of the table with the alias. Editors' previews (`drafts: 'all'`) list what is published now or could be: not what was archived
 * or has ended; asked for by id or slug (`one`) they see that too.
 */
export const visibleCondition = (
  type: ContentType,
  { nowMs, drafts }: Standpoint,
  { alias = 'r', asked = 'list' }: { readonly alias?: string; readonly asked?: 'list' | 'one' } = {},
): Condition => {
  if (type.lifecycle === 'always') return { sql: '1', params: [] };
  // Not `IS NULL OR …`: with an OR the database gives up the order of its indexes and sorts everything.
  const notEnded = `ifnull(${alias}."unpublish_at", ${NEVER_MS}) > ?`;
  if (drafts === 'all')
    return asked === 'one'
      ? { sql: '1', params: [] }
      : { sql: `(${alias}."status" <> 'archived' AND ${notEnded})`, params: [nowMs] };
  const visible = `${alias}."status" = 'published' AND ifnull(${alias}."publish_at", 0) <= ? AND ${notEnded}`;
  return drafts?.type === type.name
    ? { sql: `(${visible} OR ${alias}."id" = ?)`, params: [nowMs, nowMs, drafts.id] }
    : { sql: `(${visible})`, params: [nowMs, nowMs] };
};

/** Later than any year that a form takes. */
const NEVER_MS = 8_640_000_000_000_000;

/** The first moment after now at which one that fits the condition (table `r`) appears or vanishes by its schedule. */
export const nextChangeMs = (
  database: DatabaseSync,
  type: ContentType,
  { nowMs }: Standpoint,
  condition: Condition,
): number | null => {
  if (type.lifecycle === 'always') return null;
  const [appears, vanishes] = (['publish_at', 'unpublish_at'] as const).map((column) => {
    // Those with such a moment before them are few: they are found first. The plus keeps the database from finding those that end
    // by their status, which most share; those that appear have an index over both.
    const status = column === 'publish_at' ? '"status"' : '+"status"';
    const row = prepared(
      database,
      `WITH due AS MATERIALIZED (SELECT "id", ${quoted(column)} AS at FROM ${quoted(type.table)} WHERE ${quoted(column)} > ? AND ${status} = 'published')
       SELECT min(due.at) AS at FROM due CROSS JOIN ${quoted(type.table)} r ON r."id" = due."id" WHERE ${condition.sql}`,
    ).get(nowMs, ...condition.params);
    return row?.['at'] === null || row === undefined ? Infinity : Number(row['at']);
  });
  const first = Math.min(appears ?? Infinity, vanishes ?? Infinity);
  return first === Infinity ? null : first;
};
