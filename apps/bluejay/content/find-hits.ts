/** The site's search: which visible records have the words, best first. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { ContentType } from './content-type.ts';
import type { SearchHit } from './content-view.ts';
import { quoted } from './names.ts';
import { pathFrom, pathPartsOf, type TypesByName } from './page-paths.ts';
import { type Standpoint, visibleCondition } from './visibility.ts';

export type Searched = { readonly database: DatabaseSync; readonly types: TypesByName; readonly standpoint: Standpoint };

/**
 * What visitors type as a question to FTS5: each word quoted, so that nothing of it is syntax; all of them, the last one as the
 * beginning of a word, since it may still be being typed. undefined when there is no word in it.
 */
export const searchExpression = (typed: string): string | undefined => {
  const words = (typed.slice(0, MOST_CHARACTERS).match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? []).slice(0, MOST_WORDS);
  return words.length === 0 ? undefined : `${words.map((word) => `"${word}"`).join(' ')}*`;
};

/** Of one type, the best `limit` of them, with what they score: lower is better, and types can be compared. */
export const findHits = (
  { database, types, standpoint }: Searched,
  type: ContentType,
  { expression, limit }: { readonly expression: string; readonly limit: number },
): readonly (Omit<SearchHit, 'excerpt'> & { readonly rank: number; readonly document: number })[] => {
  const query = queryOf(type, types, standpoint);
  if (query === undefined) return [];
  return prepared(
    database,
    `SELECT d.id AS document, d.record, search_index.title, bm25(search_index, ${TITLE_WEIGHT}, 1.0) AS rank, ${query.columns} ${query.from} ORDER BY rank, d.record LIMIT ?`,
  )
    .all(...query.joinParams, expression, type.name, ...query.params, limit)
    .map((row) => ({
      type,
      id: Number(row['record']),
      title: String(row['title']),
      path: pathFrom(type.page ?? '', row) ?? '',
      rank: Number(row['rank']),
      document: Number(row['document']),
    }));
};

export const countHitsOf = ({ database, types, standpoint }: Searched, type: ContentType, expression: string): number => {
  const query = queryOf(type, types, standpoint);
  if (query === undefined) return 0;
  const row = prepared(database, `SELECT count(*) AS n ${query.from}`).get(
    ...query.joinParams,
    expression,
    type.name,
    ...query.params,
  );
  return Number(row?.['n'] ?? 0);
};

/** Words around what was found, with [[ and ]]; brackets of the text itself are not doubled, so that both can be told apart. */
export const excerptOf = (database: DatabaseSync, document: number, expression: string): string => {
  // FTS5 takes no notice of a rowid that is bound as a float, and numbers of JavaScript are.
  const row = prepared(
    database,
    `SELECT snippet(search_index, 1, char(2), char(3), '…', ${EXCERPT_TOKENS}) AS excerpt FROM search_index WHERE search_index MATCH ? AND rowid = CAST(? AS INTEGER)`,
  ).get(expression, document);
  return String(row?.['excerpt'] ?? '')
    .replace(/\s+/g, ' ')
    .replace(/\[(?=\[)|\](?=\])/g, (bracket) => `${bracket} `)
    .replaceAll('\u0002', '[[')
    .replaceAll('\u0003', ']]');
};

/** A title that has the word says more than a text that has it ten times. */
const TITLE_WEIGHT = '10.0';
const EXCERPT_TOKENS = 24;
const MOST_CHARACTERS = 200;
const MOST_WORDS = 10;

const queryOf = (type: ContentType, types: TypesByName, standpoint: Standpoint) => {
  const parts = type.search === undefined ? undefined : pathPartsOf(type, types, standpoint);
  if (parts === undefined) return undefined;
  const visible = visibleCondition(type, standpoint);
  const hasSlug = type.slug === undefined ? '' : ` AND r."slug" <> ''`;
  return {
    columns: parts.columns,
    // In this order: the words first, then what they are of, then whether it may be seen.
    from: `FROM search_index CROSS JOIN search_documents d ON d.id = search_index.rowid CROSS JOIN ${quoted(type.table)} r ON r."id" = d.record ${parts.joins} WHERE search_index MATCH ? AND d.type = ? AND ${visible.sql}${hasSlug}`,
    joinParams: parts.params,
    params: visible.params,
  };
};
