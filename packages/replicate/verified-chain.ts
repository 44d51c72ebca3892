import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import { planRestoreSteps, type RestoreStep, type RestoreSteps } from './restore-plan.ts';
import { isUnusable } from './restored-state.ts';
import type { SegmentTransaction } from './segment-format.ts';
import { readSegmentTable } from './segment-reader.ts';
import type { Target } from './target.ts';

/** A chain in which each object is proven to continue the one before, and what is there beside it. */
export type VerifiedChain = RestoreSteps & {
  /** Objects that could not be read or are not what was stored. */
  readonly damaged: readonly string[];
  /** Sound objects behind the beginning of the chain that continue something else: of another machine that wrote this lineage. */
  readonly forked: readonly string[];
  /** Some of them have transactions of the same numbers as the chain. */
  readonly isForked: boolean;
};

/**
 * Where two machines wrote one lineage, its logs overlap and do not continue each other. Reads the objects from a snapshot on and
 * follows the hash links, and where a log overlaps the one before, the checksums of states: to the wanted transaction, or with
 * `latest` along the longest chain there is. Undefined where nothing leads there.
 */
export const findVerifiedChain = async (
  target: Target,
  catalogue: Catalogue,
  { lineage, to, signal }: { lineage: string; to: 'latest' | number; signal: AbortSignal | undefined },
): Promise<VerifiedChain | undefined> => {
  const holdings = catalogue.lineages.find(({ id }) => id === lineage);
  if (holdings === undefined) return undefined;
  const tables = createTables(target, signal);
  let best: (Chain & { base: Base }) | undefined;
  for (const base of basesOf(catalogue, holdings)) {
    if (to !== 'latest' && base.txid > to) continue;
    const behind = holdings.segments.filter(({ maxTxid }) => maxTxid > base.txid);
    const furthest = behind.reduce((most, { maxTxid }) => Math.max(most, maxTxid), base.txid);
    // An older beginning cannot lead further.
    if (best !== undefined && best.txid >= furthest) break;
    const own = base.snapshot && (await tables.read(base.snapshot));
    if (base.snapshot !== undefined && own === undefined) continue;
    const segments: Read[] = [];
    for (const holding of behind) {
      const read = await tables.read(holding);
      if (read !== undefined) segments.push(read);
    }
    const found = follow(segments, { txid: base.txid, own }, to);
    if (found !== undefined && (best === undefined || found.txid > best.txid)) best = { ...found, base };
    if (best !== undefined && to !== 'latest') break;
  }
  if (best === undefined) return undefined;
  const { base, steps, txid, forked, isForked } = best;
  return { lineage, txid, steps: [...base.steps, ...steps], damaged: tables.damaged, forked, isForked };
};

/** What a chain can begin with: a snapshot, or the state in which a lineage left the one before. */
type Base = { readonly txid: number; readonly steps: readonly RestoreStep[]; readonly snapshot?: Holding };

/** The newest first. */
const basesOf = (catalogue: Catalogue, { id, snapshots, parent }: LineageHoldings): Base[] => {
  const bases: Base[] = snapshots.toReversed().map((snapshot) => {
    return { txid: snapshot.maxTxid, steps: [{ holding: snapshot, upTo: snapshot.maxTxid }], snapshot };
  });
  const others = { ...catalogue, lineages: catalogue.lineages.filter((lineage) => lineage.id !== id) };
  const before = parent && planRestoreSteps(others, parent);
  if (before !== undefined) bases.push({ txid: before.txid, steps: before.steps });
  return bases;
};

type Read = {
  readonly holding: Holding;
  readonly previous: string;
  /** '' for a snapshot that was taken in the middle of a batch. */
  readonly link: string;
  readonly transactions: readonly SegmentTransaction[];
};

/** Each object is read once, to its end: only then is its hash proven. */
const createTables = (target: Target, signal: AbortSignal | undefined) => {
  const known = new Map<string, Read | undefined>();
  const damaged: string[] = [];
  return {
    damaged,
    async read(holding: Holding): Promise<Read | undefined> {
      const { name } = holding;
      if (known.has(name)) return known.get(name);
      let read: Read | undefined;
      try {
        const { header, transactions, summary } = await readSegmentTable(await target.get(name, signal ? { signal } : {}), name);
        read = { holding, previous: header.previous, link: summary.link, transactions };
      } catch (thrown) {
        if (!isUnusable(thrown)) throw thrown;
        damaged.push(name);
      }
      known.set(name, read);
      return read;
    },
  };
};

/** A segment that is reached from the base, through as few objects as possible. */
type Way = { readonly read: Read; readonly before: Way | undefined; readonly length: number };

type Chain = Pick<VerifiedChain, 'txid' | 'steps' | 'forked' | 'isForked'>;

type Start = { readonly txid: number; readonly own: Read | undefined };

const follow = (segments: readonly Read[], start: Start, to: 'latest' | number): Chain | undefined => {
  const ways = reach(segments, start);
  const txid = to === 'latest' ? ways.reduce((most, { read }) => Math.max(most, read.holding.maxTxid), start.txid) : to;
  const ends = ways.filter(({ read: { holding } }) =>
    holding.kind === 'log' ? holding.minTxid <= txid && txid <= holding.maxTxid : holding.maxTxid === txid,
  );
  const [end] = ends.toSorted((a, b) => a.length - b.length);
  if (end === undefined && txid !== start.txid) return undefined;
  const path: Read[] = [];
  for (let way = end; way !== undefined; way = way.before) path.unshift(way.read);
  const steps = path.map(({ holding }): RestoreStep => ({ holding, upTo: Math.min(holding.maxTxid, txid) }));
  const checksums = new Map(path.flatMap(({ transactions }) => transactions.map((one) => [one.txid, one.checksum] as const)));
  const reached = new Set(ways.map(({ read }) => read));
  const isOther = (read: Read): boolean =>
    !reached.has(read) || read.transactions.some((one) => (checksums.get(one.txid) ?? one.checksum) !== one.checksum);
  const others = segments.filter(isOther).map(({ holding }) => holding);
  const isForked = others.some((other) =>
    path.some(({ holding }) => other.minTxid <= holding.maxTxid && holding.minTxid <= other.maxTxid),
  );
  return { txid, steps, forked: others.map(({ name }) => name), isForked };
};

const reach = (segments: readonly Read[], start: Start): Way[] => {
  const ways: Way[] = [];
  const byLink = new Map<string, Way>();
  const byState = new Map<string, Way>();
  // What a segment continues ends before it does.
  for (const read of segments.toSorted((a, b) => a.holding.maxTxid - b.holding.maxTxid)) {
    const { previous, link, transactions, holding } = read;
    const joined = byLink.get(`${holding.minTxid - 1} ${previous}`);
    const overlapped = transactions.slice(0, -1).map(({ txid, checksum }) => byState.get(`${txid} ${checksum}`));
    const [before] = [joined, ...overlapped].filter((way) => way !== undefined).toSorted((a, b) => a.length - b.length);
    const isFirst = continuesStart(read, start);
    if (before === undefined && !isFirst) continue;
    const way: Way = { read, before: isFirst ? undefined : before, length: isFirst ? 1 : (before?.length ?? 0) + 1 };
    ways.push(way);
    keepShorter(byLink, `${holding.maxTxid} ${link}`, way);
    keepShorter(byState, `${holding.maxTxid} ${transactions.at(-1)?.checksum}`, way);
  }
  return ways;
};

const continuesStart = ({ holding, previous, transactions }: Read, { txid, own }: Start): boolean => {
  const { minTxid, maxTxid, kind } = holding;
  if (minTxid === txid + 1) return own === undefined || own.link === '' || own.link === previous;
  if (minTxid > txid || maxTxid <= txid) return false;
  // Of a merged segment only the end is known: the checksum of the restored state is the proof.
  const checksum = own?.transactions.at(-1)?.checksum;
  return kind === 'merged' || transactions.some((one) => one.txid === txid && one.checksum === checksum);
};

const keepShorter = (ways: Map<string, Way>, key: string, way: Way): void => {
  const known = ways.get(key);
  if (known === undefined || way.length < known.length) ways.set(key, way);
};
