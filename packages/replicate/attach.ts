import { ContinuityLostError, type Followed } from './followed.ts';
import type { Beginning } from './lineage-start.ts';
import { recallTable, saveTable, startLineage } from './lineage-start.ts';
import { LogFile } from './log-file.ts';
import { createPageTable, type PageTable } from './page-table.ts';
import { loadPosition, type Position } from './position.ts';
import { reconcile } from './reconcile.ts';
import { isDrained } from './capture.ts';
import { LogChangedError } from './database-pages.ts';
import { isMissing } from './durable-file.ts';
import { isSpaceLow } from './replication/errors.ts';
import { isUnusable } from './restored-state.ts';
import { WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES } from './wal-format.ts';
import { eachPage, openState } from './whole-database.ts';

export type Attached = {
  readonly followed: Followed;
  readonly how: 'resumed' | 'reconciled' | 'started';
  /** Pages that differed, of a reconciliation. */
  readonly pages?: number;
};

/** Everything of a followed database but what is found out by attaching to it. */
export type AttachParts = Omit<Followed, keyof Beginning | 'scanner' | 'pins'>;

/**
 * Goes on from the saved position if the log proves that nothing is missing, else from the difference of all pages, else begins
 * a lineage. The database is held already, and stays so.
 */
export const attach = async (parts: AttachParts): Promise<Attached> => {
  const position = loadPosition(parts.directory);
  parts.queue.remove(parts.queue.entries.filter(({ sequence }) => sequence > (position?.sequence ?? 0)));
  parts.queue.publish();
  if (position === undefined || position.inode !== parts.database.inode) return begin(parts, position);
  const recalled = await recallTable(parts.directory, position, parts.queue).catch((thrown: unknown) => {
    if (isUnusable(thrown)) return 'damaged' as const;
    throw thrown;
  });
  // What waits there is not what was captured: with a new lineage the targets get all of it anew.
  if (recalled === 'damaged') return begin(parts, position);
  parts.fault('attach.recalled');
  if (isContinued(parts, position)) {
    const table = recalled?.table ?? (await rebuildTable(parts, position));
    if (table === undefined) return begin(parts, position);
    const followed = followedOf(parts, { position, table, savedTxid: recalled?.savedTxid ?? position.txid, complete: false });
    if (recalled === undefined) await saveTable(parts.directory, position, table);
    followed.complete = isDrained(followed);
    return { followed, how: 'resumed' };
  }
  if (recalled === undefined) return begin(parts, position);
  return reattach(followedOf(parts, { position, ...recalled, complete: false }));
};

/** After a break: holds the newest state instead of the one that was held, and captures the difference. */
export const reattach = async (followed: Followed): Promise<Attached> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const pages = await reconcile(followed);
      if (pages === undefined) return await begin(followed, followed.position);
      return { followed, how: 'reconciled', pages };
    } catch (error) {
      // The difference finds no room on the disk. A copy of everything needs none: it goes straight to the targets.
      if (isSpaceLow(error)) return await begin(followed, followed.position);
      // A log that is complete can be restarted once by a commit; then it stays.
      if (!(error instanceof LogChangedError) || attempt === ATTEMPTS) throw error;
    }
    holdAnew(followed);
  }
};

/** The reader begins again at the newest commit. */
export const holdAnew = ({ database }: Pick<Followed, 'database'>): void => {
  database.connections.release();
  database.connections.hold();
};

const begin = async (parts: AttachParts, parent: Position | undefined): Promise<Attached> => {
  const { database, directory, fault, queue } = parts;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const beginning = await startLineage(database, {
        directory,
        parent,
        at: parts.now(),
        sequence: queue.lastSequence,
        fault,
      });
      parts.counters.lineages += 1;
      return { followed: followedOf(parts, beginning), how: 'started' };
    } catch (error) {
      if (!(error instanceof LogChangedError) || attempt === ATTEMPTS) throw error;
    }
    holdAnew(parts);
  }
};

/** The same salts, and the frame at the position carries the checksum of everything before it: nothing can be missing. */
const isContinued = ({ database }: AttachParts, { log }: Position): boolean => {
  const index = database.index();
  if (log === undefined || index === undefined) return false;
  if (index.salt1 !== log.salt1 || index.salt2 !== log.salt2 || index.pageSize !== log.pageSize) return false;
  if (WAL_HEADER_BYTES + index.frames * (WAL_FRAME_HEADER_BYTES + index.pageSize) < log.offset) return false;
  try {
    using file = new LogFile(database.logPath);
    const header = file.readHeader();
    return header !== undefined && header.salt1 === log.salt1 && header.salt2 === log.salt2 && file.carries(log);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
};

/** The table from the pages themselves: right unless somebody has copied later commits into the database file meanwhile. */
const rebuildTable = async ({ database }: AttachParts, position: Position): Promise<PageTable | undefined> => {
  const { pageSize, pages, log } = position;
  const table = createPageTable(pageSize);
  using read = openState(database, { pageSize, pages, log, complete: false });
  for await (const { page, content } of eachPage(read)) table.update(page, content);
  table.resize(pages);
  return table.checksum === position.checksum ? table : undefined;
};

const followedOf = (parts: AttachParts, beginning: Beginning): Followed => ({
  id: parts.id,
  directory: parts.directory,
  database: parts.database,
  queue: parts.queue,
  settings: parts.settings,
  counters: parts.counters,
  fault: parts.fault,
  now: parts.now,
  ...beginning,
  scanner: undefined,
  pins: 0,
});

export const isContinuityLost = (error: unknown): boolean =>
  error instanceof ContinuityLostError || error instanceof LogChangedError;

const ATTEMPTS = 5;
