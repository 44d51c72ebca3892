/** The part of an address that names a record. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import type { ContentType } from './content-type.ts';
import { quoted } from './names.ts';

/** `Ultra-X 200 „Größe“` → `ultra-x-200-groesse`: ASCII, so that it survives every mail and every log. '' when nothing is left. */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[ßæœøłđðþäöü]/g, (letter) => SPELLED[letter] ?? letter)
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_LENGTH)
    .replace(/^-+|-+$/g, '');

/** What stands beside records under the same path. */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set(['search', 'suggest']);

/** Whether another record has it, or an address of the site: /products/search is no category. */
export const isSlugTaken = (database: DatabaseSync, type: ContentType, slug: string, exceptId = 0): boolean =>
  (type.page !== undefined && RESERVED_SLUGS.has(slug)) ||
  prepared(database, `SELECT 1 FROM ${quoted(type.table)} WHERE "slug" = ? COLLATE NOCASE AND "slug" <> '' AND "id" <> ?`).get(
    slug,
    exceptId,
  ) !== undefined;

/** One that is free, from a name: `pump`, `pump-2`, `pump-3`. A name in another script gives the type's: `product`. */
export const freeSlug = (database: DatabaseSync, type: ContentType, name: string): string => {
  const first = slugOf(name) || type.name;
  for (let number = 1; ; number += 1) {
    const slug = number === 1 ? first : `${first}-${number}`;
    if (!isSlugTaken(database, type, slug)) return slug;
  }
};

const MAX_LENGTH = 80;
const SPELLED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
};
