import { type Holding, type LineageHoldings, readCatalogue } from './catalogue.ts';
import { restorableRanges, type TxidRange } from './restore-plan.ts';
import { restorableStates } from './restorable-states.ts';
import { type Sealer, sealTarget } from './seal.ts';
import { readSegmentHeader } from './segment-reader.ts';
import type { Target } from './target.ts';

/**
 * A stretch of time that can be gone back to: to each transaction in it, or where they were merged, to so many `states` of it, both
 * ends counted. Where both meet they share the state between them.
 */
export type DescribedRange = TxidRange & {
  /** Milliseconds since 1970. */
  readonly fromAt: number;
  readonly toAt: number;
  readonly resolution: 'every-change' | 'snapshots';
  /** Null for `every-change`. */
  readonly states: number | null;
};

export type DescribedLineage = {
  readonly id: string;
  readonly createdAt: number;
  readonly parent?: { readonly lineage: string; readonly txid: number };
  readonly ranges: readonly DescribedRange[];
  readonly snapshots: number;
  readonly logs: number;
  readonly merged: number;
  readonly bytes: number;
};

/** What can be restored, for people: per lineage the stretches of time, oldest first. Reads two headers for each stretch. */
export const describeReplica = async (options: {
  readonly target: Target;
  readonly sealer?: Sealer;
  readonly database: string;
  readonly signal?: AbortSignal;
}): Promise<DescribedLineage[]> => {
  const { database, signal } = options;
  const target = options.sealer ? sealTarget(options.target, options.sealer) : options.target;
  const catalogue = await readCatalogue(target, database, signal);
  const described: DescribedLineage[] = [];
  for (const holdings of catalogue.lineages) {
    const { snapshots, segments, ...lineage } = holdings;
    const all = [...snapshots, ...segments];
    const times = new Map<number, number>();
    const timeAfter = async (txid: number): Promise<number> => {
      const known = times.get(txid);
      if (known !== undefined) return known;
      const time = await readTime(target, { holding: all.find(({ maxTxid }) => maxTxid === txid), lineage, signal });
      times.set(txid, time);
      return time;
    };
    const ranges: DescribedRange[] = [];
    for (const stretch of restorableRanges(catalogue, lineage.id).flatMap((range) => cutWhereMerged(holdings, range)))
      ranges.push({ ...stretch, fromAt: await timeAfter(stretch.from), toAt: await timeAfter(stretch.to) });
    described.push({
      ...lineage,
      ranges,
      snapshots: snapshots.length,
      logs: segments.filter(({ kind }) => kind === 'log').length,
      merged: segments.filter(({ kind }) => kind === 'merged').length,
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  }
  return described;
};

type Stretch = Omit<DescribedRange, 'fromAt' | 'toAt'>;

/** Single transactions are kept of the newest; before them, some of the states may be left. */
const cutWhereMerged = (holdings: LineageHoldings, range: TxidRange): Stretch[] => {
  const states = restorableStates(holdings, range);
  const last = states.at(-1);
  if (last === undefined || last.from === last.to) return [{ ...range, resolution: 'snapshots', states: countStates(states) }];
  const newest: Stretch = { ...last, resolution: 'every-change', states: null };
  if (states.length === 1) return [newest];
  return [{ from: range.from, to: last.from, resolution: 'snapshots', states: countStates(states.slice(0, -1)) + 1 }, newest];
};

const countStates = (states: readonly TxidRange[]): number => states.reduce((sum, { from, to }) => sum + to - from + 1, 0);

type Read = {
  readonly holding: Holding | undefined;
  readonly lineage: { readonly createdAt: number };
  readonly signal: AbortSignal | undefined;
};

const readTime = async (target: Target, { holding, lineage, signal }: Read): Promise<number> => {
  // The first state of a lineage that goes on from another one’s snapshot: it was there when the lineage began.
  if (holding === undefined) return lineage.createdAt;
  const header = await readSegmentHeader(await target.get(holding.name, signal ? { signal } : {}), holding.name);
  return header.lastAt;
};
