import { lineagePrefix, parseObjectName, renderObjectName } from './object-name.ts';
import type { SegmentQueue } from './queue.ts';
import { readSegmentHeader } from './segment-reader.ts';
import type { Target } from './target.ts';

/**
 * A snapshot that an earlier run stored without living to remember it, if the queue still holds everything behind it. Gives the
 * transaction, when it was captured, and the last segment of the queue that it covers.
 */
export const findKnownBase = async (
  target: Target,
  queue: SegmentQueue,
  { database, lineage, txid, signal }: { database: string; lineage: string; txid: number; signal: AbortSignal },
): Promise<{ txid: number; at: number; sequence: number } | undefined> => {
  let newest = 0;
  for await (const { name } of target.list(lineagePrefix(database, lineage), signal)) {
    const parsed = parseObjectName(name);
    if (parsed?.kind === 'snapshot' && parsed.txid <= txid) newest = Math.max(newest, parsed.txid);
  }
  if (newest === 0) return undefined;
  const entries = queue.publishedAfter(0).filter((entry) => entry.lineage === lineage && entry.maxTxid > newest);
  const [next] = entries;
  const isCovering = next === undefined ? newest === txid : next.minTxid === newest + 1;
  if (!isCovering) return undefined;
  const name = renderObjectName({ kind: 'snapshot', database, lineage, txid: newest });
  const { lastAt } = await readSegmentHeader(await target.get(name, { signal }), name);
  return { txid: newest, at: lastAt, sequence: next === undefined ? queue.lastSequence : next.sequence - 1 };
};
