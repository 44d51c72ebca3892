import { stat } from 'node:fs/promises';
import type { ProtectedStore } from '../store.ts';

/** All that belongs to the database at this path, whether it exists or not. */
export const databaseFiles = (path: string): readonly string[] => ['', '-wal', '-shm', '-journal'].map((suffix) => path + suffix);

/**
 * The size of each database’s file. Those that do not exist are left out, as are empty ones, which hold nothing yet. Asks the
 * file system alone: opening one here would drop the locks that SQLite has on it in this process.
 */
export const databaseBytes = async (stores: readonly ProtectedStore[]): Promise<ReadonlyMap<string, number>> => {
  const sizes = await Promise.all(
    stores.map(
      async ({ id, path }): Promise<readonly [string, number]> => [id, (await stat(path).catch(() => undefined))?.size ?? 0],
    ),
  );
  return new Map(sizes.filter(([, bytes]) => bytes > 0));
};
