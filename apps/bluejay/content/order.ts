/** In which order records come. */
import type { ContentType, Order } from './content-type.ts';
import { quoted, snakeCase } from './names.ts';

/**
 * Terms for ORDER BY, the id last so that equal ones keep their places from page to page. `prefix` is the alias of the table: `r.`.
 * The first order's terms are those of an index when it is the type's own. Throws for a name that cannot be sorted by.
 */
export const orderTerms = (type: ContentType, orders: readonly Order[], prefix = ''): readonly string[] => {
  const last = orders.at(-1)?.direction ?? 'ascending';
  return [
    ...orders.map(({ by, direction }) => `${expression(type, by, prefix)} ${DIRECTIONS[direction]}`),
    `${prefix}"id" ${DIRECTIONS[last]}`,
  ];
};

/** Whether records can be sorted by it: a word that came in an address. */
export const canSortBy = (type: ContentType, by: string): boolean =>
  by === 'publishedAt' || Object.hasOwn(FACTS, by) || (Object.hasOwn(type.fields, by) && type.fields[by]?.kind !== 'references');

const DIRECTIONS = { ascending: 'ASC', descending: 'DESC' } as const;

const FACTS: Readonly<Record<string, string>> = {
  id: 'id',
  slug: 'slug',
  status: 'status',
  position: 'position',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
};

const expression = (type: ContentType, by: string, prefix: string): string => {
  // What is always visible appeared when it was made.
  if (by === 'publishedAt') return `${prefix}${quoted(type.lifecycle === 'publication' ? 'publish_at' : 'created_at')}`;
  const fact = FACTS[by];
  if (fact !== undefined && Object.hasOwn(FACTS, by)) return `${prefix}${quoted(fact)}`;
  const field = Object.hasOwn(type.fields, by) ? type.fields[by] : undefined;
  if (field === undefined || field.kind === 'references') throw new TypeError(`${type.name} cannot be sorted by ${by}`);
  const column = `${prefix}${quoted(snakeCase(by))}`;
  const isWords = field.kind === 'text' || field.kind === 'textarea' || field.kind === 'richText';
  return isWords ? `${column} COLLATE NOCASE` : column;
};
