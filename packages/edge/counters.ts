import type { EdgeFiles } from './edge-files.ts';
import { type HoldCount, type StatRow } from './haproxy/observed.ts';
import { serviceOfBackend } from './haproxy/names.ts';
import type { ServiceCounters } from './state.ts';

/** What one worker has counted since it began: it forgets all of it when it ends. */
export type WorkerSample = {
  /** pid and start time, so that a reused pid is not taken for the same worker. */
  readonly worker: string;
  readonly stats: readonly StatRow[];
  readonly holds: ReadonlyMap<string, HoldCount>;
};

export type Counters = {
  /** The newest figures of a worker replace its earlier ones. */
  record(sample: WorkerSample): void;
  /** What workers that are gone have counted is added up. */
  retire(isGone: (worker: string) => boolean): void;
  totals(): readonly ServiceCounters[];
  save(): Promise<void>;
};

const FILE = 'counters.json';
const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

type Tally = { served: number; held: number; byStatus: Record<(typeof CLASSES)[number], number> };
type Tallies = Map<string, Tally>;
type Saved = { version: 1; past: [string, Tally][]; workers: [string, [string, Tally][]][] };

export const openCounters = async (files: EdgeFiles): Promise<Counters> => {
  const text = await files.read(FILE);
  const saved = text === null ? null : (JSON.parse(text) as Saved);
  const past: Tallies = new Map(saved?.past);
  const workers = new Map<string, Tallies>(saved?.workers.map(([worker, tallies]) => [worker, new Map(tallies)]));
  let changed = false;

  return {
    record({ worker, stats, holds }) {
      workers.set(worker, tallyOf(stats, holds));
      changed = true;
    },
    retire(isGone) {
      for (const [worker, tallies] of workers) {
        if (!isGone(worker)) continue;
        for (const [service, tally] of tallies) past.set(service, sum(past.get(service), tally));
        workers.delete(worker);
        changed = true;
      }
    },
    totals() {
      const all: Tallies = new Map();
      for (const tallies of [past, ...workers.values()]) {
        for (const [service, tally] of tallies) all.set(service, sum(all.get(service), tally));
      }
      return [...all].map(([key, { served, held, byStatus }]) => {
        const [app = '', service = ''] = key.split('.');
        return { app, service, served, failed: byStatus['5xx'], held, byStatus };
      });
    },
    async save() {
      if (!changed) return;
      changed = false;
      const state: Saved = {
        version: 1,
        past: [...past],
        workers: [...workers].map(([worker, tallies]) => [worker, [...tallies]]),
      };
      await files.write(FILE, JSON.stringify(state), 'own');
    },
  };
};

/** Backend rows count what the edge answered in a service's place too, and do not forget servers that were removed. */
const tallyOf = (stats: readonly StatRow[], holds: ReadonlyMap<string, HoldCount>): Tallies => {
  const tallies: Tallies = new Map();
  for (const row of stats) {
    const service = row.svname === 'BACKEND' ? serviceOfBackend(row.pxname ?? '') : null;
    if (service === null) continue;
    const byStatus = Object.fromEntries(CLASSES.map((name) => [name, Number(row[`hrsp_${name}`])])) as Tally['byStatus'];
    const key = `${service.app}.${service.service}`;
    tallies.set(
      key,
      sum(tallies.get(key), { served: CLASSES.reduce((total, name) => total + byStatus[name], 0), held: 0, byStatus }),
    );
  }
  for (const [service, { held }] of holds) {
    const tally = tallies.get(service);
    if (tally !== undefined) tally.held = held;
  }
  return tallies;
};

const sum = (a: Tally | undefined, b: Tally): Tally => ({
  served: (a?.served ?? 0) + b.served,
  held: (a?.held ?? 0) + b.held,
  byStatus: Object.fromEntries(CLASSES.map((name) => [name, (a?.byStatus[name] ?? 0) + b.byStatus[name]])) as Tally['byStatus'],
});
