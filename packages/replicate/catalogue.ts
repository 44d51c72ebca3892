import type { BerthError } from '@berth/core';
import { databaseNotFound } from './errors.ts';
import { getLineage, type Lineage } from './lineage.ts';
import { parseObjectName, renderObjectName } from './object-name.ts';
import { isUnusable } from './restored-state.ts';
import { readSegmentHeader } from './segment-reader.ts';
import type { Target } from './target.ts';

/** An object that takes part in restores. Snapshots have one transaction: `minTxid` is `maxTxid`. */
export type Holding = {
  readonly name: string;
  readonly lineage: string;
  readonly kind: 'snapshot' | 'log' | 'merged';
  /** 0 for logs and snapshots. */
  readonly level: number;
  readonly minTxid: number;
  readonly maxTxid: number;
  readonly bytes: number;
};

export type LineageHoldings = Lineage & {
  /** By transaction, oldest first. */
  readonly snapshots: readonly Holding[];
  /** Logs and merged segments by their first transaction; they may overlap. */
  readonly segments: readonly Holding[];
};

/** What a target holds of one database, as far as a listing tells. */
export type Catalogue = {
  readonly database: string;
  /** In the order in which they began. */
  readonly lineages: readonly LineageHoldings[];
  /** The highest claim to write, 0 if there is none. */
  readonly epoch: number;
  /** Objects that tell of a lineage and cannot be read: it counts as if they were missing. */
  readonly damaged?: readonly string[];
};

/** Lists the target; nothing else has to be known. Throws REPLICA_NOT_FOUND if it holds nothing of that database. */
export const readCatalogue = async (target: Target, database: string, signal?: AbortSignal): Promise<Catalogue> => {
  const holdings = new Map<string, Holding[]>();
  const known = new Set<string>();
  let epoch = 0;
  for await (const { name, bytes } of target.list(`${database}/`, signal)) {
    const parsed = parseObjectName(name);
    if (parsed === undefined) continue;
    if (parsed.kind === 'epoch') epoch = Math.max(epoch, parsed.epoch);
    else if (parsed.kind === 'lineage') known.add(parsed.lineage);
    else {
      const { kind, lineage } = parsed;
      const level = kind === 'merged' ? parsed.level : 0;
      const range = kind === 'snapshot' ? { minTxid: parsed.txid, maxTxid: parsed.txid } : parsed;
      const { minTxid, maxTxid } = range;
      const holding = { name, lineage, kind, level, minTxid, maxTxid, bytes };
      const others = holdings.get(lineage);
      if (others === undefined) holdings.set(lineage, [holding]);
      else others.push(holding);
    }
  }
  const ids = new Set([...known, ...holdings.keys()]);
  if (ids.size === 0) throw databaseNotFound(target.description, database);
  const lineages: LineageHoldings[] = [];
  const damaged: string[] = [];
  const unread: BerthError[] = [];
  for (const id of ids) {
    const own = sorted(holdings.get(id) ?? []);
    let lineage: Lineage | undefined;
    if (known.has(id))
      try {
        lineage = await getLineage(target, database, id, signal);
      } catch (thrown) {
        // With nothing but that, it is all there is to say: with the wrong key everything is damaged.
        if (!isUnusable(thrown) || own.snapshots.length + own.segments.length === 0) throw thrown;
        unread.push(thrown);
        damaged.push(renderObjectName({ kind: 'lineage', database, lineage: id }));
      }
    // Segments without the object that tells of their lineage are as good as any; when it began, the first of them tells.
    lineages.push({ ...(lineage ?? { id, createdAt: await beginningOf(target, own, { unread, signal }) }), ...own });
  }
  return { database, epoch, damaged, lineages: lineages.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)) };
};

type Unread = { readonly unread: readonly BerthError[]; readonly signal: AbortSignal | undefined };

/** The moment of the first state that can be read of a lineage that does not say when it began. */
const beginningOf = async (target: Target, { snapshots, segments }: Own, { unread, signal }: Unread): Promise<number> => {
  let refused = unread.at(-1);
  for (const { name } of [...snapshots.slice(0, 1), ...segments].slice(0, BEGINNINGS_READ)) {
    try {
      return (await readSegmentHeader(await target.get(name, signal ? { signal } : {}), name)).firstAt;
    } catch (thrown) {
      if (!isUnusable(thrown)) throw thrown;
      refused ??= thrown;
    }
  }
  // Nothing at all can be read: rather the key is another one.
  if (unread.length > 0 && refused !== undefined) throw refused;
  return 0;
};

type Own = Pick<LineageHoldings, 'snapshots' | 'segments'>;
const BEGINNINGS_READ = 4;

/** The ids of all databases that the target holds something of. */
export const listDatabases = async (target: Target, signal?: AbortSignal): Promise<string[]> => {
  const found = new Set<string>();
  for await (const { name } of target.list('', signal)) {
    const parsed = parseObjectName(name);
    if (parsed !== undefined) found.add(parsed.database);
  }
  return [...found].toSorted();
};

const sorted = (holdings: readonly Holding[]): Pick<LineageHoldings, 'snapshots' | 'segments'> => ({
  snapshots: holdings.filter(({ kind }) => kind === 'snapshot').toSorted((a, b) => a.maxTxid - b.maxTxid),
  segments: holdings
    .filter(({ kind }) => kind !== 'snapshot')
    .toSorted((a, b) => a.minTxid - b.minTxid || a.maxTxid - b.maxTxid || a.level - b.level),
});
