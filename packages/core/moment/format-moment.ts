import { createZone, formatWall } from './zone.ts';

/** Whoever reads or writes a moment: when, and on whose clock (an IANA name such as Europe/Berlin). */
export type Reader = { readonly now: Date; readonly zone: string };

/** "2026-02-10 12:00:07 CET (3 days ago)"; `parseMoment` reads it back. */
export const formatMoment = (at: Date, { now, zone }: Reader): string => {
  const clock = createZone(zone);
  const instant = at.getTime();
  return `${formatWall(clock.wallAt(instant))} ${clock.labelAt(instant)} (${formatAge(now.getTime() - instant)})`;
};

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** "3 days ago", "1 hour 30 minutes ago", "just now", "in 5 minutes". Small numbers have a second unit, for who compares. */
const formatAge = (ms: number): string => {
  const length = Math.abs(ms);
  const first = units.findIndex(([, size]) => length >= size);
  if (first === -1) return 'just now';
  let rest = length;
  const words: string[] = [];
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${name}${count === 1 ? '' : 's'}`);
    if (count >= 3) break;
  }
  return ms < 0 ? `in ${words.join(' ')}` : `${words.join(' ')} ago`;
};
