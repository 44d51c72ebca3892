/** A time zone's clock: from instants to what a clock on the wall shows, and back. Instants and walls are milliseconds. */

/** What a wall clock shows, as the milliseconds since 1970 that a clock in UTC showing the same would mean. */
export type Wall = number;

export type Zone = {
  readonly name: string;
  wallAt(instant: number): Wall;
  /**
   * The instants at which it shows this, ascending: one as a rule, two where clocks are put back, and where they are put
   * forward none: then `skippedTo` is the instant of that change.
   */
  instantsOf(wall: Wall): { readonly instants: readonly number[]; readonly skippedTo: number | null };
  /** "CET" where the zone has such a name, else "+05:30". */
  labelAt(instant: number): string;
  /** What a label means around a moment: the offset to UTC; null for none of the zone's own. */
  offsetOfLabel(label: string, wall: Wall): number | null;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Further apart than any two zones, so that one of the two is on the other side of a change that matters. */
const AROUND_MS = 27 * HOUR_MS;

/** Throws RangeError for a name that is none. */
export const createZone = (name: string): Zone => {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const wallAt = (instant: number): Wall => {
    const part = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) + modulo(instant, 1_000);
  };
  const offsetAt = (instant: number): number => wallAt(instant) - instant;

  const instantsOf = (wall: Wall) => {
    const offsets = new Set([wall - AROUND_MS, wall, wall + AROUND_MS].map(offsetAt));
    const instants = [...offsets]
      .map((offset) => wall - offset)
      .filter((instant) => wallAt(instant) === wall)
      .sort((a, b) => a - b);
    const sorted = [...offsets].sort((a, b) => b - a);
    const skippedTo = instants.length > 0 ? null : firstShowing(wall, wall - (sorted[0] ?? 0), wall - (sorted.at(-1) ?? 0));
    return { instants, skippedTo };
  };

  /** Between two instants of which the first shows less than the wall and the second more. */
  const firstShowing = (wall: Wall, from: number, to: number): number => {
    let [before, after] = [from - 1, to];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (wallAt(middle) >= wall) after = middle;
      else before = middle;
    }
    return after;
  };

  const names = NAMING_LOCALES.map((locale) => new Intl.DateTimeFormat(locale, { timeZone: name, timeZoneName: 'short' }));
  const labelAt = (instant: number): string => {
    const offset = offsetAt(instant);
    const label = names.map((format) => shortName(format, instant)).find((short) => /^[A-Z]{2,5}$/.test(short));
    return label ?? formatOffset(offset);
  };
  return {
    name,
    wallAt,
    instantsOf,
    labelAt,
    offsetOfLabel(label, wall) {
      const year = new Date(wall).getUTCFullYear();
      const samples = [...instantsOf(wall).instants, Date.UTC(year, 0, 1), Date.UTC(year, 6, 1)];
      const found = samples.find((instant) => labelAt(instant) === label.toUpperCase());
      return found === undefined ? null : offsetAt(found);
    },
  };
};

/** Each knows the short names of its own part of the world only. */
const NAMING_LOCALES = ['en-US', 'en-GB', 'en-AU'];

const shortName = (format: Intl.DateTimeFormat, instant: number): string =>
  format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';

/** +05:30 */
export const formatOffset = (offset: number): string => {
  const minutes = Math.round(Math.abs(offset) / MINUTE_MS);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
};

/** 2026-02-10 12:00:07, with milliseconds where there are any. */
export const formatWall = (wall: Wall): string =>
  new Date(wall)
    .toISOString()
    .replace('T', ' ')
    .replace(/(\.000)?Z$/, '');

const two = (value: number): string => String(value).padStart(2, '0');
const modulo = (value: number, by: number): number => ((value % by) + by) % by;
