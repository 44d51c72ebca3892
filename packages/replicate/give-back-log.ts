import { endOfLog } from './capture.ts';
import type { HeldDatabase } from './held-database.ts';
import type { LogCopying } from './log-copying.ts';
import { logFileBytes } from './log-file.ts';

/**
 * Lets go of the log, as what is committed will be found by comparing, and gives the disk space of a large one back: it is copied
 * into the database file, then cut. Leaves it as it is when a reader of the application needs it, or a writer is busy. To be
 * called again until that is done. Throws what SQLite says, of a disk that is too full even for that.
 */
export const giveBackLog = async (database: HeldDatabase, copying: LogCopying, largerThanBytes: number): Promise<void> => {
  const { connections } = database;
  if (copying.state === 'running' || database.index() === undefined) return;
  if (copying.isNeeded(database)) {
    // Held until then: else the application would copy all of it within its next commit.
    const moveReader = (): void => (connections.holding ? connections.moveHold() : undefined);
    if (copying.state === 'ready') await copying.begin(database, moveReader);
    if (copying.inVain >= ATTEMPTS) connections.release();
    return;
  }
  connections.release();
  if (logFileBytes(database.logPath) <= largerThanBytes) return;
  if (leftToCopy(database) > 0) connections.checkpointPassive();
  // Cutting copies what is left with the writers kept out: some pages, that were committed just now.
  if (leftToCopy(database) <= FEW_FRAMES) connections.truncateLog();
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
const ATTEMPTS = 3;
