import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import type { Pin } from './compact-plan.ts';
import { newestLineage, planRestoreSteps, restorableRanges, type TxidRange } from './restore-plan.ts';
import { firstIndex, furthestEnds } from './segment-reach.ts';

/** Each transaction for a while, then one state per hour, then one per day; all in milliseconds before now. */
export type RetentionPolicy = {
  readonly everySecondForMs: number;
  readonly hourlyForMs: number;
  readonly dailyForMs: number;
};

export type RetentionPlan = {
  /** Objects that no wanted state needs. */
  readonly delete: readonly string[];
  readonly keep: readonly string[];
  /** Merged segments that stand for what is deleted: to be read once more before. */
  readonly standIns: readonly Holding[];
  /** Lineages of which nothing is left. */
  readonly emptied: readonly string[];
};

export const DEFAULT_RETENTION: RetentionPolicy = {
  everySecondForMs: 24 * 3_600_000,
  hourlyForMs: 7 * 24 * 3_600_000,
  dailyForMs: 30 * 24 * 3_600_000,
};

export type RetentionPlanParts = {
  readonly now: number;
  readonly policy: RetentionPolicy;
  readonly lastAt: (holding: Holding) => number;
  readonly pins?: readonly Pin[];
};

/**
 * What may go. `lastAt` tells when an object's last transaction was captured; exact to the bucket (see `retentionBucket`) is
 * enough. The newest complete chain stays whatever the policy says, and so do the snapshot before the oldest state that is
 * kept, all that pinned states need, and everything that cannot be reached yet because it is just being written.
 */
export const planRetention = (catalogue: Catalogue, { now, policy, lastAt, pins = [] }: RetentionPlanParts): RetentionPlan => {
  const all = catalogue.lineages.flatMap(({ snapshots, segments }) => [...snapshots, ...segments]);
  const current = newestLineage(catalogue);
  // Without one complete chain nothing is known to be superfluous.
  if (current === undefined) return { delete: [], keep: all.map(({ name }) => name), standIns: [], emptied: [] };
  const needed = new Set<string>();
  const need = (lineage: string, txid: number): void => {
    const plan = planRestoreSteps(catalogue, { lineage, txid });
    for (const { holding } of plan?.steps ?? []) needed.add(holding.name);
  };
  for (const { lineage, txid } of pins) need(lineage, txid);
  const eachFrom = now - policy.everySecondForMs;
  const newestSnapshot = current.snapshots.at(-1);
  for (const lineage of catalogue.lineages) {
    const ranges = restorableRanges(catalogue, lineage.id);
    for (const txid of wantedStates(restorableEnds(lineage, ranges), { now, policy, lastAt })) need(lineage.id, txid);
    // Only reading them tells which of them continue each other: a listing cannot say what a restore needs there.
    for (const log of forkedLogs(lineage)) if (lastAt(log) >= now - policy.dailyForMs) needed.add(log.name);
    const newest = ranges.at(-1)?.to;
    if (lineage === current && newest !== undefined) need(lineage.id, newest);
    for (const holding of [...lineage.snapshots, ...lineage.segments]) {
      const isAhead = lineage === current && holding.maxTxid > (newest ?? 0);
      if (isAhead || holding === newestSnapshot || lastAt(holding) >= eachFrom) needed.add(holding.name);
    }
  }
  const superfluous = all.filter(({ name }) => !needed.has(name));
  const left = new Set(pins.map(({ lineage }) => lineage));
  for (const { name, lineage } of all) if (needed.has(name)) left.add(lineage);
  return {
    delete: superfluous.map(({ name }) => name),
    keep: [...needed],
    standIns: standInsFor(
      superfluous,
      all.filter(({ kind, name }) => kind === 'merged' && needed.has(name)),
    ),
    emptied: catalogue.lineages
      .filter((lineage) => lineage.createdAt < now - policy.dailyForMs && lineage.id !== current.id && !left.has(lineage.id))
      .filter(({ id }) => !catalogue.lineages.some(({ parent, id: child }) => parent?.lineage === id && left.has(child)))
      .map(({ id }) => id),
  };
};

/** Times in one bucket need not be told apart: the states that are kept are chosen by bucket. */
export const retentionBucket = (at: number, { now, policy }: { now: number; policy: RetentionPolicy }): string => {
  if (at >= now - policy.everySecondForMs) return 'each';
  if (at >= now - policy.hourlyForMs) return `hour ${Math.floor(at / HOUR_MS)}`;
  if (at >= now - policy.dailyForMs) return `day ${Math.floor(at / DAY_MS)}`;
  return 'gone';
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The last transactions of the objects of a lineage, as far as a state can be restored there. */
const restorableEnds = ({ segments, snapshots }: LineageHoldings, ranges: readonly TxidRange[]): Holding[] =>
  [...segments, ...snapshots]
    .filter(({ maxTxid }) => ranges.some(({ from, to }) => from <= maxTxid && maxTxid <= to))
    .toSorted((a, b) => a.maxTxid - b.maxTxid);

/** Logs that have transactions in common: two machines wrote this lineage. */
const forkedLogs = ({ segments }: LineageHoldings): Set<Holding> => {
  const forked = new Set<Holding>();
  let furthest: Holding | undefined;
  for (const log of segments) {
    if (log.kind !== 'log') continue;
    if (furthest !== undefined && log.minTxid <= furthest.maxTxid) forked.add(log).add(furthest);
    if (furthest === undefined || log.maxTxid > furthest.maxTxid) furthest = log;
  }
  return forked;
};

/** The last state of each bucket; of a day that has one, that of its last snapshot, which needs nothing else. */
const wantedStates = (
  ends: readonly Holding[],
  { now, policy, lastAt }: { now: number; policy: RetentionPolicy; lastAt: (holding: Holding) => number },
): number[] => {
  const buckets = Map.groupBy(ends, (holding) => retentionBucket(lastAt(holding), { now, policy }));
  const wanted: number[] = [];
  for (const [bucket, holdings] of buckets) {
    const snapshot = bucket.startsWith('day') ? holdings.findLast(({ kind }) => kind === 'snapshot') : undefined;
    const chosen = snapshot ?? holdings.at(-1);
    if (chosen !== undefined && bucket !== 'gone' && bucket !== 'each') wanted.push(chosen.maxTxid);
  }
  // Where every transaction is kept, the first one needs what is before it.
  const first = ends.find((holding) => lastAt(holding) >= now - policy.everySecondForMs);
  const before = first === undefined ? undefined : ends.findLast(({ maxTxid }) => maxTxid < first.minTxid);
  if (before !== undefined) wanted.push(before.maxTxid);
  return wanted;
};

/** Those merged segments that have a transaction in common with something that goes. */
const standInsFor = (superfluous: readonly Holding[], merged: readonly Holding[]): Holding[] => {
  const gone = Map.groupBy(
    superfluous.filter(({ kind }) => kind !== 'snapshot'),
    ({ lineage }) => lineage,
  );
  const reaches = new Map([...gone].map(([lineage, holdings]) => [lineage, createReach(sortedByFirst(holdings))]));
  return merged.filter(({ lineage, minTxid, maxTxid }) => (reaches.get(lineage)?.(maxTxid) ?? -1) >= minTxid);
};

/** For segments in the order of their first transactions: how far those reach that begin at or before a transaction. */
const createReach = (segments: readonly Holding[]): ((txid: number) => number) => {
  const reach = furthestEnds(segments);
  return (txid) => {
    const after = firstIndex(segments.length, (index) => (segments[index]?.minTxid ?? 0) > txid);
    return reach[after - 1] ?? -1;
  };
};

const sortedByFirst = (segments: readonly Holding[]): Holding[] => segments.toSorted((a, b) => a.minTxid - b.minTxid);
