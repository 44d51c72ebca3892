/** Moments of the past as people write them. Pure: "now" and the zone of whoever writes are said. */
import { didYouMean } from '../manifest/suggestion.ts';
import { formatMoment, type Reader } from './format-moment.ts';
import { parseAgo } from './parse-ago.ts';
import { createZone, formatOffset, formatWall, type Wall, type Zone } from './zone.ts';

export type MomentResult =
  | {
      readonly ok: true;
      readonly at: Date;
      /** As `formatMoment` has it: to be shown before anything is done. */
      readonly shown: string;
      /** What was decided where clocks are changed: a sentence to be shown; null as a rule. */
      readonly note: string | null;
    }
  | { readonly ok: false; readonly message: string /** What to write instead, a phrase. */; readonly suggestion: string };

/**
 * `2026-02-10 12:00:07`, also with T, without seconds, with milliseconds, with a zone (`Z`, `+01:00`, `UTC`, `Europe/Berlin`, or a
 * short name of the reader's own zone); `12:00` (the last time a clock showed it), `yesterday 14:00`, `today 9:15 pm`,
 * `10 minutes ago`, `1h30m ago`, `-10m`, `now`. Never throws; moments that are still to come are refused.
 */
export const parseMoment = (text: string, reader: Reader): MomentResult => {
  // What is shown ends with how long ago it is, and may be copied.
  const words = text
    .replace(/\([^)]*\)\s*$/, '')
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/\s+/g, ' ')
    .trim();
  const now = reader.now.getTime();
  const done = ({ instant, note = null }: Found): MomentResult => {
    const at = new Date(instant);
    if (instant <= now) return { ok: true, at, shown: formatMoment(at, reader), note };
    return refuse(`${formatMoment(at, reader)} is still to come`, earlierThan(words));
  };
  if (words.toLowerCase() === 'now') return done({ instant: now });
  const ago = parseAgo(words);
  if (ago !== null) return 'ms' in ago ? done({ instant: now - ago.ms }) : refuse(ago.message, exampleOf(reader));
  const written = timePattern.exec(words)?.groups;
  if (written === undefined) return refuse(`\`${shorten(text.trim())}\` is no moment`, suggestForm(words, reader));
  const found = findInstant(written, reader);
  return 'instant' in found ? done(found) : refuse(found.message, found.suggestion);
};

type Found = { readonly instant: number; readonly note?: string | null };
type Refused = { readonly message: string; readonly suggestion: string };

const timePattern = new RegExp(
  [
    /^(?:(?<date>\d{4}-\d{1,2}-\d{1,2})(?:T|,? )|(?<day>today|yesterday),?(?: at)? )?/,
    /(?<hour>\d{1,2})(?::(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?|(?= ?[ap]m\b))/,
    /(?: ?(?<half>[ap]m)\b)?(?: ?(?<zone>[A-Za-z+-][\w+:/-]*))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
  'i',
);

const DAY_MS = 86_400_000;

const findInstant = (written: Record<string, string | undefined>, reader: Reader): Found | Refused => {
  const timeOfDay = readTime(written);
  if (typeof timeOfDay !== 'number') return timeOfDay;
  const place = readZone(written.zone, reader);
  if ('message' in place) return place;
  const { clock, label } = place;

  const today = dayOf(clock.wallAt(reader.now.getTime()));
  const at = (day: Wall) => instantOf({ wall: day + timeOfDay, clock, label });
  if (written.date !== undefined) {
    const day = readDate(written.date);
    return typeof day === 'number' ? at(day) : day;
  }
  if (written.day !== undefined) return at(written.day.toLowerCase() === 'today' ? today : today - DAY_MS);
  // The last time that the clock showed this.
  const found = at(today);
  return 'instant' in found && found.instant > reader.now.getTime() ? at(today - DAY_MS) : found;
};

type Wanted = { readonly wall: Wall; readonly clock: Zone; readonly label: string | null };

const instantOf = ({ wall, clock, label }: Wanted): Found | Refused => {
  if (label !== null) {
    const offset = clock.offsetOfLabel(label, wall);
    if (offset !== null) return { instant: wall - offset };
    const name = shorten(label);
    return {
      message: `\`${name}\` is no zone, or stands for more than one`,
      suggestion: didYouMean(label, zoneNames()) ?? 'write an offset such as +01:00, or a zone such as Europe/Berlin',
    };
  }
  const { instants, skippedTo } = clock.instantsOf(wall);
  const [instant, again] = instants;
  if (instant === undefined) {
    const change = skippedTo ?? wall;
    const taken = `${formatWall(clock.wallAt(change))} ${clock.labelAt(change)}`;
    return {
      instant: change,
      note: `clocks in ${clock.name} were put forward and never showed ${formatWall(wall)}: taken as ${taken}`,
    };
  }
  if (again === undefined) return { instant };
  const later = `${formatWall(wall)} ${formatOffset(wall - again)}`;
  return {
    instant,
    note: `clocks in ${clock.name} were put back and showed ${formatWall(wall)} twice: taken as the first time (the second is ${later})`,
  };
};

/** Milliseconds since midnight. */
const readTime = ({ hour = '', minute = '0', second = '0', fraction = '', half }: Record<string, string | undefined>) => {
  const isHalf = half !== undefined;
  const shown = `${hour}:${minute.padStart(2, '0')}`;
  const wrong = (): Refused => ({
    message: `there is no ${shown}${second === '0' ? '' : `:${second}`}${isHalf ? ` ${half}` : ''} on a clock`,
    suggestion: isHalf ? 'write 12:00 pm for noon, or use 24 hours: 00:00 to 23:59:59' : 'hours go from 00:00 to 23:59:59',
  });
  if (isHalf ? Number(hour) < 1 || Number(hour) > 12 : Number(hour) > 23) return wrong();
  if (Number(minute) > 59 || Number(second) > 59) return wrong();
  const hours = isHalf ? (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : Number(hour);
  return (
    ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1_000 + Math.floor(Number(`0.${fraction || '0'}`) * 1_000 + 1e-6)
  );
};

const FIRST_YEAR = 1970;

const readDate = (text: string): Wall | Refused => {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  if (year < FIRST_YEAR) return { message: `nothing was backed up in ${year}`, suggestion: 'check the year' };
  if (month < 1 || month > 12)
    return { message: `${text} has no month ${month}`, suggestion: 'write the date as year-month-day' };
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day >= 1 && day <= days) return Date.UTC(year, month - 1, day);
  return { message: `there is no ${text}`, suggestion: `that month had ${days} days` };
};

/** The clock that was meant; `label` where a short name is still to be found on it. */
const readZone = (
  text: string | undefined,
  reader: Reader,
): { readonly clock: Zone; readonly label: string | null } | Refused => {
  if (text === undefined) return { clock: createZone(reader.zone), label: null };
  if (/^(z|utc|gmt)$/i.test(text)) return { clock: createZone('UTC'), label: null };
  const offset = /^(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(text);
  if (offset !== null) {
    const [, sign = '+', hours = '', minutes = '00'] = offset;
    if (Number(hours) > 14 || Number(minutes) > 59)
      return { message: `there is no zone at ${text}`, suggestion: 'offsets look like +01:00' };
    return { clock: createZone(`${sign}${hours.padStart(2, '0')}:${minutes}`), label: null };
  }
  if (!text.includes('/')) return { clock: createZone(reader.zone), label: text };
  try {
    return { clock: createZone(text), label: null };
  } catch {
    return {
      message: `there is no zone called ${shorten(text)}`,
      suggestion: didYouMean(text, zoneNames()) ?? 'zones look like Europe/Berlin',
    };
  }
};

const zoneNames = (): readonly string[] => Intl.supportedValuesOf('timeZone');

/** What the usual other forms are in the one that is read. */
const suggestForm = (words: string, reader: Reader): string => {
  const time = /\d{1,2}:\d{2}(:\d{2})?/.exec(words)?.[0];
  const [, ...german] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})\b/.exec(words) ?? [];
  const [, ...slashes] = /^(\d{4})\/(\d{1,2})\/(\d{1,2})\b/.exec(words) ?? [];
  const date = german.length === 3 ? german.reverse() : slashes;
  if (date.length === 3) return `write \`${date.map((part) => part.padStart(2, '0')).join('-')} ${time ?? '12:00'}\``;
  if (/^(today|yesterday|\d{4}-\d{1,2}-\d{1,2})$/i.test(words)) return `say when on that day: \`${words} 12:00\``;
  return exampleOf(reader);
};

const exampleOf = ({ now, zone }: Reader): string => {
  const day = formatWall(createZone(zone).wallAt(now.getTime() - DAY_MS)).slice(0, 10);
  return `write \`${day} 14:00:07\`, \`yesterday 14:00\`, \`14:00\` or \`10 minutes ago\``;
};

const earlierThan = (words: string): string =>
  /^today\b/i.test(words)
    ? `write \`${words.replace(/^today/i, 'yesterday')}\` if it was that`
    : 'data can only go back: `now` is the latest';

const dayOf = (wall: Wall): Wall => Math.floor(wall / DAY_MS) * DAY_MS;
const refuse = (message: string, suggestion: string): MomentResult => ({ ok: false, message, suggestion });
const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
