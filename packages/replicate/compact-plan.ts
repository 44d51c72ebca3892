import type { Catalogue, Holding } from './catalogue.ts';
import { coverSegments, restorableRanges } from './restore-plan.ts';

/** Segments of one window of time become one, which keeps the last version of each page. */
export type CompactionLevel = { readonly level: number; readonly windowMs: number };

export type CompactionStep = {
  readonly lineage: string;
  readonly level: number;
  /** Without a gap or an overlap, oldest first; two at least. */
  readonly sources: readonly Holding[];
};

/** A restore reads some 60 objects at most beside the snapshot: hours, then five minutes, then half minutes, then logs. */
export const COMPACTION_LEVELS: readonly CompactionLevel[] = [
  { level: 1, windowMs: 30_000 },
  { level: 2, windowMs: 5 * 60_000 },
  { level: 3, windowMs: 60 * 60_000 },
];

/**
 * The segments that lie behind what is merged at a level, as those that a merge would read: the fewest that cover them. Their
 * times have to be known to plan the level.
 */
export const unmergedSegments = (catalogue: Catalogue, { lineage, level }: { lineage: string; level: number }): Holding[][] => {
  const segments = catalogue.lineages.find(({ id }) => id === lineage)?.segments ?? [];
  const lower = segments.filter((segment) => segment.level < level);
  return restorableRanges(catalogue, lineage).flatMap(({ from, to }) => {
    const merged = segments.filter((segment) => segment.level >= level && segment.maxTxid > from && segment.maxTxid <= to);
    const start = merged.reduce((most, { maxTxid }) => Math.max(most, maxTxid), from);
    const steps = start < to ? coverSegments(lower, { from: start, to }) : undefined;
    return steps === undefined ? [] : [steps.map(({ holding }) => holding)];
  });
};

/** A state that must stay exactly restorable, whatever its age. */
export type Pin = { readonly lineage: string; readonly txid: number };

export type DueAt = CompactionLevel & {
  readonly now: number;
  readonly lastAt: (holding: Holding) => number;
  readonly pins?: readonly Pin[];
};

/**
 * The merges that are due at one level: each window that is over and has more than one segment. `lastAt` tells when a segment's
 * last transaction was captured; a segment belongs to the window of that. Nothing is merged across a pinned state.
 */
export const planCompaction = (
  runs: readonly (readonly Holding[])[],
  { level, windowMs, now, lastAt, pins = [] }: DueAt,
): CompactionStep[] =>
  runs.flatMap((run) => {
    const windows = Map.groupBy(run, (holding) => Math.floor(lastAt(holding) / windowMs));
    return [...windows]
      .filter(([window]) => (window + 1) * windowMs <= now)
      .flatMap(([, holdings]) => adjacent(holdings))
      .flatMap((holdings) => apart(holdings, pins))
      .filter((sources) => sources.length > 1)
      .map((sources) => ({ lineage: sources[0]?.lineage ?? '', level, sources }));
  });

/** Where two overlap, what was sent twice after a crash, the chain cannot be followed through: the merge begins anew there. */
const adjacent = (holdings: readonly Holding[]): Holding[][] => {
  const groups: Holding[][] = [];
  for (const holding of holdings) {
    const group = groups.at(-1);
    if (group !== undefined && group.at(-1)?.maxTxid === holding.minTxid - 1) group.push(holding);
    else groups.push([holding]);
  }
  return groups;
};

/** What ends with a pinned state ends a group; a log that has one in its middle is needed as it is, and stays alone. */
const apart = (holdings: readonly Holding[], pins: readonly Pin[]): Holding[][] => {
  const pinned = pins.filter(({ lineage }) => lineage === holdings[0]?.lineage).map(({ txid }) => txid);
  const groups: Holding[][] = [[]];
  for (const holding of holdings) {
    const inside = pinned.filter((txid) => holding.minTxid <= txid && txid <= holding.maxTxid);
    if (inside.some((txid) => txid < holding.maxTxid)) groups.push([holding], []);
    else {
      groups.at(-1)?.push(holding);
      if (inside.length > 0) groups.push([]);
    }
  }
  return groups.filter((group) => group.length > 0);
};
