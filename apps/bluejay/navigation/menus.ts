/** Menus and their items, in the database. */
import type { DatabaseSync } from 'node:sqlite';
import { ContentError, InvalidContentError } from '../content/errors.ts';
import type { FieldProblem } from '../content/draft.ts';
import { safeLink } from '../html/html.ts';
import type { MenuLocation } from '../site/menu.ts';
import { prepared } from '../store/statements.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Place } from './arrangement.ts';
import { inMenuOrder, type Item, type ItemDraft, type LinkType, type Menu, MENU_LOCATIONS, MENU_PAGES } from './menu.ts';

export type Menus = {
  list(): readonly (Menu & { readonly items: number })[];
  find(id: number): Menu | undefined;
  /** InvalidContentError: without a name, at no place, or at one that has a menu. */
  create(menu: { readonly name: string; readonly location: string }): Menu;
  update(id: number, menu: { readonly name: string; readonly location: string }): void;
  /** With its items. */
  remove(id: number): void;

  /** In the order of the menu: each parent, then its children. */
  items(menuId: number): readonly Item[];
  findItem(id: number): (Item & { readonly menuId: number }) | undefined;
  /** At the end of the first level. InvalidContentError when it cannot be taken. */
  addItem(menuId: number, draft: ItemDraft): number;
  changeItem(id: number, draft: ItemDraft): void;
  /** With those below it. */
  removeItem(id: number): void;
  /** All of the menu's items, or nothing. */
  arrange(menuId: number, places: readonly Place[]): void;
};

const LONGEST_NAME = 80;
const LONGEST_ADDRESS = 2_000;
/** A menu is read by people. */
const MOST_ITEMS = 100;

export const createMenus = (database: DatabaseSync, now: () => number): Menus => {
  const check = (
    id: number | undefined,
    { name, location }: { readonly name: string; readonly location: string },
  ): MenuLocation => {
    const known = MENU_LOCATIONS.find(({ value }) => value === location);
    const problems: FieldProblem[] = [];
    if (name === '' || name.length > LONGEST_NAME)
      problems.push({ field: 'name', message: `Give it a name of at most ${LONGEST_NAME} characters.` });
    if (known === undefined) problems.push({ field: 'location', message: 'Choose where it stands.' });
    const other = prepared(database, 'SELECT id, name FROM navigation_menus WHERE location = ?').get(location);
    if (known !== undefined && other !== undefined && other['id'] !== id)
      problems.push({ field: 'location', message: `“${String(other['name'])}” stands there already.` });
    if (problems.length > 0 || known === undefined) throw new InvalidContentError(problems);
    return known.value;
  };

  return {
    list: () =>
      prepared(
        database,
        `SELECT id, name, location, (SELECT count(*) FROM navigation_items WHERE menu_id = menu.id) AS items
           FROM navigation_menus AS menu ORDER BY name`,
      )
        .all()
        .map((row) => ({ ...menuOf(row), items: Number(row['items']) })),
    find(id) {
      const row = prepared(database, 'SELECT id, name, location FROM navigation_menus WHERE id = ?').get(id);
      return row === undefined ? undefined : menuOf(row);
    },
    create(menu) {
      const location = check(undefined, menu);
      const { lastInsertRowid } = prepared(
        database,
        'INSERT INTO navigation_menus (name, location, created_at, updated_at) VALUES (?, ?, ?, ?)',
      ).run(menu.name, location, now(), now());
      return { id: Number(lastInsertRowid), name: menu.name, location };
    },
    update(id, menu) {
      const location = check(id, menu);
      prepared(database, 'UPDATE navigation_menus SET name = ?, location = ?, updated_at = ? WHERE id = ?').run(
        menu.name,
        location,
        now(),
        id,
      );
    },
    remove(id) {
      prepared(database, 'DELETE FROM navigation_menus WHERE id = ?').run(id);
    },
    items: (menuId) => readItems(database, menuId),
    findItem(id) {
      const row = prepared(database, 'SELECT * FROM navigation_items WHERE id = ?').get(id);
      return row === undefined ? undefined : { ...itemOf(row), menuId: Number(row['menu_id']) };
    },
    addItem(menuId, draft) {
      checkItem(draft);
      const { length } = readItems(database, menuId);
      if (length >= MOST_ITEMS) throw new ContentError('NAVIGATION_FULL', 409, `A menu has at most ${MOST_ITEMS} entries.`);
      const { lastInsertRowid } = prepared(
        database,
        `INSERT INTO navigation_items (menu_id, label, link_type, url, page_identifier, open_new_tab, is_active, sort_order)
           VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(sort_order), -1) + 1 FROM navigation_items WHERE menu_id = ? AND parent_id IS NULL))`,
      ).run(menuId, ...columnsOf(draft), menuId);
      return Number(lastInsertRowid);
    },
    changeItem(id, draft) {
      checkItem(draft);
      prepared(
        database,
        `UPDATE navigation_items SET label = ?, link_type = ?, url = ?, page_identifier = ?, open_new_tab = ?, is_active = ?
           WHERE id = ?`,
      ).run(...columnsOf(draft), id);
    },
    removeItem(id) {
      prepared(database, 'DELETE FROM navigation_items WHERE id = ?').run(id);
    },
    arrange(menuId, places) {
      inTransaction(database, () => {
        const update = prepared(
          database,
          'UPDATE navigation_items SET parent_id = ?, sort_order = ? WHERE id = ? AND menu_id = ?',
        );
        for (const [order, { id, parentId }] of places.entries()) update.run(parentId, order, id, menuId);
      });
    },
  };
};

/** In the order of the menu: each parent, then its children. */
export const readItems = (database: DatabaseSync, menuId: number): readonly Item[] => {
  const items = prepared(database, 'SELECT * FROM navigation_items WHERE menu_id = ? ORDER BY sort_order, id')
    .all(menuId)
    .map(itemOf);
  return inMenuOrder(items);
};

type Row = Readonly<Record<string, unknown>>;

const menuOf = (row: Row): Menu => ({
  id: Number(row['id']),
  name: String(row['name']),
  location: row['location'] as MenuLocation,
});

const itemOf = (row: Row): Item => ({
  id: Number(row['id']),
  parentId: row['parent_id'] === null ? null : Number(row['parent_id']),
  label: String(row['label']),
  linkType: row['link_type'] as LinkType,
  url: String(row['url']),
  page: String(row['page_identifier']),
  opensNewTab: row['open_new_tab'] === 1,
  isActive: row['is_active'] === 1,
});

const columnsOf = ({ label, linkType, url, page, opensNewTab, isActive }: ItemDraft) =>
  [
    label,
    linkType,
    linkType === 'url' ? url : '',
    linkType === 'page' ? page : '',
    opensNewTab ? 1 : 0,
    isActive ? 1 : 0,
  ] as const;

const checkItem = ({ label, linkType, url, page }: ItemDraft): void => {
  const problems: FieldProblem[] = [];
  if (label === '' || label.length > LONGEST_NAME)
    problems.push({ field: 'label', message: `Give it a label of at most ${LONGEST_NAME} characters.` });
  if (linkType === 'page' && !MENU_PAGES.some(({ value }) => value === page))
    problems.push({ field: 'page', message: 'Choose a page.' });
  // What `safeLink` would replace leads nowhere, or into a script.
  if (linkType === 'url' && (url === '' || url.length > LONGEST_ADDRESS || safeLink(url) !== url))
    problems.push({ field: 'url', message: 'Give an address that begins with https:// or with / for this site.' });
  if (problems.length > 0) throw new InvalidContentError(problems);
};
