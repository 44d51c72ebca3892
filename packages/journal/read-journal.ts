import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { createApps } from './apps.ts';
import { createConfiguration } from './configuration.ts';
import { createDrills } from './drills.ts';
import { createEvents } from './events.ts';
import { createInstances } from './instances.ts';
import { createOperations } from './operations.ts';
import { createReleases } from './releases.ts';
import type { Journal } from './journal.ts';
import { createSettings } from './settings.ts';
import { createStores } from './stores.ts';
import { createTargets } from './targets.ts';

/** What somebody who only looks may read of a journal. */
export type JournalReader = Pick<
  Journal,
  | 'settings'
  | 'apps'
  | 'releases'
  | 'operations'
  | 'instances'
  | 'configuration'
  | 'events'
  | 'targets'
  | 'stores'
  | 'drills'
  | 'close'
>;

/**
 * The journal of another process, or of none: nothing is written, upgraded or waited for long. Not in the process that has it
 * open: closing it there would drop its locks. null when there is no journal; throws where it cannot be read.
 */
export function readJournal(file: string): JournalReader | null {
  if (!existsSync(file)) return null;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 1_000, enableForeignKeyConstraints: false });
  const deps = { now: () => new Date() };
  try {
    return {
      settings: createSettings(db),
      apps: createApps(db, deps),
      releases: createReleases(db, deps),
      operations: createOperations(db, deps),
      instances: createInstances(db, deps),
      configuration: createConfiguration(db, deps),
      events: createEvents(db, deps),
      targets: createTargets(db, deps),
      stores: createStores(db, deps),
      drills: createDrills(db),
      close: () => db.close(),
    };
  } catch (cause) {
    db.close();
    throw cause;
  }
}
