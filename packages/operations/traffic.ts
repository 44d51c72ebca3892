import type { Traffic as Measured } from '@berth/core';
import type { LatencySample } from '@berth/edge';

/** What releases were like to their visitors lately, minute by minute, from the access log. */
export interface Traffic {
  add(samples: readonly LatencySample[]): void;
  /** Of one release of an app since then; in the last hour at most. */
  of(app: string, release: number, sinceMs: number): Measured;
  /** Durations of all requests of an app, for the metrics. */
  durations(): readonly { app: string; bounds: readonly number[]; counts: readonly number[]; sumMs: number; count: number }[];
}

const MINUTES_KEPT = 60;
/** Upper bounds of the buckets in milliseconds, each a fifth more than the one before: 1 ms to about 3 minutes. */
const BOUNDS = Array.from({ length: 67 }, (_, index) => 1.2 ** index);
/** The bounds shown in the metrics, in milliseconds. */
const SHOWN = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

type Minute = { readonly minute: number; requests: number; errors: number; readonly buckets: Uint32Array };
type Total = { counts: number[]; sumMs: number; count: number };

export function createTraffic(): Traffic {
  const minutes = new Map<string, Minute[]>();
  const totals = new Map<string, Total>();
  return {
    add(samples) {
      for (const sample of samples) {
        addToTotal(totals, sample);
        const release = releaseOf(sample.server);
        if (release !== null) addToMinute(minutes, `${sample.app} ${release}`, sample);
      }
    },
    of(app, release, sinceMs) {
      const asked = (minutes.get(`${app} ${release}`) ?? []).filter((it) => (it.minute + 1) * 60_000 > sinceMs);
      const requests = asked.reduce((sum, it) => sum + it.requests, 0);
      const errors = asked.reduce((sum, it) => sum + it.errors, 0);
      return { requests, errors, p95Ms: percentile(asked, requests, 0.95) };
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

function addToMinute(minutes: Map<string, Minute[]>, key: string, { atMs, status, durationMs }: LatencySample): void {
  const minute = Math.floor(atMs / 60_000);
  const list = minutes.get(key) ?? [];
  if (!minutes.has(key)) minutes.set(key, list);
  let last = list.at(-1);
  if (!last || minute > last.minute) {
    last = { minute, requests: 0, errors: 0, buckets: new Uint32Array(BOUNDS.length + 1) };
    list.push(last);
    while ((list[0]?.minute ?? minute) < minute - MINUTES_KEPT) list.shift();
  }
  last.requests += 1;
  if (status >= 500) last.errors += 1;
  const index = durationMs <= 1 ? 0 : Math.min(BOUNDS.length, Math.ceil(Math.log(durationMs) / Math.log(1.2)));
  last.buckets[index] = (last.buckets[index] ?? 0) + 1;
}

function percentile(minutes: readonly Minute[], requests: number, share: number): number | null {
  if (requests === 0) return null;
  const wanted = Math.ceil(requests * share);
  let seen = 0;
  for (let index = 0; index <= BOUNDS.length; index += 1) {
    for (const minute of minutes) seen += minute.buckets[index] ?? 0;
    if (seen >= wanted) return BOUNDS[index] ?? BOUNDS.at(-1) ?? 0;
  }
  return BOUNDS.at(-1) ?? null;
}
