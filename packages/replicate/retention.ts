import type { Pin } from './compact-plan.ts';
import { type Catalogue, type Holding, readCatalogue } from './catalogue.ts';
import { replicaBroken } from './errors.ts';
import { renderObjectName } from './object-name.ts';
import { planRetention, retentionBucket, type RetentionPolicy } from './retention-plan.ts';
import { type Sealer, sealTarget } from './seal.ts';
import { readSegmentHeader, readSegmentTable } from './segment-reader.ts';
import type { Target } from './target.ts';

export type RetentionOptions = {
  readonly target: Target;
  readonly sealer?: Sealer;
  readonly database: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly policy: RetentionPolicy;
  /** States that stay exactly restorable whatever their age. Give them to `compact` as well. */
  readonly pins?: readonly Pin[];
  readonly signal?: AbortSignal;
};

export type RetentionResult = { readonly deleted: number; readonly kept: number; readonly bytesFreed: number };

/**
 * Deletes what no kept state needs, after reading once more what stands for it. Only superfluous objects are touched: ended at
 * any moment, the rest is as restorable as before.
 */
export const applyRetention = async (options: RetentionOptions): Promise<RetentionResult> => {
  const { database, now, policy, pins = [], signal } = options;
  const target = options.sealer ? sealTarget(options.target, options.sealer) : options.target;
  const catalogue = await readCatalogue(target, database, signal);
  const [unread] = catalogue.damaged ?? [];
  if (unread !== undefined) throw replicaBroken(unread, 'what its lineage needs of others cannot be told, so nothing is deleted');
  const times = await datesByBucket(target, catalogue, { bucketOf: (at) => retentionBucket(at, { now, policy }), signal });
  const lastAt = ({ name }: Holding): number => times.get(name) ?? Number.POSITIVE_INFINITY;
  const plan = planRetention(catalogue, { now, policy, pins, lastAt });
  // Throws where one is damaged: then what it would replace is still needed.
  for (const { name } of plan.standIns) await readSegmentTable(await target.get(name, signal ? { signal } : {}), name);
  const sizes = new Map(holdingsOf(catalogue).map(({ name, bytes }) => [name, bytes]));
  for (let at = 0; at < plan.delete.length; at += DELETE_AT_ONCE)
    await target.delete(plan.delete.slice(at, at + DELETE_AT_ONCE), signal);
  const lineages = plan.emptied.map((lineage) => renderObjectName({ kind: 'lineage', database, lineage }));
  if (lineages.length > 0) await target.delete(lineages, signal);
  return {
    deleted: plan.delete.length,
    kept: plan.keep.length,
    bytesFreed: plan.delete.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0),
  };
};

/** As many as an object store takes in one request. */
const DELETE_AT_ONCE = 1000;

const holdingsOf = (catalogue: Catalogue): Holding[] =>
  catalogue.lineages.flatMap(({ snapshots, segments }) => [...snapshots, ...segments]);

/**
 * A time for each object, in the same bucket as its own. Times never decrease along a lineage: where the ends of a stretch are
 * in one bucket, all between them are, and their headers need not be read.
 */
const datesByBucket = async (
  target: Target,
  catalogue: Catalogue,
  { bucketOf, signal }: { bucketOf: (at: number) => string; signal: AbortSignal | undefined },
): Promise<Map<string, number>> => {
  const times = new Map<string, number>();
  const read = async ({ name }: Holding): Promise<number> => {
    const known = times.get(name);
    if (known !== undefined) return known;
    const { lastAt } = await readSegmentHeader(await target.get(name, signal ? { signal } : {}), name);
    times.set(name, lastAt);
    return lastAt;
  };
  const fill = async (holdings: readonly Holding[]): Promise<void> => {
    const [first, last] = [holdings[0], holdings.at(-1)];
    if (first === undefined || last === undefined) return;
    const [from, to] = [await read(first), await read(last)];
    if (holdings.length <= 2) return;
    if (bucketOf(from) === bucketOf(to)) {
      for (const { name } of holdings) if (!times.has(name)) times.set(name, from);
      return;
    }
    const middle = holdings.length >>> 1;
    await fill(holdings.slice(0, middle + 1));
    await fill(holdings.slice(middle));
  };
  for (const { snapshots, segments } of catalogue.lineages)
    await fill([...snapshots, ...segments].toSorted((a, b) => a.maxTxid - b.maxTxid));
  return times;
};
