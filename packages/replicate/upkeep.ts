import type { Followed } from './followed.ts';
import type { SegmentQueue } from './queue.ts';
import { saveTable } from './lineage-start.ts';
import type { Shipper } from './shipping.ts';
import type { Snapshots } from './snapshots.ts';

/** What may still want a segment of the queue. */
export type Needs = { readonly shippers: readonly Shipper[]; readonly snapshots: Snapshots };

/** Removes segments that every target has, and that the saved table of page hashes covers. */
export const pruneQueue = (followed: Followed, { shippers, snapshots }: Needs): void => {
  const done = Math.min(snapshots.keptSequence, ...shippers.map(({ doneSequence }) => doneSequence));
  const { position, savedTxid, queue } = followed;
  const gone = queue.entries.filter(
    ({ sequence, lineage, maxTxid }) =>
      sequence <= done && sequence <= position.sequence && (lineage !== position.lineage.id || maxTxid <= savedTxid),
  );
  if (gone.length > 0) queue.remove(gone);
};

/** True when what waits is too much for all targets; one that alone is slow is given up instead. */
export const limitQueue = (
  queue: SegmentQueue,
  { shippers, limitBytes, wasFull }: { shippers: readonly Shipper[]; limitBytes: number; wasFull: boolean },
): boolean => {
  // One transaction may be larger than all that may wait: then it alone is no reason to stop.
  const waiting = queue.bytes - queue.entries.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  if (waiting <= limitBytes * (wasFull ? BACK : 1)) return false;
  const slow = shippers.filter((shipper) => shipper.status(undefined).lagBytes > limitBytes / 2);
  if (slow.length === shippers.length) return true;
  for (const shipper of slow) shipper.giveUp();
  return false;
};

/** Saves the table when so much was captured since that reading the segments again would take longer. */
export const keepTableFresh = async (
  followed: Followed,
  needs: Needs,
  { force = false }: { force?: boolean } = {},
): Promise<void> => {
  const { position, table, queue } = followed;
  if (followed.savedTxid === position.txid) return;
  const since = queue.entries.filter(({ maxTxid, lineage }) => lineage === position.lineage.id && maxTxid > followed.savedTxid);
  const bytes = since.reduce((sum, entry) => sum + entry.bytes, 0);
  if (!force && since.length < SEGMENTS_KEPT && bytes < Math.max(BYTES_KEPT, 4 * 8 * table.pages)) return;
  await saveTable(followed.directory, position, table);
  followed.savedTxid = position.txid;
  pruneQueue(followed, needs);
};

/** What was full goes on when half of it is gone. */
const BACK = 0.5;
const SEGMENTS_KEPT = 500;
const BYTES_KEPT = 32 << 20;
