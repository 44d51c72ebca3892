/** What a site has besides records: menus, old addresses, and what visitors sent. Each all or nothing, and never twice. */
import type { DatabaseSync } from 'node:sqlite';
import { checkValue } from '../content/check-value.ts';
import type { Content } from '../content/content.ts';
import { ContentError } from '../content/errors.ts';
import { keepForeignAddress } from '../content/redirects.ts';
import { openDownloads } from '../leads/downloads.ts';
import { INQUIRIES, openSubmissions, STATUSES } from '../leads/submissions.ts';
import { LINK_TYPES } from '../navigation/menu.ts';
import { createMenus } from '../navigation/menus.ts';
import { NAVIGATION_TAG } from '../navigation/read-menu.ts';
import { prepared } from '../store/statements.ts';
import { inTransaction } from '../store/transaction.ts';
import type { IdMap } from './local-ids.ts';
import type { Outcome } from './report.ts';
import { asList, asObject, momentIn, numberIn, own, textIn, type Untrusted } from './untrusted.ts';

export type FactsIntake = {
  /** Throws a ContentError for what cannot be stored, like those below. */
  menu(menu: Untrusted): Outcome;
  redirect(redirect: Untrusted): Outcome;
  submission(submission: Untrusted): Outcome;
  download(download: Untrusted): Outcome;
};

type Options = {
  readonly database: DatabaseSync;
  readonly content: Pick<Content, 'types' | 'announce'>;
  readonly now: () => number;
  /** From those of the file. */
  readonly ids: IdMap;
};

export const createFactsIntake = ({ database, content, now, ids }: Options): FactsIntake => ({
  menu(given) {
    const menus = createMenus(database, now);
    const wanted = readMenu(given);
    const there = menus.list().find(({ location }) => location === wanted.location);
    const present = there && { name: there.name, location: there.location, items: withPlaces(menus.items(there.id)) };
    if (present !== undefined && JSON.stringify(present) === JSON.stringify(wanted)) return 'left';
    inTransaction(database, () => {
      const id = there?.id ?? menus.create(wanted).id;
      if (there !== undefined) {
        menus.update(id, wanted);
        for (const item of menus.items(id)) menus.removeItem(item.id);
      }
      const added = wanted.items.map(({ below: _below, ...item }) => menus.addItem(id, item));
      menus.arrange(
        id,
        wanted.items.map(({ below }, index) => ({
          id: added[index] ?? 0,
          parentId: below === null ? null : (added[below] ?? null),
        })),
      );
    });
    content.announce({ type: 'navigation', id: 0, action: 'updated', tags: [NAVIGATION_TAG] });
    return there === undefined ? 'created' : 'updated';
  },

  redirect(given) {
    const type = content.types.find(({ name, slug }) => slug !== undefined && name === own(given, 'type'));
    const record = type && ids.record(type.name, numberIn(given, 'record') ?? 0);
    const path = textIn(given, 'path', LONGEST_PATH);
    if (type !== undefined && record !== undefined && path.startsWith('/'))
      return keepForeignAddress(database, path, { type: type.name, record }) ? 'created' : 'left';
    const slug = textIn(given, 'slug', 200);
    if (type === undefined || record === undefined || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(slug))
      throw new ContentError('CONTENT_INVALID', 400, 'It leads to nothing that came along.');
    const isTaken = prepared(database, `SELECT 1 FROM "${type.table}" WHERE slug = ?`).get(slug) !== undefined;
    if (isTaken) throw new ContentError('CONTENT_INVALID', 400, 'Something has this address now.');
    const before = prepared(database, 'SELECT record FROM redirects WHERE type = ? AND slug = ?').get(type.name, slug);
    if (before !== undefined) return 'left';
    prepared(database, 'INSERT INTO redirects (type, slug, record) VALUES (?, ?, ?)').run(type.name, slug, record);
    return 'created';
  },

  submission(given) {
    const atMs = momentOf(given);
    const values = {
      name: needed(given, 'name'),
      email: mailIn(given),
      phone: textIn(given, 'phone', 100),
      company: textIn(given, 'company', 255),
      message: needed(given, 'message', 10_000),
      inquiry: INQUIRIES.find((one) => one === own(given, 'inquiry')) ?? 'other',
      kind: own(given, 'kind') === 'rfq' ? ('rfq' as const) : ('contact' as const),
      product: textIn(given, 'product', 64),
      network: textIn(given, 'network', 64),
      userAgent: textIn(given, 'userAgent', 500),
    };
    const known = prepared(
      database,
      'SELECT 1 FROM contact_submissions WHERE created_at = ? AND email = ? COLLATE NOCASE AND message = ?',
    ).get(atMs, values.email, values.message);
    if (known !== undefined) return 'left';
    inTransaction(database, () => {
      const submissions = openSubmissions(database, () => atMs);
      const status = STATUSES.find((one) => one === own(given, 'status')) ?? 'new';
      submissions.update(submissions.add(values), { status, notes: textIn(given, 'notes', 10_000) });
    });
    return 'created';
  },

  download(given) {
    const atMs = momentOf(given);
    const values = {
      // 0: that of a whitepaper that is gone.
      whitepaper: ids.record('whitepaper', numberIn(given, 'whitepaper') ?? 0) ?? 0,
      whitepaperTitle: needed(given, 'whitepaperTitle'),
      name: needed(given, 'name'),
      email: mailIn(given),
      company: textIn(given, 'company', 255),
      designation: textIn(given, 'designation', 255),
      hasConsented: own(given, 'hasConsented') === true,
      network: textIn(given, 'network', 64),
      userAgent: textIn(given, 'userAgent', 500),
    };
    const known = prepared(
      database,
      'SELECT 1 FROM whitepaper_downloads WHERE created_at = ? AND email = ? COLLATE NOCASE AND whitepaper_title = ?',
    ).get(atMs, values.email, values.whitepaperTitle);
    if (known !== undefined) return 'left';
    openDownloads(database, () => atMs).add(values);
    return 'created';
  },
});

const MOST_ITEMS = 100;
const LONGEST_PATH = 2_000;

const readMenu = (given: Untrusted) => ({
  name: textIn(given, 'name', 200),
  location: textIn(given, 'location', 40),
  items: asList(own(given, 'items'))
    .slice(0, MOST_ITEMS + 1)
    .map((each, index) => {
      const item = asObject(each) ?? {};
      const below = numberIn(item, 'below');
      return {
        label: textIn(item, 'label', 200),
        linkType: LINK_TYPES.find(({ value }) => value === own(item, 'linkType'))?.value ?? 'dropdown',
        url: textIn(item, 'url', 3_000),
        page: textIn(item, 'page', 60),
        opensNewTab: own(item, 'opensNewTab') === true,
        isActive: own(item, 'isActive') !== false,
        // Only of one before it: there are no circles then.
        below: below !== undefined && below >= 0 && below < index ? below : null,
      };
    }),
});

/** Entries of a menu as the file has them: which of those before it an entry stands below. */
export const withPlaces = (items: ReturnType<ReturnType<typeof createMenus>['items']>) =>
  items.map(({ label, linkType, url, page, opensNewTab, isActive, parentId }) => ({
    label,
    linkType,
    url,
    page,
    opensNewTab,
    isActive,
    below: parentId === null ? null : items.findIndex((each) => each.id === parentId),
  }));

const needed = (given: Untrusted, name: string, most = 255): string => {
  const text = textIn(given, name, most).trim();
  if (text === '') throw new ContentError('CONTENT_INVALID', 400, `${name} is missing.`);
  return text;
};

const mailIn = (given: Untrusted): string => {
  const { value, problem } = checkValue(
    { kind: 'text', format: 'email', label: 'Mail address', required: true },
    textIn(given, 'email'),
  );
  if (problem !== undefined) throw new ContentError('CONTENT_INVALID', 400, problem);
  return String(value);
};

const momentOf = (given: Untrusted): number => {
  const ms = momentIn(given, 'createdAt');
  if (ms === undefined) throw new ContentError('CONTENT_INVALID', 400, 'When it came is not said.');
  return ms;
};
