/** What the database has, as it is. */
import type { DatabaseSync } from 'node:sqlite';
import type { ExistingSchema } from '../content/plan-schema.ts';

export const readExistingSchema = (database: DatabaseSync): ExistingSchema => {
  const tables = new Map<string, { columns: Map<string, string>; references: Map<string, string>; indexes: Set<string> }>();
  const columns = database
    .prepare(
      `SELECT t.name AS "table", c.name AS "column", c.type AS "type" FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%'`,
    )
    .all();
  for (const row of columns) {
    const name = String(row['table']);
    const table = tables.get(name) ?? { columns: new Map(), references: new Map(), indexes: new Set() };
    table.columns.set(String(row['column']), String(row['type']));
    tables.set(name, table);
  }
  const references = database
    .prepare(
      `SELECT t.name AS "table", k."from" AS "column", k."table" AS "target" FROM sqlite_schema t, pragma_foreign_key_list(t.name) k
       WHERE t.type = 'table'`,
    )
    .all();
  for (const row of references) tables.get(String(row['table']))?.references.set(String(row['column']), String(row['target']));
  for (const row of database.prepare("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'").all())
    tables.get(String(row['tbl_name']))?.indexes.add(String(row['name']));
  return tables;
};
