/** Statements that are prepared once for each connection. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * The statement for a text; use it with `get`, `all` and `run` only, since it is shared. Texts must not hold values: a list of ids
 * goes in as one JSON text for `json_each(?)`.
 */
export const prepared = (database: DatabaseSync, sql: string): StatementSync => {
  let statements = BY_DATABASE.get(database);
  if (statements === undefined) {
    statements = new Map();
    BY_DATABASE.set(database, statements);
  }
  let statement = statements.get(sql);
  if (statement === undefined) {
    // Texts are of a bounded number; this is for the day when somebody breaks the rule above.
    if (statements.size >= MAX_STATEMENTS) statements.clear();
    statement = database.prepare(sql);
    statements.set(sql, statement);
  }
  return statement;
};

const MAX_STATEMENTS = 1_000;
const BY_DATABASE = new WeakMap<DatabaseSync, Map<string, StatementSync>>();
