/** Opens what the site consists of, over one database and one directory: for the server, for commands and for tests. */
import type { Log } from '@berth/kit';
import { openActivity } from './accounts/activity-log.ts';
import type { Bluejay } from './bluejay.ts';
import { openContent } from './content/open-content.ts';
import type { Environment } from './env.ts';
import { openMedia } from './media/open-media.ts';
import type { Instruments } from './metrics.ts';
import { createSigner } from './signing.ts';
import { observeDatabase } from './store/observe-database.ts';
import { checkMigrated } from './store/migrate.ts';
import { openDatabase } from './store/open-database.ts';
import { CONTENT_TYPES } from './types/index.ts';

export type OpenParts = Omit<Bluejay, 'sessions' | 'admin' | 'site'> & AsyncDisposable;

export type OpenOptions = {
  readonly env: Environment;
  readonly log: Log;
  readonly instruments: Instruments;
  readonly now: () => number;
};

/** The database has to be migrated. Throws a StoreError that says what is wrong with it. */
export const openBluejay = async ({ env, log, instruments, now }: OpenOptions): Promise<OpenParts> => {
  const database = openDatabase(env.databasePath);
  try {
    // First, since statements are kept from their first use.
    observeDatabase(database, instruments);
    checkMigrated(database);
    const signer = createSigner(env.secrets, now);
    const activity = openActivity({ database, now, log });
    const content = openContent({ database, types: CONTENT_TYPES, activity, now, log });
    const media = await openMedia({
      database,
      directory: env.uploadsPath,
      content,
      activity,
      signer,
      now,
      log,
      instruments,
    });
    return {
      env,
      database,
      content,
      media,
      activity,
      instruments,
      signer,
      log,
      now,
      async [Symbol.asyncDispose]() {
        await media[Symbol.asyncDispose]();
        // What the log holds goes into the database, so that a copy of the file alone is whole.
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
};
