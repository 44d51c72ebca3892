/** The SQLite that hostile applications bring: that of the Node which runs them, or better-sqlite3, which has one of its own. */
import { createRequire } from 'node:module';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/** What of Node's interface the writers use. */
export type Database = {
  readonly isTransaction: boolean;
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
};

type Row = Record<string, unknown>;

type Statement = {
  run(...values: SQLInputValue[]): unknown;
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
};

type Options = { readonly timeout?: number; readonly readOnly?: boolean };

export type OpenDatabase = (path: string, options: Options) => Database;

/** `betterSqlite3` is the directory of the package; without one Node's own opens. */
export const opener = (betterSqlite3: string | undefined): OpenDatabase =>
  betterSqlite3 === undefined ? (path, options) => new DatabaseSync(path, options) : openerOf(betterSqlite3);

/** The part of better-sqlite3 that is used here. */
type BetterStatement = Statement & { readonly reader: boolean };
type BetterDatabase = {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): BetterStatement;
  close(): unknown;
};
type BetterSqlite3 = new (path: string, options: { timeout?: number; readonly?: boolean }) => BetterDatabase;

const openerOf = (directory: string): OpenDatabase => {
  const Better = createRequire(import.meta.url)(directory) as BetterSqlite3;
  return (path, { timeout = 0, readOnly = false }) => {
    const database = asNodeSays(() => new Better(path, { timeout, readonly: readOnly }));
    return {
      get isTransaction() {
        return database.inTransaction;
      },
      exec: (sql) => void asNodeSays(() => database.exec(sql)),
      prepare: (sql) => {
        const statement = asNodeSays(() => database.prepare(sql));
        // It asks to be told which statements give rows; Node's gives none for the others.
        const rows = (...values: SQLInputValue[]): Row[] =>
          asNodeSays(() => (statement.reader ? statement.all(...values) : (statement.run(...values), [])));
        return { run: rows, all: rows, get: (...values) => rows(...values)[0] };
      },
      close: () => void asNodeSays(() => database.close()),
    };
  };
};

/** The result codes that the writers tell apart, https://www.sqlite.org/rescode.html. */
const CODES: readonly (readonly [RegExp, number])[] = [
  [/^SQLITE_ERROR/, 1],
  [/^SQLITE_BUSY/, 5],
  [/^SQLITE_LOCKED/, 6],
  [/^SQLITE_SCHEMA/, 17],
];

/** better-sqlite3 gives the name of a result code where Node gives its number. */
const asNodeSays = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const errcode = CODES.find(([name]) => name.test(String(error.code)))?.[1];
    throw Object.assign(error, errcode === undefined ? {} : { errcode });
  }
};
