/** The content as JSON, for programs: what visitors see and no more, derived from the declarations. Reading only. */
import type { Bluejay } from '../../bluejay.ts';
import type { Content } from '../../content/content.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { PageContext } from '../site-frame.ts';
import { publicRecord, type RecordReader } from './public-record.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const ROOT = '/api/content';
const PER_PAGE = 20;
const MOST_PER_PAGE = 100;

type ApiParts = Pick<Bluejay, 'site'> & { readonly content: Pick<Content, 'types' | 'type'> };

/**
 * `/api/content` names the types, `/api/content/product?page=2&perPage=50` lists records as the site orders them, and
 * `/api/content/product/7`, or its slug instead of the number, gives one. Kept and revalidated like pages.
 */
export const apiRoutes = (_server: unknown, { site, content }: ApiParts): void => {
  const types = content.types.filter(({ kind }) => kind === 'collection');
  const typeNamed = (name: string): ContentType => content.type(name);
  site.document(ROOT, JSON_TYPE, (context) => {
    const listed = types.map((type) => ({
      type: type.name,
      label: type.label.many,
      count: context.view.count(type, shownOnly(type)),
      url: `${context.origin}${ROOT}/${type.name}`,
    }));
    return write({ types: listed });
  });
  site.document(`${ROOT}/:type`, JSON_TYPE, (context, { type: name }) => {
    const type = types.find((one) => one.name === name);
    return type === undefined ? undefined : renderList({ context, typeNamed }, type);
  });
  site.document(`${ROOT}/:type/:key`, JSON_TYPE, (context, { type: name, key = '' }) => {
    const type = types.find((one) => one.name === name);
    const record = type === undefined ? undefined : findByKey(context, type, key);
    return type === undefined || record === undefined ? undefined : write(publicRecord({ context, typeNamed }, type, record));
  });
};

const renderList = (reader: RecordReader, type: ContentType): string | undefined => {
  const { view, origin, query } = reader.context;
  const page = wholeNumber(query('page'), 1);
  const perPage = Math.min(wholeNumber(query('perPage'), PER_PAGE) ?? 0, MOST_PER_PAGE);
  if (page === undefined || perPage < 1) return undefined;
  const total = view.count(type, shownOnly(type));
  const pages = Math.max(1, Math.ceil(total / perPage));
  if (page > pages) return undefined;
  const records: readonly AnyRecord[] = view.list(type, { ...shownOnly(type), limit: perPage, offset: (page - 1) * perPage });
  const next = page < pages ? `${origin}${ROOT}/${type.name}?page=${page + 1}&perPage=${perPage}` : null;
  return write({
    type: type.name,
    total,
    page,
    pages,
    next,
    records: records.map((record) => publicRecord(reader, type, record)),
  });
};

const findByKey = (context: PageContext, type: ContentType, key: string): AnyRecord | undefined => {
  const { view } = context;
  const record: AnyRecord | undefined = /^[1-9]\d{0,14}$/.test(key) ? view.find(type, Number(key)) : view.bySlug(type, key);
  return record === undefined || (hasSwitch(type) && record.fields['isActive'] !== true) ? undefined : record;
};

/** Types without drafts can have a switch instead. */
const hasSwitch = (type: ContentType): boolean => type.fields['isActive']?.kind === 'flag';
const shownOnly = (type: ContentType) => (hasSwitch(type) ? { where: { isActive: true } } : {});

/** undefined for what is no number from 1. */
const wholeNumber = (text: string | undefined, fallback: number): number | undefined => {
  if (text === undefined) return fallback;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
};

const write = (body: unknown): string => `${JSON.stringify(body)}\n`;
