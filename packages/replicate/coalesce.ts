import type { Followed } from './followed.ts';
import type { LogFile } from './log-file.ts';
import type { SegmentEntry } from './segment-format.ts';
import { WAL_FRAME_HEADER_BYTES, WAL_HEADER_BYTES } from './wal-format.ts';
import type { WalTransaction } from './wal-scan.ts';

/**
 * Many commits as one: the last version of each page, in ascending order, and one commit. For writers that are faster than
 * every version of every page can be compressed and stored; four bytes of memory per page of the database.
 */
export function* coalescedEntries(
  { table }: Followed,
  { log, transactions, txid, at }: { log: LogFile; transactions: readonly WalTransaction[]; txid: number; at: number },
): Generator<SegmentEntry> {
  const last = transactions.at(-1);
  if (last === undefined) return;
  const { databasePages, end } = last;
  const frameBytes = WAL_FRAME_HEADER_BYTES + end.pageSize;
  /** Counted from 1, as 0 is a page that did not change. */
  const frameOf = new Uint32Array(databasePages + 1);
  for (const { offset, pages } of transactions) {
    let frame = (offset - WAL_HEADER_BYTES) / frameBytes;
    for (const page of pages) {
      frame += 1;
      if (page <= databasePages) frameOf[page] = frame;
    }
  }
  const content = Buffer.allocUnsafe(end.pageSize);
  for (let page = 1; page <= databasePages; page += 1) {
    const frame = frameOf[page] ?? 0;
    if (frame === 0) continue;
    log.readPage(frame, content);
    table.update(page, content);
    yield { page, content };
  }
  table.resize(databasePages);
  yield { commit: { txid, databasePages, at, checksum: table.checksum } };
}
