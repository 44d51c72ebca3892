import type { Catalogue, Holding } from './catalogue.ts';
import { replicaGap, restorePointUnreachable } from './errors.ts';
import { findGap, type Gap } from './restore-gap.ts';
import { newestLineage, planRestoreSteps, restorableRanges, type RestoreStep, type TxidRange } from './restore-plan.ts';
import { isUnusable } from './restored-state.ts';
import { readSegmentHeader, readSegmentTable } from './segment-reader.ts';
import { firstIndex } from './segment-reach.ts';
import type { Target } from './target.ts';

/** Which state is wanted. A time means the last transaction captured at or before it. */
export type RestoreTo = 'latest' | { readonly txid: number } | { readonly at: Date };

export type RestorePoint = { readonly txid: number; readonly at: number };

export type RestorePlan = {
  readonly database: string;
  readonly lineage: string;
  readonly txid: number;
  readonly steps: readonly RestoreStep[];
  /** What is read from the target. */
  readonly bytes: number;
  /** With a time: the state that was chosen and the restorable ones beside it; milliseconds since 1970. */
  readonly chosen?: RestorePoint;
  readonly before?: RestorePoint;
  readonly after?: RestorePoint;
};

export type RestoreRequest = {
  readonly to: RestoreTo;
  /** Else the one that is written now, or for a time the one that was written then. */
  readonly lineage?: string;
  readonly signal?: AbortSignal;
};

/**
 * Which objects lead to the wanted state. For a time, some headers and one or two tables of segments are read; else the listing
 * is enough. Throws RESTORE_POINT_UNREACHABLE, which says what there is instead; for the latest state REPLICA_BROKEN where something is
 * missing before it.
 */
export const findRestorePlan = async (
  target: Target,
  catalogue: Catalogue,
  { to, lineage, signal }: RestoreRequest,
): Promise<RestorePlan> => {
  if (to !== 'latest' && 'at' in to) return planAtTime(target, catalogue, { time: to.at.getTime(), lineage, signal });
  const id = lineage ?? (to === 'latest' ? newestLineage(catalogue)?.id : newestLineageWith(catalogue, to.txid));
  if (id === undefined) throw unreachable(catalogue, { wanted: describe(to), lineage });
  const gap = to === 'latest' ? findGap(catalogue, lineage) : undefined;
  if (gap !== undefined) throw await brokenBy(gap, { target, catalogue, signal });
  const txid = to === 'latest' ? restorableRanges(catalogue, id).at(-1)?.to : to.txid;
  const plan = txid === undefined ? undefined : planRestoreSteps(catalogue, { lineage: id, txid });
  if (plan === undefined) throw unreachable(catalogue, { wanted: describe(to), lineage: id });
  return { database: catalogue.database, ...plan, bytes: bytesOf(plan.steps) };
};

/**
 * The restorable states of a lineage, as the objects that hold them: of a log each transaction, of the others the last. Ordered,
 * without what is held twice. Only what can be reached is among them.
 */
export const restorePoints = (catalogue: Catalogue, lineage: string): PointSource[] => {
  const holdings = catalogue.lineages.find(({ id }) => id === lineage);
  if (holdings === undefined) return [];
  const ranges = restorableRanges(catalogue, lineage);
  const logs = holdings.segments.filter(({ kind }) => kind === 'log');
  const sources: PointSource[] = [];
  const reachable = (txid: number): TxidRange | undefined => ranges.find(({ from, to }) => from <= txid && txid <= to);
  for (const holding of logs) {
    const range = reachable(holding.maxTxid);
    if (range === undefined) continue;
    // What was sent twice, cut differently, is counted once.
    const from = Math.max(holding.minTxid, range.from, (sources.at(-1)?.to ?? 0) + 1);
    if (from <= holding.maxTxid) sources.push({ holding, from, to: holding.maxTxid });
  }
  const inLogs = createMembership(sources);
  const ends = new Map<number, PointSource>();
  for (const holding of [...holdings.segments, ...holdings.snapshots]) {
    const to = holding.maxTxid;
    if (holding.kind === 'log' || inLogs(to) || reachable(to) === undefined) continue;
    if (planRestoreSteps(catalogue, { lineage, txid: to }) !== undefined) ends.set(to, { holding, from: to, to });
  }
  return [...sources, ...ends.values()].toSorted((a, b) => a.to - b.to);
};

export type PointSource = TxidRange & { readonly holding: Holding };

/** The capture time of the first restorable state in each source, read once. */
export const createTimetable = (target: Target, signal?: AbortSignal): ((source: PointSource) => Promise<number>) => {
  const known = new Map<string, Promise<number>>();
  return ({ holding }) => {
    let time = known.get(holding.name);
    if (time === undefined) {
      time = readTime(target, holding, signal);
      known.set(holding.name, time);
    }
    return time;
  };
};

const readTime = async (target: Target, { name, kind }: Holding, signal?: AbortSignal): Promise<number> => {
  const header = await readSegmentHeader(await target.get(name, signal ? { signal } : {}), name);
  return kind === 'log' ? header.firstAt : header.lastAt;
};

type AtTime = { time: number; lineage: string | undefined; signal: AbortSignal | undefined };

const planAtTime = async (target: Target, catalogue: Catalogue, { time, lineage, signal }: AtTime): Promise<RestorePlan> => {
  const timeOf = createTimetable(target, signal);
  // What was current then, even if a restore has led away from it since.
  const candidates = catalogue.lineages.filter((it) => (lineage === undefined ? it.createdAt <= time : it.id === lineage));
  for (const { id } of candidates.toReversed()) {
    const sources = restorePoints(catalogue, id);
    const found = await lastPointAtOrBefore(target, sources, { time, timeOf, signal });
    if (found === undefined) {
      const plan = planBeginning(catalogue, { id, time });
      if (plan !== undefined) return plan;
      continue;
    }
    const { index, points, at } = found;
    const chosen = points[at] as RestorePoint;
    const before = points[at - 1] ?? (await edgePoint(target, sources[index - 1], { last: true, signal }));
    const after = points[at + 1] ?? (await edgePoint(target, sources[index + 1], { last: false, signal }));
    const plan = planRestoreSteps(catalogue, { lineage: id, txid: chosen.txid });
    if (plan === undefined) break;
    const around = { chosen, ...(before && { before }), ...(after && { after }) };
    return { database: catalogue.database, ...plan, bytes: bytesOf(plan.steps), ...around };
  }
  throw unreachable(catalogue, { wanted: new Date(time).toISOString(), lineage });
};

/** Between the beginning of a lineage and its first own state, the database was as it was when it left the one before. */
const planBeginning = (catalogue: Catalogue, { id, time }: { id: string; time: number }): RestorePlan | undefined => {
  const { createdAt = time + 1, parent } = catalogue.lineages.find((lineage) => lineage.id === id) ?? {};
  const plan = parent && createdAt <= time ? planRestoreSteps(catalogue, parent) : undefined;
  if (plan === undefined) return undefined;
  return { database: catalogue.database, ...plan, bytes: bytesOf(plan.steps), chosen: { txid: plan.txid, at: createdAt } };
};

type Search = { time: number; timeOf: (source: PointSource) => Promise<number>; signal: AbortSignal | undefined };
type Found = { index: number; points: readonly RestorePoint[]; at: number };

/** Times never decrease along a lineage: a handful of headers finds the place among hundreds of thousands. */
const lastPointAtOrBefore = async (
  target: Target,
  sources: readonly PointSource[],
  { time, timeOf, signal }: Search,
): Promise<Found | undefined> => {
  let low = 0;
  let high = sources.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((await timeOf(sources[middle] as PointSource)) <= time) low = middle + 1;
    else high = middle;
  }
  // Of a log that begins before the first snapshot, the first transactions are none to restore to.
  for (let index = low - 1; index >= 0; index -= 1) {
    const points = await pointsIn(target, sources[index] as PointSource, signal);
    const at = points.findLastIndex((point) => point.at <= time);
    if (at >= 0) return { index, points, at };
  }
  return undefined;
};

const pointsIn = async (target: Target, source: PointSource, signal?: AbortSignal): Promise<RestorePoint[]> => {
  const { name } = source.holding;
  const { transactions } = await readSegmentTable(await target.get(name, signal ? { signal } : {}), name);
  return transactions.filter(({ txid }) => txid >= source.from && txid <= source.to).map(({ txid, at }) => ({ txid, at }));
};

const edgePoint = async (
  target: Target,
  source: PointSource | undefined,
  { last, signal }: { last: boolean; signal: AbortSignal | undefined },
): Promise<RestorePoint | undefined> => {
  if (source === undefined) return undefined;
  const { name } = source.holding;
  const header = await readSegmentHeader(await target.get(name, signal ? { signal } : {}), name);
  return last
    ? { txid: source.to, at: header.lastAt }
    : { txid: source.from, at: source.holding.kind === 'log' ? header.firstAt : header.lastAt };
};

/** Whoever is told shall be able to ask for what there is. */
const brokenBy = async (gap: Gap, { target, catalogue, signal }: Reading): Promise<Error> => {
  const { segments, snapshots } = catalogue.lineages.find(({ id }) => id === gap.lineage) ?? { segments: [], snapshots: [] };
  const holding = [...segments, ...snapshots].find(({ maxTxid }) => maxTxid === gap.after);
  const source = holding && { holding, from: gap.after, to: gap.after };
  try {
    const newest = await edgePoint(target, source, { last: true, signal });
    return replicaGap({ database: catalogue.database, ...gap, ...(newest && { at: newest.at }) });
  } catch (thrown) {
    // That one is damaged as well: without its moment, the number tells which state it is.
    if (isUnusable(thrown)) return replicaGap({ database: catalogue.database, ...gap });
    throw thrown;
  }
};

type Reading = { target: Target; catalogue: Catalogue; signal: AbortSignal | undefined };

/** A transaction number may exist in several lineages: the newest counts. */
const newestLineageWith = (catalogue: Catalogue, txid: number): string | undefined =>
  catalogue.lineages.findLast(({ id }) => planRestoreSteps(catalogue, { lineage: id, txid }) !== undefined)?.id ??
  newestLineage(catalogue)?.id;

/** Whether a number is in one of the sources, which are ordered and do not overlap. */
const createMembership =
  (sources: readonly PointSource[]): ((txid: number) => boolean) =>
  (txid) => {
    const found = sources[firstIndex(sources.length, (index) => (sources[index]?.to ?? 0) >= txid)];
    return found !== undefined && found.from <= txid;
  };

const bytesOf = (steps: readonly RestoreStep[]): number => steps.reduce((sum, { holding }) => sum + holding.bytes, 0);

const describe = (to: 'latest' | { readonly txid: number }): string =>
  to === 'latest' ? 'the latest state' : `transaction ${to.txid}`;

const unreachable = (catalogue: Catalogue, { wanted, lineage }: { wanted: string; lineage: string | undefined }): Error =>
  restorePointUnreachable({
    database: catalogue.database,
    wanted,
    lineages: catalogue.lineages
      .filter(({ id }) => lineage === undefined || id === lineage)
      .map(({ id }) => ({ id, ranges: restorableRanges(catalogue, id) })),
  });
