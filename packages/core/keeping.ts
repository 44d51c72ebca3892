import type { BackupPolicy } from './manifest/model.ts';

const DAY_MS = 86_400_000;

/** How long what is kept: every change, then one state an hour, then one a day. Each reaches back from now. */
export type Kept = { readonly everythingMs: number; readonly hourlyMs: number; readonly dailyMs: number };

/** Every second of the last day, hours of the last week, days for as long as the app says. */
export const keepingOf = ({ keepMs }: Pick<BackupPolicy, 'keepMs'>): Kept => ({
  everythingMs: Math.min(DAY_MS, keepMs),
  hourlyMs: Math.min(7 * DAY_MS, keepMs),
  dailyMs: keepMs,
});

/** So many are listed whatever their age: an app that rests for a year still has its way back. */
export const NEWEST_POINTS = 10;

/** The restore points that can still be gone back to: all that are young enough, and always the newest. The order stays. */
export const listedPoints = <Point extends { readonly at: string }>(
  points: readonly Point[],
  { now, keepMs, newest = NEWEST_POINTS }: { now: Date; keepMs: number; newest?: number },
): Point[] => {
  const times = points.map(({ at }) => Date.parse(at));
  const ranked = [...times.keys()].sort((a, b) => (times[b] ?? 0) - (times[a] ?? 0));
  const spared = new Set(ranked.slice(0, newest));
  const oldest = now.getTime() - keepMs;
  return points.filter((_, index) => spared.has(index) || (times[index] ?? 0) >= oldest);
};
