import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Apps, createApps } from './apps.ts';
import { type Bakes, createBakes } from './bakes.ts';
import { type Configuration, createConfiguration } from './configuration.ts';
import { createDrills, type Drills } from './drills.ts';
import { journalCorrupt, diskFull, journalTooNew } from './errors.ts';
import { createEvents, type Events } from './events.ts';
import { createInstances, type Instances } from './instances.ts';
import { createOperations, type Operations } from './operations.ts';
import { createPoints, type Points } from './points.ts';
import { createReleases, type Releases } from './releases.ts';
import { migrations } from './schema.ts';
import { createSettings, type Settings } from './settings.ts';
import { createStores, type Stores } from './stores.ts';
import { createTargets, type Targets } from './targets.ts';

/** All that the daemon knows, in one SQLite database that survives `kill -9` and power cuts at any moment. */
export interface Journal {
  readonly settings: Settings;
  readonly apps: Apps;
  readonly releases: Releases;
  readonly operations: Operations;
  readonly instances: Instances;
  readonly configuration: Configuration;
  readonly bakes: Bakes;
  readonly events: Events;
  readonly targets: Targets;
  readonly stores: Stores;
  readonly points: Points;
  readonly drills: Drills;
  /** All or nothing. `work` is synchronous; a nested call joins the outer one. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens or creates the database, upgrades an older format (after copying it to `<file>.format-<n>`), and refuses a
 * damaged or newer one.
 */
export function openJournal(file: string, deps: { now: () => Date }): Journal {
  keepPrivate(file);
  const db = openChecked(file);
  let depth = 0;
  const transaction = <T>(work: () => T): T => {
    if (depth > 0) return work();
    depth += 1;
    try {
      db.exec('BEGIN IMMEDIATE');
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw isDiskFull(cause) ? diskFull(file, cause) : cause;
    } finally {
      depth -= 1;
    }
  };
  migrate(db, file, transaction);
  return {
    settings: createSettings(db),
    apps: createApps(db, deps),
    releases: createReleases(db, deps),
    operations: createOperations(db, deps),
    instances: createInstances(db, deps),
    configuration: createConfiguration(db, deps),
    bakes: createBakes(db, deps),
    events: createEvents(db, deps),
    targets: createTargets(db, deps),
    stores: createStores(db, deps),
    points: createPoints(db),
    drills: createDrills(db),
    transaction,
    close: () => db.close(),
  };
}

/** Users of apps may pass through the home. SQLite gives -wal and -shm the mode of the database itself. */
function keepPrivate(file: string): void {
  if (file === ':memory:') return;
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

function openChecked(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { enableForeignKeyConstraints: false });
    // FULL: a step that was recorded stays recorded through a power cut (sqlite.org/pragma.html#pragma_synchronous).
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
    const [verdict] = db.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
    if (verdict?.quick_check !== 'ok') throw journalCorrupt(file, verdict?.quick_check ?? 'no answer to its integrity check');
    return db;
  } catch (cause) {
    db?.close();
    if (isDiskFull(cause)) throw diskFull(file, cause);
    if (isCorrupt(cause)) throw journalCorrupt(file, (cause as Error).message, cause);
    throw cause;
  }
}

function migrate(db: DatabaseSync, file: string, transaction: (work: () => void) => void): void {
  const { user_version: applied } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (applied > migrations.length) throw journalTooNew(file, applied, migrations.length);
  if (applied === migrations.length) return;
  // Not a copy of the file: closing a second descriptor of it would drop this connection's locks (sqlite.org/howtocorrupt.html 2.2).
  if (applied > 0) {
    keepPrivate(`${file}.format-${applied}`);
    db.prepare('VACUUM INTO ?').run(`${file}.format-${applied}`);
  }
  transaction(() => {
    for (const statements of migrations.slice(applied)) db.exec(statements);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

const sqliteCode = (error: unknown): number => (error as { errcode?: number }).errcode ?? 0;
const isDiskFull = (error: unknown) => (sqliteCode(error) & 0xff) === 13; // SQLITE_FULL
const isCorrupt = (error: unknown) => [11, 26].includes(sqliteCode(error) & 0xff); // SQLITE_CORRUPT, SQLITE_NOTADB
