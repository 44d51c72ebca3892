import type { Followed } from './followed.ts';
import { savePosition } from './position.ts';
import type { SegmentEntry, SegmentHeader } from './segment-format.ts';
import { encodeSegment } from './segment-writer.ts';
import { eachPage, type HeldState, locateState, openState } from './whole-database.ts';

/**
 * Finds by comparing every page what has changed since the position, and captures that as one transaction. The database was
 * held anew just before. Returns the number of pages that differed; undefined when this lineage cannot take the difference.
 */
export const reconcile = async (followed: Followed): Promise<number | undefined> => {
  const state = locateState(followed.database);
  followed.fault('reconcile.located');
  const { position, table } = followed;
  if (state.pageSize !== position.pageSize) return undefined;
  const at = Math.max(position.at, followed.now());
  const txid = position.txid + 1;
  const header: SegmentHeader = {
    kind: 'reconcile',
    database: followed.id,
    lineage: position.lineage.id,
    minTxid: txid,
    maxTxid: txid,
    pageSize: state.pageSize,
    firstAt: at,
    lastAt: at,
    previous: position.link,
    ...(state.log && { position: state.log }),
  };
  const sizeBefore = table.pages;
  const stream = encodeSegment(header, differences(followed, { state, txid, at }));
  const range = { lineage: position.lineage.id, minTxid: txid, maxTxid: txid, at, since: performance.now() };
  const changed = (): boolean => stream.summary.frames > 0 || sizeBefore !== state.pages;
  const stored = await followed.queue.store(range, stream, changed);
  const { log: _, ...before } = position;
  followed.position = {
    ...before,
    inode: followed.database.inode,
    sequence: followed.queue.lastSequence,
    ...(stored && { txid, at, link: stream.summary.link }),
    pages: table.pages,
    checksum: table.checksum,
    ...(state.log && { log: state.log }),
  };
  followed.complete = state.complete;
  followed.scanner = undefined;
  savePosition(followed.directory, followed.position, followed.fault);
  followed.queue.publish();
  followed.counters.reconciles += 1;
  followed.counters.bytes += stored?.bytes ?? 0;
  return stream.summary.frames;
};

/** Pages that the table does not know so. Pages of zeros behind the old end need no mention. */
async function* differences(
  { database, table }: Followed,
  { state, txid, at }: { state: HeldState; txid: number; at: number },
): AsyncGenerator<SegmentEntry> {
  using pages = openState(database, state);
  for await (const frame of eachPage(pages)) if (table.update(frame.page, frame.content)) yield frame;
  table.resize(state.pages);
  yield { commit: { txid, databasePages: state.pages, at, checksum: table.checksum } };
}
