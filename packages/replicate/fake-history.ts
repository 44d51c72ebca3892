/** Listings of targets for tests, in short words, and such as a replicator leaves after some months. */
import type { Random } from '@berth/testing';
import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import type { RetentionPolicy } from './retention-plan.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const policy: RetentionPolicy = { everySecondForMs: DAY, hourlyForMs: 7 * DAY, dailyForMs: 30 * DAY };
export const NOW = 1_000 * DAY;
export const A = 'aaaaaaaaaaaaaaaa';
export const B = 'bbbbbbbbbbbbbbbb';

export type Dated = { text: string; at: number; lineage?: string };

/** Objects written `s5 l6-9 m3:1-9`, each with the time of its last transaction. */
export const worldOf = (dated: readonly Dated[], lineages: readonly Partial<LineageHoldings>[] = [{ id: A }]) => {
  const times = new Map<string, number>();
  const holdings = dated.map(({ text, at, lineage = A }): Holding => {
    const [, kind, level = '0', min = '', max = min] = /^([slm])(?:(\d):)?(\d+)(?:-(\d+))?$/.exec(text) ?? [];
    const name = lineage === A ? text : `${lineage[0]}.${text}`;
    times.set(name, at);
    const kinds = { s: 'snapshot', l: 'log', m: 'merged' } as const;
    const range = { minTxid: Number(min), maxTxid: Number(max) };
    return { name, lineage, kind: kinds[kind as 's'], level: Number(level), ...range, bytes: 1 };
  });
  const catalogue: Catalogue = {
    database: 'app',
    epoch: 0,
    lineages: lineages.map((lineage) => ({ id: A, createdAt: 0, ...select(holdings, lineage.id ?? A), ...lineage })),
  };
  return { catalogue, lastAt: ({ name }: Holding) => times.get(name) ?? Number.POSITIVE_INFINITY };
};

const select = (holdings: readonly Holding[], id: string) => {
  const own = holdings.filter(({ lineage }) => lineage === id);
  return {
    snapshots: own.filter(({ kind }) => kind === 'snapshot').toSorted((a, b) => a.maxTxid - b.maxTxid),
    segments: own.filter(({ kind }) => kind !== 'snapshot').toSorted((a, b) => a.minTxid - b.minTxid || a.maxTxid - b.maxTxid),
  };
};

export const ago = (ms: number) => NOW - ms;

/** A history of some months as the replicator and compaction leave it, with holes where machines were off. */
export const randomHistory = (random: Random): Dated[] => {
  const dated: Dated[] = [];
  let [txid, at] = [0, ago(random.integer(1, 60) * DAY)];
  const add = (text: string): unknown => dated.push({ text, at });
  add('s0');
  while (at < NOW) {
    const hourStart = txid;
    for (let logs = random.integer(1, 3); logs > 0; logs -= 1) {
      const min = txid + 1;
      txid += random.integer(1, 5);
      at += random.integer(1, 20 * 60_000);
      add(`l${min}-${txid}`);
    }
    if (random.boolean(0.8)) add(`m3:${hourStart + 1}-${txid}`);
    if (random.boolean(0.1)) add(`s${txid}`);
    if (random.boolean(0.02)) txid += 1;
    at += random.boolean(0.05) ? random.integer(0, 4 * DAY) : random.integer(0, 4 * HOUR);
  }
  return dated.filter((each) => each.at < NOW);
};
