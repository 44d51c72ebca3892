import type { Random } from './random.ts';
import type { Database } from './writer-sqlite.ts';

/** One thing that an application may do to its database. Each leaves no transaction open, whatever it throws. */
export type Act = {
  readonly name: string;
  readonly weight: number;
  readonly run: (database: Database, random: Random) => void;
};

const PAGE_SIZES = [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const;
const CHECKPOINTS = ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'] as const;
/** A database that is hashed after each sampled transaction has to stay small. */
const SHRINK_ABOVE_BYTES = 1_500_000;

/** What makes a transaction; a sampled one is always one of these. */
export const WRITES: readonly Act[] = [
  { name: 'insert', weight: 30, run: inTransaction(insertSome) },
  { name: 'update', weight: 25, run: inTransaction(updateSome) },
  { name: 'delete', weight: 10, run: inTransaction(deleteSome) },
  {
    name: 'mixed',
    weight: 10,
    run: inTransaction((...args) => [insertSome, updateSome, deleteSome].forEach((part) => part(...args))),
  },
  { name: 'savepoints', weight: 8, run: inTransaction(savepoints) },
  { name: 'large blob', weight: 3, run: inTransaction(largeBlob) },
  { name: 'schema', weight: 6, run: inTransaction(changeSchema) },
  { name: 'header only', weight: 3, run: setHeader },
  { name: 'vacuum', weight: 2, run: (database) => database.exec('VACUUM') },
  { name: 'auto_vacuum mode', weight: 1, run: changeAutoVacuum },
  {
    name: 'incremental vacuum',
    weight: 3,
    run: (database, random) => stepAll(database, `PRAGMA incremental_vacuum(${random.integer(0, 40)})`),
  },
  { name: 'shrink', weight: 1, run: shrink },
];

/** What makes none, or moves the log about. */
const MANNERS: readonly Act[] = [
  { name: 'rollback', weight: 8, run: rolledBack },
  { name: 'empty transaction', weight: 4, run: inTransaction(() => undefined) },
  {
    name: 'checkpoint',
    weight: 5,
    run: (database, random) => stepAll(database, `PRAGMA wal_checkpoint(${random.pick(CHECKPOINTS)})`),
  },
  {
    name: 'cache of few pages',
    weight: 1,
    run: (database, random) => database.exec(`PRAGMA cache_size = ${random.pick([2, 10, 500, -2000])}`),
  },
  {
    name: 'autocheckpoint',
    weight: 1,
    run: (database, random) => stepAll(database, `PRAGMA wal_autocheckpoint = ${random.pick([0, 1, 20, 1000])}`),
  },
  {
    name: 'synchronous',
    weight: 1,
    run: (database, random) => database.exec(`PRAGMA synchronous = ${random.pick(['OFF', 'NORMAL', 'FULL'])}`),
  },
  { name: 'page size', weight: 1, run: changePageSize },
];

export const ACTS: readonly Act[] = [...WRITES, ...MANNERS];

export function pickAct(acts: readonly Act[], random: Random): Act {
  let at = random.next() * acts.reduce((sum, { weight }) => sum + weight, 0);
  for (const act of acts) {
    at -= act.weight;
    if (at < 0) return act;
  }
  throw new Error('no acts to pick from');
}

function inTransaction(work: (database: Database, random: Random) => void): Act['run'] {
  return (database, random) => {
    database.exec(random.boolean(0.8) ? 'BEGIN IMMEDIATE' : 'BEGIN');
    try {
      work(database, random);
      database.exec('COMMIT');
    } finally {
      if (database.isTransaction) database.exec('ROLLBACK');
    }
  };
}

function rolledBack(database: Database, random: Random): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    // More than the cache holds goes to the log before the rollback, and stays there as frames that must not count.
    if (random.boolean()) largeBlob(database, random);
    insertSome(database, random);
    if (random.boolean()) changeSchema(database, random);
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

function savepoints(database: Database, random: Random): void {
  for (let number = 0; number < random.integer(1, 4); number += 1) {
    database.exec(`SAVEPOINT s${number}`);
    random.pick([insertSome, updateSome, deleteSome, changeSchema])(database, random);
    if (random.boolean(0.4)) database.exec(`ROLLBACK TO s${number}`);
    if (random.boolean(0.7)) database.exec(`RELEASE s${number}`);
  }
}

function insertSome(database: Database, random: Random): void {
  const bytes = sizeOf(database);
  if (bytes > SHRINK_ABOVE_BYTES) return deleteMost(database);
  const insert = database.prepare(`INSERT INTO ${quote(someTable(database, random))} DEFAULT VALUES RETURNING rowid`);
  const table = tablesOf(database)[0];
  for (let count = random.integer(1, random.boolean(0.1) ? 200 : 10); count > 0; count -= 1) insert.get();
  if (table === undefined) return;
  const fill = database.prepare(`INSERT INTO ${quote(table)} (a, b) VALUES (?, ?)`);
  for (let count = random.integer(1, 20); count > 0; count -= 1) fill.run(someValue(random), someValue(random));
}

function updateSome(database: Database, random: Random): void {
  const table = quote(someTable(database, random));
  const from = random.next();
  database
    .prepare(
      `UPDATE ${table} SET a = ?, b = ? WHERE rowid IN (SELECT rowid FROM ${table} LIMIT ? OFFSET (SELECT CAST(count(*) * ? AS INTEGER) FROM ${table}))`,
    )
    .run(someValue(random), someValue(random), random.integer(1, 30), from);
}

function deleteSome(database: Database, random: Random): void {
  const table = quote(someTable(database, random));
  database
    .prepare(
      `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} LIMIT ? OFFSET (SELECT CAST(count(*) * ? AS INTEGER) FROM ${table}))`,
    )
    .run(random.integer(1, 60), random.next());
}

function deleteMost(database: Database): void {
  for (const table of tablesOf(database)) database.exec(`DELETE FROM ${quote(table)} WHERE rowid % 10 <> 0`);
}

function largeBlob(database: Database, random: Random): void {
  if (sizeOf(database) > SHRINK_ABOVE_BYTES) return deleteMost(database);
  const blob = Buffer.alloc(random.integer(20_000, 400_000));
  for (let at = 0; at + 4 <= blob.length; at += random.integer(4, 4000)) blob.writeUInt32LE(random.integer(0, 2 ** 31), at);
  database
    .prepare(`INSERT INTO ${quote(someTable(database, random))} (a, b) VALUES (?, zeroblob(?))`)
    .run(blob, random.integer(0, 50_000));
}

function changeSchema(database: Database, random: Random): void {
  const tables = tablesOf(database);
  const name = `t${random.integer(0, 9_999)}`;
  const table = quote(someTable(database, random));
  const change = random.integer(0, 6);
  if (tables.length > 8 || (change === 0 && tables.length > 1)) database.exec(`DROP TABLE ${table}`);
  else if (change <= 2)
    database.exec(`CREATE TABLE IF NOT EXISTS ${name} (a, b${random.boolean() ? ' UNIQUE ON CONFLICT REPLACE' : ''})`);
  else if (change <= 4)
    database.exec(`CREATE INDEX IF NOT EXISTS i${random.integer(0, 20)} ON ${table} (${random.pick(['a', 'b', 'a, b'])})`);
  else if (change === 5) database.exec(`DROP INDEX IF EXISTS i${random.integer(0, 20)}`);
  else database.exec(`CREATE TABLE IF NOT EXISTS copy${name} AS SELECT * FROM ${table} LIMIT 50`);
}

function setHeader(database: Database, random: Random): void {
  database.exec(`PRAGMA ${random.pick(['user_version', 'application_id'])} = ${random.integer(0, 2 ** 31 - 1)}`);
}

function changeAutoVacuum(database: Database, random: Random): void {
  database.exec(`PRAGMA auto_vacuum = ${random.pick(['NONE', 'FULL', 'INCREMENTAL'])}; VACUUM`);
}

function shrink(database: Database, random: Random): void {
  inTransaction(deleteMost)(database, random);
  if (random.boolean()) database.exec('VACUUM');
  else stepAll(database, 'PRAGMA incremental_vacuum');
}

/** Works only while no one else has the database open; that it is refused otherwise is part of the torture. */
function changePageSize(database: Database, random: Random): void {
  const mode = database.prepare('PRAGMA journal_mode = DELETE').get()?.['journal_mode'];
  if (mode !== 'delete') return;
  database.exec(`PRAGMA page_size = ${random.pick(PAGE_SIZES)}; VACUUM; PRAGMA journal_mode = WAL`);
}

function someTable(database: Database, random: Random): string {
  const [first, ...others] = tablesOf(database);
  if (first !== undefined) return random.pick([first, ...others]);
  database.exec('CREATE TABLE t (a, b)');
  return 't';
}

function tablesOf(database: Database): string[] {
  const rows = database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`)
    .all();
  return rows.map(({ name }) => String(name));
}

function sizeOf(database: Database): number {
  const pages = database.prepare('PRAGMA page_count').get()?.['page_count'];
  const pageSize = database.prepare('PRAGMA page_size').get()?.['page_size'];
  return Number(pages) * Number(pageSize);
}

function someValue(random: Random): string | number | null | Buffer {
  const kind = random.integer(0, 4);
  if (kind === 0) return random.integer(-1_000_000, 1_000_000);
  if (kind === 1) return null;
  if (kind === 2) return random.next().toString(36).repeat(random.integer(0, 4));
  if (kind === 3) return random.next();
  return Buffer.alloc(random.integer(0, 3_000), random.integer(0, 255));
}

function stepAll(database: Database, sql: string): void {
  database.prepare(sql).all();
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What a hostile application meets all day and takes for an answer. Anything else says that a database was hurt. */
export function isOrdinary(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : null;
  return code === SQLITE_BUSY || code === SQLITE_LOCKED || code === SQLITE_ERROR || code === SQLITE_SCHEMA;
}

const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_SCHEMA = 17;
