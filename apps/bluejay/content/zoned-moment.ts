/** Moments as they are typed: a day and a time of a clock on some wall. */

/**
 * @param local as an input of type datetime-local sends it: `2026-03-29T02:30`, seconds and their parts may follow
 * @param zone a name of the IANA database
 * @returns milliseconds since 1970; undefined when there is no such day, time, or zone. What a clock that was put forward never
 * showed is as much later as it was put forward; what a clock that was put back showed twice is the first time.
 */
export const momentIn = (local: string, zone: string): number | undefined => {
  const match = LOCAL.exec(local);
  const format = formatOf(zone);
  if (match === null || format === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const wall = Date.UTC(2000, month - 1, day, hour, minute, second);
  const date = new Date(wall);
  // Years below 100 are years, too, and February has 29 days only where it has.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const wallMs = date.getTime();
  const [before, after] = [offsetMs(format, wallMs - DAY_MS), offsetMs(format, wallMs + DAY_MS)];
  const atMs = [wallMs - before, wallMs - after].find((candidate) => candidate + offsetMs(format, candidate) === wallMs);
  return (atMs ?? wallMs - before) + Number((match[7] ?? '').padEnd(3, '0'));
};

/** What an input shows for the moment in a zone, to the minute. Throws a RangeError for a zone that is not known. */
export const localMomentIn = (atMs: number, zone: string): string => {
  const format = formatOf(zone);
  if (format === undefined) throw new RangeError(`no time zone is called ${zone}`);
  return new Date(atMs + offsetMs(format, atMs)).toISOString().slice(0, 16);
};

export const isZone = (zone: string): boolean => formatOf(zone) !== undefined;

const DAY_MS = 86_400_000;
const LOCAL = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?$/;

/** How far the zone's clocks are ahead of UTC at the moment. */
const offsetMs = (format: Intl.DateTimeFormat, atMs: number): number => {
  const secondMs = Math.floor(atMs / 1_000) * 1_000;
  const parts = new Map(format.formatToParts(secondMs).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const wall = new Date(0);
  wall.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  wall.setUTCHours(part('hour'), part('minute'), part('second'));
  return wall.getTime() - secondMs;
};

/** Making one takes longer than using it a thousand times; names come from requests, so few are kept. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATS = 100;

const formatOf = (zone: string): Intl.DateTimeFormat | undefined => {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(zone)) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (FORMATS.size >= MOST_FORMATS) FORMATS.clear();
    FORMATS.set(zone, format);
    return format;
  } catch {
    // A RangeError: a name that is none.
    return undefined;
  }
};
