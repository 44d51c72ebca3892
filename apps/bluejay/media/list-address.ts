/** What the address of a list of files says, and the address that says it. */
import { textSent } from '../admin/sent.ts';
import type { MediaKind, MediaQuery, MediaSort } from './media.ts';

export const SORTS: Readonly<Record<MediaSort, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  name: 'By name',
  largest: 'Largest first',
};

export const KINDS: Readonly<Record<MediaKind, string>> = { image: 'Pictures', document: 'Documents' };

export type ListView = 'grid' | 'list';

export const readListQuery = (query: unknown): MediaQuery & { readonly page: number } => {
  const search = (textSent(query, 'search') || textSent(query, 'q')).slice(0, 100);
  const sort = textSent(query, 'sort');
  const kind = textSent(query, 'kind');
  const page = Number(textSent(query, 'page'));
  return {
    ...(search !== '' && { search }),
    ...(isKey(SORTS, sort) && { sort }),
    ...(isKey(KINDS, kind) && { kind }),
    ...(textSent(query, 'undescribed') === '1' && { undescribed: true }),
    page: Number.isSafeInteger(page) && page > 0 ? Math.min(page, 1_000_000) : 1,
  };
};

export const readView = (query: unknown): ListView => (textSent(query, 'view') === 'list' ? 'list' : 'grid');

export const listAddress = (base: string, query: MediaQuery, view: ListView = 'grid'): string => {
  const words = new URLSearchParams();
  if (query.search !== undefined) words.set('search', query.search);
  if (query.sort !== undefined) words.set('sort', query.sort);
  if (query.kind !== undefined) words.set('kind', query.kind);
  if (query.undescribed === true) words.set('undescribed', '1');
  if (view === 'list') words.set('view', view);
  if (query.page !== undefined && query.page > 1) words.set('page', String(query.page));
  return words.size === 0 ? base : `${base}?${words.toString()}`;
};

const isKey = <K extends string>(table: Readonly<Record<K, unknown>>, key: string): key is K => Object.hasOwn(table, key);
