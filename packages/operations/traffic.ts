import { BAKE_REQUESTS, type Traffic as Measured } from '@berth/core';
import type { LatencySample } from '@berth/edge';

/** What releases were like to their visitors lately, from the access log. */
export interface Traffic {
  add(samples: readonly LatencySample[]): void;
  /**
   * Of one release of an app since then, in the last hour at most. Latency only of what came after `warmMs`: a program
   * that has just started is slower for a while, and that is no fault of it. Requests that were held count, their time
   * does not.
   */
  of(app: string, release: number, since: { sinceMs: number; warmMs: number }): Measured;
  /** Durations of all requests of an app, for the metrics. */
  durations(): readonly {
    app: string;
    bounds: readonly number[];
    counts: readonly number[];
    sumMs: number;
    count: number;
  }[];
}

const SLOT_MS = 15_000;
const SLOTS_KEPT = 240;
/** Upper bounds of the buckets in milliseconds, each a fifth more than the one before: 1 ms to about 3 minutes. */
const BOUNDS = Array.from({ length: 67 }, (_, index) => 1.2 ** index);
/** The bounds shown in the metrics, in milliseconds. */
const SHOWN = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

type Slot = { readonly slot: number; requests: number; errors: number; readonly buckets: Uint32Array };
type Total = { counts: number[]; sumMs: number; count: number };

export function createTraffic(): Traffic {
  const slots = new Map<string, Slot[]>();
  const totals = new Map<string, Total>();
  return {
    add(samples) {
      for (const sample of samples) {
        addToTotal(totals, sample);
        const release = releaseOf(sample.server);
        if (release !== null) addToSlot(slots, `${sample.app} ${release}`, sample);
      }
    },
    of(app, release, { sinceMs, warmMs }) {
      const all = slots.get(`${app} ${release}`) ?? [];
      const asked = all.filter((it) => (it.slot + 1) * SLOT_MS > sinceMs);
      const requests = asked.reduce((sum, it) => sum + it.requests, 0);
      const errors = asked.reduce((sum, it) => sum + it.errors, 0);
      return {
        requests,
        errors,
        p95Ms: percentile(
          all.filter((it) => it.slot * SLOT_MS >= warmMs),
          0.95,
        ),
      };
    },
    durations: () => [...totals].map(([app, total]) => ({ app, bounds: SHOWN, ...total })),
  };
}

/** An instance's id ends in its release and a few random characters. */
function releaseOf(server: string): number | null {
  const match = /\.(\d+)-[a-z0-9]+$/.exec(server);
  return match ? Number(match[1]) : null;
}

function addToTotal(totals: Map<string, Total>, { app, durationMs }: LatencySample): void {
  const total = totals.get(app) ?? { counts: SHOWN.map(() => 0), sumMs: 0, count: 0 };
  totals.set(app, total);
  total.count += 1;
  total.sumMs += durationMs;
  SHOWN.forEach((bound, index) => {
    if (durationMs <= bound) total.counts[index] = (total.counts[index] ?? 0) + 1;
  });
}

function addToSlot(slots: Map<string, Slot[]>, key: string, { atMs, status, durationMs, heldMs }: LatencySample): void {
  const slot = Math.floor(atMs / SLOT_MS);
  const list = slots.get(key) ?? [];
  if (!slots.has(key)) slots.set(key, list);
  let last = list.at(-1);
  if (!last || slot > last.slot) {
    last = { slot, requests: 0, errors: 0, buckets: new Uint32Array(BOUNDS.length + 1) };
    list.push(last);
    forget(slots, slot - SLOTS_KEPT);
  }
  last.requests += 1;
  if (status >= 500) last.errors += 1;
  if (heldMs > 0) return;
  const index = durationMs <= 1 ? 0 : Math.min(BOUNDS.length, Math.ceil(Math.log(durationMs) / Math.log(1.2)));
  last.buckets[index] = (last.buckets[index] ?? 0) + 1;
}

function forget(slots: Map<string, Slot[]>, before: number): void {
  for (const [key, list] of slots) {
    while ((list[0]?.slot ?? before) < before) list.shift();
    if (list.length === 0) slots.delete(key);
  }
}

/** null where fewer were measured than a judgement needs. */
function percentile(slots: readonly Slot[], share: number): number | null {
  const measured = slots.reduce((sum, it) => sum + it.buckets.reduce((total, count) => total + count, 0), 0);
  if (measured < BAKE_REQUESTS) return null;
  const wanted = Math.ceil(measured * share);
  let seen = 0;
  for (let index = 0; index <= BOUNDS.length; index += 1) {
    for (const slot of slots) seen += slot.buckets[index] ?? 0;
    if (seen >= wanted) return BOUNDS[index] ?? BOUNDS.at(-1) ?? 0;
  }
  return BOUNDS.at(-1) ?? null;
}
