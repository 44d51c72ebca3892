/** What a list of the panel is asked for: parsed from its address, and written back into the addresses that it contains. */
import type { ContentType } from '../../content/content-type.ts';
import type { ListQuery } from '../../content/content.ts';
import type { Field } from '../../content/field.ts';
import { idSent, textSent } from '../sent.ts';

export type Column = { readonly name: string; readonly field: Field };

const STATUSES = ['draft', 'published', 'scheduled', 'archived'] as const;
const DEFAULT_PER_PAGE = 15;
const FILTERED = ['reference', 'choice', 'flag'];
/** Sorting by these would follow numbers that nobody sees. */
const UNSORTED = ['reference', 'references', 'image', 'file', 'lines', 'richText', 'icon', 'color'];

export const columnsOf = (type: ContentType): readonly Column[] =>
  Object.entries(type.fields)
    .map(([name, field]) => ({ name, field }))
    .filter(({ field }) => field.column === true);

export const filtersOf = (type: ContentType): readonly Column[] =>
  columnsOf(type).filter(({ field }) => FILTERED.includes(field.kind));

export const isSortable = ({ field }: Column): boolean => !UNSORTED.includes(field.kind);

/** Whatever makes no sense is left out: an old bookmark still shows a list. */
export const parseListQuery = (type: ContentType, query: unknown): ListQuery => {
  const search = textSent(query, 'q').slice(0, 100);
  const status = STATUSES.find((one) => one === textSent(query, 'status'));
  const where = Object.fromEntries(
    filtersOf(type).flatMap((column) => {
      const value = filterValue(column, textSent(query, `field.${column.name}`));
      return value === undefined ? [] : [[column.name, value] as const];
    }),
  );
  const by = textSent(query, 'sort');
  const isKnown =
    by === 'updatedAt' || by === type.title || columnsOf(type).some((column) => column.name === by && isSortable(column));
  const direction = textSent(query, 'dir') === 'desc' ? 'descending' : 'ascending';
  return {
    ...(search !== '' && { search }),
    ...(status !== undefined && type.lifecycle === 'publication' && { status }),
    ...(Object.keys(where).length > 0 && { where }),
    ...(isKnown && { order: { by, direction } }),
    page: Math.min(idSent(textSent(query, 'page')) ?? 1, 1_000_000),
    perPage: type.admin.perPage ?? DEFAULT_PER_PAGE,
  };
};

/** Whether it shows all records as the type orders them: only then can they be ordered by hand. */
export const isWhole = (query: ListQuery): boolean => !isFiltered(query) && query.order === undefined;

/** Whether some records are left out. */
export const isFiltered = ({ search, status, where }: ListQuery): boolean =>
  search !== undefined || status !== undefined || where !== undefined;

/** The address of the same list with some of it changed; back on the first page unless that is what changes. */
export const listPath = (type: ContentType, query: ListQuery, change: Partial<ListQuery> = {}): string => {
  const { search, status, where = {}, order, page = 1 } = { ...query, page: 1, ...change };
  const parameters = new URLSearchParams();
  if (search !== undefined) parameters.set('q', search);
  if (status !== undefined) parameters.set('status', status);
  for (const [name, value] of Object.entries(where)) parameters.set(`field.${name}`, valueText(value));
  if (order !== undefined) parameters.set('sort', order.by);
  if (order?.direction === 'descending') parameters.set('dir', 'desc');
  if (page > 1) parameters.set('page', String(page));
  const text = parameters.toString();
  return `/admin/${type.admin.path}${text === '' ? '' : `?${text}`}`;
};

/** A value of a filter as its input holds it. */
export const valueText = (value: string | number | boolean): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
};

const filterValue = ({ field }: Column, text: string): string | number | boolean | undefined => {
  if (text === '') return undefined;
  if (field.kind === 'reference') return idSent(text);
  if (field.kind === 'flag') return text === 'yes' || text === 'no' ? text === 'yes' : undefined;
  return field.kind === 'choice' && field.options.some(({ value }) => value === text) ? text : undefined;
};
