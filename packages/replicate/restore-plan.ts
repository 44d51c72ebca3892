import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import { firstIndex, furthestEnds } from './segment-reach.ts';

/** What is read, one behind the other, to have the database as it was after `txid`: a snapshot first, then segments. */
export type RestoreSteps = { readonly lineage: string; readonly txid: number; readonly steps: readonly RestoreStep[] };

/** Transactions of the object behind `upTo` are left out. */
export type RestoreStep = { readonly holding: Holding; readonly upTo: number };

/** Transactions without a gap between them, both ends restorable. */
export type TxidRange = { readonly from: number; readonly to: number };

/**
 * The fewest objects that lead to a transaction, from the newest snapshot before it; where a lineage has none, through the
 * lineage that it continued. undefined if the target does not hold that state.
 */
export const planRestoreSteps = (
  catalogue: Catalogue,
  { lineage, txid }: { lineage: string; txid: number },
): RestoreSteps | undefined => {
  const holdings = catalogue.lineages.find(({ id }) => id === lineage);
  if (holdings === undefined) return undefined;
  const snapshot = holdings.snapshots.findLast(({ maxTxid }) => maxTxid <= txid);
  if (snapshot !== undefined) {
    // Where this one does not lead, no older one does: its segments would have to pass here.
    const steps = coverSegments(holdings.segments, { from: snapshot.maxTxid, to: txid });
    return steps && { lineage, txid, steps: [{ holding: snapshot, upTo: snapshot.maxTxid }, ...steps] };
  }
  const { parent } = holdings;
  if (parent === undefined || parent.txid > txid) return undefined;
  const steps = coverSegments(holdings.segments, { from: parent.txid, to: txid });
  const before = steps && planRestoreSteps(without(catalogue, lineage), parent);
  return before && { lineage, txid, steps: [...before.steps, ...steps] };
};

/** The ranges in which a lineage can be restored, oldest first. Within them, where only merged segments are left, only their ends. */
export const restorableRanges = (catalogue: Catalogue, lineage: string): TxidRange[] => {
  const holdings = catalogue.lineages.find(({ id }) => id === lineage);
  if (holdings === undefined) return [];
  const bases = holdings.snapshots.map(({ maxTxid }) => maxTxid);
  const { parent } = holdings;
  // The snapshot of another lineage may carry this one's first steps.
  if (parent !== undefined && planRestoreSteps(without(catalogue, lineage), parent)) bases.push(parent.txid);
  const ranges: TxidRange[] = [];
  let next = 0;
  for (const from of bases.toSorted((a, b) => a - b)) {
    if (from <= (ranges.at(-1)?.to ?? -1)) continue;
    let to = from;
    for (; next < holdings.segments.length; next += 1) {
      const segment = holdings.segments[next] as Holding;
      if (segment.minTxid > to + 1) break;
      to = Math.max(to, segment.maxTxid);
    }
    const last = ranges.at(-1);
    if (last !== undefined && from === last.to + 1) ranges[ranges.length - 1] = { from: last.from, to };
    else ranges.push({ from, to });
  }
  return ranges;
};

/** The lineage that is written, or was last: the newest of which anything can be restored. */
export const newestLineage = (catalogue: Catalogue): LineageHoldings | undefined =>
  catalogue.lineages.findLast(({ id }) => restorableRanges(catalogue, id).length > 0);

/**
 * The fewest segments that lead from one transaction to another; undefined if there is a gap. A segment may begin before `from`:
 * pages that it brings again are, in the end, as they were after its last transaction. One that ends behind `to` helps if its
 * transactions are still apart.
 */
export const coverSegments = (segments: readonly Holding[], { from, to }: TxidRange): RestoreStep[] | undefined => {
  const steps: RestoreStep[] = [];
  let at = from;
  // What ends before all that is wanted, and so does everything before it, leads nowhere.
  const furthest = furthestEnds(segments);
  let next = firstIndex(segments.length, (index) => (furthest[index] ?? 0) > from);
  while (at < to) {
    let best: RestoreStep | undefined;
    for (; next < segments.length; next += 1) {
      const holding = segments[next] as Holding;
      if (holding.minTxid > at + 1) break;
      if (holding.maxTxid > to && holding.kind === 'merged') continue;
      const upTo = Math.min(holding.maxTxid, to);
      const isBetter = best === undefined || upTo > best.upTo || (upTo === best.upTo && holding.level > best.holding.level);
      if (upTo > at && isBetter) best = { holding, upTo };
    }
    if (best === undefined) return undefined;
    steps.push(best);
    at = best.upTo;
  }
  return steps;
};

/** Against lineages that would continue each other. */
const without = (catalogue: Catalogue, lineage: string): Catalogue => ({
  ...catalogue,
  lineages: catalogue.lineages.filter(({ id }) => id !== lineage),
});
