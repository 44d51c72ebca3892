/** Menus as the site shows them. */
import type { DatabaseSync } from 'node:sqlite';
import type { MenuLink, ReadMenu } from '../site/menu.ts';
import { prepared } from '../store/statements.ts';
import { type Item, targetOf } from './menu.ts';
import { readItems } from './menus.ts';

/** Pages that show a menu, or none because there is none yet, depend on this. */
export const NAVIGATION_TAG = 'navigation';

/**
 * Only what is shown. Undefined: nobody made a menu for the place, and the settings of the header or the footer count. What only
 * opens what is below it, and has nothing below it, is left out.
 */
export const readMenu =
  (database: DatabaseSync): ReadMenu =>
  (location, view) => {
    view.dependsOn(NAVIGATION_TAG);
    const menu = prepared(database, 'SELECT id FROM navigation_menus WHERE location = ?').get(location);
    if (menu === undefined) return undefined;
    const items = readItems(database, Number(menu['id'])).filter(({ isActive }) => isActive);
    const below = (parent: number | null) => items.filter(({ parentId }) => parentId === parent);
    return below(null)
      .map((item) => linkOf(item, below(item.id)))
      .filter(({ href, children }) => href !== undefined || children.length > 0);
  };

const linkOf = (item: Item, children: readonly Item[]): MenuLink => ({
  label: item.label,
  href: targetOf(item),
  opensNewTab: item.opensNewTab,
  children: children.map((child) => linkOf(child, [])).filter(({ href }) => href !== undefined),
});
