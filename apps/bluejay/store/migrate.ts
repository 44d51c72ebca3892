/** Brings a database to what this release needs, and says whether it is there. */
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '@berth/kit';
import type { ContentType } from '../content/content-type.ts';
import { planSchema, type SchemaPlan } from '../content/plan-schema.ts';
import { missingSeeds, plantSeed } from '../content/seeds.ts';
import { CONTENT_TYPES } from '../types/index.ts';
import { backUp } from './backup.ts';
import { duplicates, notMigrated, storeErrorFrom, tooNew } from './errors.ts';
import { readExistingSchema } from './existing-schema.ts';
import type { Migration } from './migration.ts';
import { MIGRATIONS, SCHEMA } from './migrations.ts';
import { inTransaction } from './transaction.ts';

export type Schema = {
  readonly types: readonly ContentType[];
  readonly migrations: readonly Migration[];
  readonly generation: number;
  readonly compatibleFrom: number;
};

export type MigrationReport = {
  /** What was done, in words: nothing when there was nothing to do. */
  readonly applied: readonly string[];
  /** What is in the database and not declared (so) any more. */
  readonly kept: readonly string[];
  /** The backup that was made before; null when nothing changed or the database was empty. */
  readonly backup: string | null;
};

const OURS: Schema = { types: CONTENT_TYPES, migrations: MIGRATIONS, ...SCHEMA };
const BACKUPS_KEPT = 5;

/**
 * In one transaction, under the write lock: whoever is killed on the way leaves the database as it was, and of two at once the
 * second finds nothing to do. Before it changes anything that has content, it makes a backup beside the database. Safe while the
 * previous release runs. Throws a StoreError: a newer schema, values that must be unique and are not, a disk that is full.
 */
export const migrate = async (
  database: DatabaseSync,
  { log, now = Date.now, schema = OURS }: { readonly log: Log; readonly now?: () => number; readonly schema?: Schema },
): Promise<MigrationReport> => {
  const file = database.location() ?? ':memory:';
  refuseNewer(database, schema, file);
  if (pendingWork(database, schema, { onlyNeeded: false }).length === 0) {
    const { kept } = planSchema(readExistingSchema(database), schema.types);
    for (const what of kept) log.info('migration.kept', { what });
    return { applied: [], kept, backup: null };
  }
  const backup = await backUpContent(database, { now: now(), log });
  try {
    const { applied, kept } = inTransaction(database, () => applyAll(database, { schema, nowMs: now(), file }));
    for (const what of applied) log.info('migration.applied', { what });
    for (const what of kept) log.warn('migration.kept', { what });
    return { applied, kept, backup };
  } catch (cause) {
    throw storeErrorFrom(cause, file);
  }
};

/** What a program asks before it starts. Throws a StoreError: migrate was not run, or the schema is newer than it can use. */
export const checkMigrated = (database: DatabaseSync, schema: Schema = OURS): void => {
  const file = database.location() ?? ':memory:';
  refuseNewer(database, schema, file);
  const pending = pendingWork(database, schema, { onlyNeeded: true });
  if (pending.length > 0) throw notMigrated(file, pending);
};

/** What is to be done. `onlyNeeded`: without indexes, which only make things slower, or belong to the release after this one. */
const pendingWork = (
  database: DatabaseSync,
  schema: Schema,
  { onlyNeeded }: { readonly onlyNeeded: boolean },
): readonly string[] => {
  const { steps } = planSchema(readExistingSchema(database), schema.types);
  const hasTables = !steps.some(({ isNeeded }) => isNeeded);
  return [
    ...((stateOf(database)?.generation ?? 0) < schema.generation ? [`generation ${schema.generation}`] : []),
    ...pendingMigrations(database, schema).map(({ name }) => `migration ${name}`),
    ...steps.filter(({ isNeeded }) => isNeeded || !onlyNeeded).map(({ what }) => what),
    ...(hasTables ? missingSeeds(database, schema.types).map(({ type }) => `record of ${type.name}`) : []),
  ];
};

const applyAll = (
  database: DatabaseSync,
  { schema, nowMs, file }: { readonly schema: Schema; readonly nowMs: number; readonly file: string },
): { readonly applied: readonly string[]; readonly kept: readonly string[] } => {
  refuseNewer(database, schema, file);
  database.exec(STATE_TABLES);
  const applied: string[] = [];
  for (const { name, sql } of pendingMigrations(database, schema)) {
    database.exec(sql);
    database.prepare('INSERT INTO schema_migrations (name, at) VALUES (?, ?)').run(name, nowMs);
    applied.push(`migration ${name}`);
  }
  const plan = planSchema(readExistingSchema(database), schema.types);
  applySchema(database, plan, file);
  const seeds = missingSeeds(database, schema.types, plan.created);
  for (const seed of seeds) plantSeed(database, seed, nowMs);
  // A program of an earlier generation may add what it misses, and says nothing about what it does not know.
  database
    .prepare(
      `INSERT INTO schema_state (id, schema_generation, compatible_from) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET
         schema_generation = excluded.schema_generation, compatible_from = excluded.compatible_from
         WHERE excluded.schema_generation >= schema_state.schema_generation`,
    )
    .run(schema.generation, schema.compatibleFrom);
  applied.push(...plan.steps.map(({ what }) => what), ...seeds.map(({ type }) => `record of ${type.name}`));
  return { applied, kept: plan.kept };
};

const applySchema = (database: DatabaseSync, plan: SchemaPlan, file: string): void => {
  for (const { sql, unique } of plan.steps) {
    try {
      database.exec(sql);
    } catch (cause) {
      if (unique !== undefined && ((cause as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_CONSTRAINT)
        throw duplicates(file, unique, cause);
      throw cause;
    }
  }
};

const SQLITE_CONSTRAINT = 19;
const STATE_TABLES = `
  CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS schema_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_generation INTEGER NOT NULL,
    compatible_from INTEGER NOT NULL
  ) STRICT;`;

const hasTable = (database: DatabaseSync, name: string): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;

const stateOf = (database: DatabaseSync): { generation: number; compatibleFrom: number } | undefined => {
  if (!hasTable(database, 'schema_state')) return undefined;
  const row = database.prepare('SELECT schema_generation, compatible_from FROM schema_state').get();
  return row === undefined
    ? undefined
    : { generation: Number(row['schema_generation']), compatibleFrom: Number(row['compatible_from']) };
};

const refuseNewer = (database: DatabaseSync, schema: Schema, file: string): void => {
  const found = stateOf(database);
  if (found !== undefined && found.compatibleFrom > schema.generation) throw tooNew(file, found, schema.generation);
};

const pendingMigrations = (database: DatabaseSync, schema: Schema): readonly Migration[] => {
  if (!hasTable(database, 'schema_migrations')) return schema.migrations;
  const known = new Set(
    database
      .prepare('SELECT name FROM schema_migrations')
      .all()
      .map(({ name }) => name),
  );
  return schema.migrations.filter(({ name }) => !known.has(name));
};

/** Nothing to back up in a database without tables, or in memory. */
const backUpContent = async (
  database: DatabaseSync,
  { now, log }: { readonly now: number; readonly log: Log },
): Promise<string | null> => {
  if (database.location() === null || readExistingSchema(database).size === 0) return null;
  const file = await backUp(database, { now, keep: BACKUPS_KEPT });
  log.info('migration.backed_up', { file });
  return file;
};
