import { createCipher } from './cipher.ts';
import { parseDatabaseUri } from './database-uri.ts';
import { storeErrorFrom } from './errors.ts';
import { keyFromFile, keyFromSecret } from './key.ts';
import { createMemoryStore } from './memory-store.ts';
import { migrate } from './migrations.ts';
import { makePrivateFile, openDatabase } from './open-database.ts';
import { acquireOwnerLock } from './owner-lock.ts';
import { countUnreadableTokens, createSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';
import type { StoreLog } from './store-log.ts';
import { emptyLog } from './write-ahead-log.ts';

export type OpenStoreOptions = {
  /** A path, `file:…` or `sqlite:…`; empty to keep documents in memory only. */
  readonly uri: string;
  /** A secret of 32 bytes or more that tokens are encrypted with; null for one that is kept in `<database>.key`. */
  readonly key: string | null;
  readonly now: () => Date;
  readonly log?: StoreLog;
  /** How long a predecessor that is shutting down may take. */
  readonly waitForOwnerMs?: number;
  readonly checkpoint?: { readonly everyMs?: number; readonly passiveAboveBytes?: number; readonly truncateAboveBytes?: number };
};

/**
 * Opens or makes the store, alone: no other process can while this one lives. Throws a StoreError with a code and a hint.
 */
export const openStore = async (options: OpenStoreOptions): Promise<Store> => {
  const { key, now, log = () => undefined } = options;
  const file = parseDatabaseUri(options.uri);
  if (key !== null) keyFromSecret(key);
  if (file === null) return createMemoryStore({ now, log });

  makePrivateFile(file);
  makePrivateFile(`${file}.lock`);
  const lock = await acquireOwnerLock(file, { waitMs: options.waitForOwnerMs ?? WAIT_FOR_OWNER_MS });
  try {
    const db = openDatabase(file);
    try {
      const cipher = createCipher(key === null ? keyFromFile(`${file}.key`) : keyFromSecret(key));
      const { applied, adopted } = migrate(db, file, { cipher, now });
      if (adopted) {
        // Free pages of the original may hold tokens and texts that were deleted.
        db.exec('VACUUM');
        emptyLog(db);
      }
      if (applied.length > 0) log('store_migrated', { file, applied, adopted });
      const protectedDocuments = countUnreadableTokens(db, cipher);
      if (protectedDocuments > 0) log('store_key_mismatch', { file, protectedDocuments });
      return createSqliteStore({
        db,
        file,
        cipher,
        now,
        log,
        checkpoint: { everyMs: 2_000, passiveAboveBytes: 1_000_000, truncateAboveBytes: 64_000_000, ...options.checkpoint },
        release: () => lock.release(),
      });
    } catch (cause) {
      db.close();
      throw cause;
    }
  } catch (cause) {
    lock.release();
    throw storeErrorFrom(cause, file);
  }
};

const WAIT_FOR_OWNER_MS = 10_000;
