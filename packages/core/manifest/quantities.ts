/** Durations, sizes and rates as they are written in a manifest and in flags. */

const DAY_MS = 86_400_000;

const durationUnits: readonly (readonly [string, number])[] = [
  ['y', 365 * DAY_MS],
  ['d', DAY_MS],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** Binary units stand before the decimal ones of about their size, so that 536870912 reads 512MiB. */
const sizeUnits: readonly (readonly [string, number])[] = [
  ['TiB', 1024 ** 4],
  ['TB', 1000 ** 4],
  ['GiB', 1024 ** 3],
  ['GB', 1000 ** 3],
  ['MiB', 1024 ** 2],
  ['MB', 1000 ** 2],
  ['KiB', 1024],
  ['KB', 1000],
  ['B', 1],
];

const rateUnits: Readonly<Record<string, string>> = {
  s: '1s',
  sec: '1s',
  second: '1s',
  m: '1m',
  min: '1m',
  minute: '1m',
  h: '1h',
  hour: '1h',
  d: '1d',
  day: '1d',
};

export const durationPattern = /^\d+(\.\d+)?(ms|s|m|h|d|y)$/;
export const sizePattern = /^\d+(\.\d+)? ?([kKmMgGtT][iI]?)?[bB]$/;
export const ratePattern = /^\d+ ?\/ ?(\d+(\.\d+)?(ms|s|m|h|d|y)|s|sec|second|m|min|minute|h|hour|d|day)$/;

/** "500ms", "30s", "1.5h", "7d", "1y" (365 days) in milliseconds; null when it is none or not a whole, exact number of them. */
export const parseDuration = (text: string): number | null => {
  if (!durationPattern.test(text)) return null;
  const unit = text.replace(/^[\d.]+/, '');
  return whole(Number.parseFloat(text) * unitFactor(durationUnits, unit));
};

/** "512MB", "64KiB", "1.5GB" in bytes: KB is 1000 and KiB is 1024; null when it is none. */
export const parseSize = (text: string): number | null => {
  if (!sizePattern.test(text)) return null;
  const unit = text.replace(/^[\d.]+ ?/, '').toLowerCase();
  return whole(Number.parseFloat(text) * unitFactor(sizeUnits, unit));
};

/** "5/min", "10/s", "100/h", "30/10s": so many in so long. */
export const parseRate = (text: string): { requests: number; perMs: number } | null => {
  if (!ratePattern.test(text)) return null;
  const [count = '', per = ''] = text.split('/').map((part) => part.trim());
  const perMs = parseDuration(Object.hasOwn(rateUnits, per) ? (rateUnits[per] ?? per) : per);
  const requests = whole(Number(count));
  return perMs === null || perMs === 0 || requests === null ? null : { requests, perMs };
};

/** The way back: exact where that is short ("90s", "1500ms"), else to one decimal ("12.3s"). */
export const formatDuration = (ms: number): string => (ms === 0 ? '0s' : format(ms, durationUnits, durationUnits));

/** The way back: exact where that is short ("512MiB", "20MB"), else to one decimal ("123.5MB"). */
export const formatSize = (bytes: number): string =>
  bytes === 0
    ? '0B'
    : format(
        bytes,
        sizeUnits,
        sizeUnits.filter(([unit]) => !unit.includes('i')),
      );

const unitFactor = (units: readonly (readonly [string, number])[], unit: string): number =>
  units.find(([name]) => name.toLowerCase() === unit)?.[1] ?? Number.NaN;

/** Binary fractions make 1.1 * 60000 a hair more than 66000; more than a hair is not a whole number. */
const whole = (value: number): number | null => {
  const rounded = Math.round(value);
  return Number.isSafeInteger(rounded) && Math.abs(rounded - value) < 1e-3 ? rounded : null;
};

type Units = readonly (readonly [string, number])[];

const format = (value: number, exact: Units, rounded: Units): string => {
  const fit = exact.find(([, factor]) => value % factor === 0);
  if (fit !== undefined && value / fit[1] < 10_000) return `${value / fit[1]}${fit[0]}`;
  const [unit, factor] = rounded.find(([, each]) => value >= each) ?? ['', 1];
  return `${Math.round((value / factor) * 10) / 10}${unit}`;
};
