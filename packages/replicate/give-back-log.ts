import { endOfLog } from './capture.ts';
import { isSqliteError } from './connections.ts';
import type { HeldDatabase } from './held-database.ts';
import { logFileBytes } from './log-file.ts';

/**
 * Gives the disk space of a large log back while nothing of ours holds it, and what was committed is found by comparing
 * afterwards: copies it into the database file, then cuts it. Keeps no writer out for longer than some pages take; leaves the
 * log as it is when a reader of the application needs it, or a writer is busy.
 */
export const giveBackLog = (database: HeldDatabase, largerThanBytes: number): void => {
  if (logFileBytes(database.logPath) <= largerThanBytes) return;
  const { connections } = database;
  try {
    if (leftToCopy(database) > 0) connections.checkpointPassive();
    // Cutting copies what is left with the writers kept out.
    if (leftToCopy(database) <= FEW_FRAMES) connections.truncateLog();
  } catch (thrown) {
    // The disk may be too full even for that, or the directory not ours to write: it is tried again with the next look.
    if (!isSqliteError(thrown)) throw thrown;
  }
};

/** Bytes of the log that are committed: what would have to be captured if the log were to be followed from its start. */
export const committedLogBytes = (database: HeldDatabase): number => {
  const index = database.index();
  return index === undefined ? 0 : endOfLog(index);
};

const leftToCopy = (database: HeldDatabase): number => {
  const index = database.index();
  return index === undefined ? Number.POSITIVE_INFINITY : index.frames - index.backfilled;
};

const FEW_FRAMES = 256;
