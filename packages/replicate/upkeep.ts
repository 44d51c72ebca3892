import type { Followed } from './followed.ts';
import { saveTable } from './lineage-start.ts';
import type { Shipper } from './shipping.ts';

/** Removes segments that every target has, and that the saved table of page hashes covers. */
export const pruneQueue = (followed: Followed, shippers: readonly Shipper[]): void => {
  const done = Math.min(...shippers.map(({ doneSequence }) => doneSequence));
  const { position, savedTxid, queue } = followed;
  const gone = queue.entries.filter(
    ({ sequence, lineage, maxTxid }) =>
      sequence <= done && sequence <= position.sequence && (lineage !== position.lineage.id || maxTxid <= savedTxid),
  );
  if (gone.length > 0) queue.remove(gone);
};

/** Saves the table when so much was captured since that reading the segments again would take longer. */
export const keepTableFresh = async (
  followed: Followed,
  shippers: readonly Shipper[],
  { force = false }: { force?: boolean } = {},
): Promise<void> => {
  const { position, table, queue } = followed;
  if (followed.savedTxid === position.txid) return;
  const since = queue.entries.filter(({ maxTxid, lineage }) => lineage === position.lineage.id && maxTxid > followed.savedTxid);
  const bytes = since.reduce((sum, entry) => sum + entry.bytes, 0);
  if (!force && since.length < SEGMENTS_KEPT && bytes < Math.max(BYTES_KEPT, 4 * 8 * table.pages)) return;
  await saveTable(followed.directory, position, table);
  followed.savedTxid = position.txid;
  pruneQueue(followed, shippers);
};

const SEGMENTS_KEPT = 500;
const BYTES_KEPT = 32 << 20;
