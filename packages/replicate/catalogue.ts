import { databaseNotFound } from './errors.ts';
import { getLineage, type Lineage } from './lineage.ts';
import { parseObjectName } from './object-name.ts';
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
  for (const id of ids) {
    // Segments without the object that tells of their lineage are as good as any; only their place in time is not known.
    const lineage = known.has(id) ? await getLineage(target, database, id, signal) : { id, createdAt: 0 };
    lineages.push({ ...lineage, ...sorted(holdings.get(id) ?? []) });
  }
  return { database, epoch, lineages: lineages.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)) };
};

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
