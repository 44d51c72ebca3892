import type { Migration } from '../store/migration.ts';

export const navigationMigrations: readonly Migration[] = [
  {
    name: 'navigation-1',
    sql: `
CREATE TABLE navigation_menus (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  location TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE navigation_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  menu_id INTEGER NOT NULL REFERENCES navigation_menus (id) ON DELETE CASCADE,
  parent_id INTEGER REFERENCES navigation_items (id) ON DELETE CASCADE,
  label TEXT NOT NULL,
  link_type TEXT NOT NULL CHECK (link_type IN ('page', 'url', 'dropdown')),
  url TEXT NOT NULL DEFAULT '',
  page_identifier TEXT NOT NULL DEFAULT '',
  open_new_tab INTEGER NOT NULL DEFAULT 0,
  is_active INTEGER NOT NULL DEFAULT 1,
  sort_order INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX navigation_items_menu ON navigation_items (menu_id, parent_id, sort_order);
CREATE INDEX navigation_items_parent ON navigation_items (parent_id);
`,
  },
];
