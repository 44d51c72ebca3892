const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const units: readonly (readonly [RegExp, number])[] = [
  [/^(ms|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)$/, SECOND_MS],
  [/^(m|mins?|minutes?)$/, MINUTE_MS],
  [/^(h|hrs?|hours?)$/, HOUR_MS],
  [/^(d|days?)$/, DAY_MS],
  [/^(w|weeks?)$/, 7 * DAY_MS],
];

const part = /(\d+(?:\.\d+)?|an?|one)\s*([a-z]+)/;
const parts = new RegExp(`^${part.source}(?:(?:\\s*,)?(?:\\s*and)?\\s*${part.source})*$`);

/**
 * "10 minutes ago", "1h30m ago", "an hour and 5 minutes ago", "-10m", "10m": how long in milliseconds, or what is wrong with it;
 * null for what is no length of time at all.
 */
export const parseAgo = (text: string): { readonly ms: number } | { readonly message: string } | null => {
  const body = text
    .toLowerCase()
    .replace(/^-\s*/, '')
    .replace(/\s+ago$/, '');
  if (!parts.test(body)) return null;
  let ms = 0;
  for (const [, count = '', unit = ''] of body.replaceAll(/\band\b/g, ' ').matchAll(new RegExp(part.source, 'g'))) {
    if (/^(mo|months?|y|years?)$/.test(unit))
      return { message: `a ${unit.startsWith('y') ? 'year' : 'month'} has no one length` };
    const size = units.find(([names]) => names.test(unit))?.[1];
    if (size === undefined) return null;
    ms += (/^\d/.test(count) ? Number(count) : 1) * size;
  }
  return ms < 36_500 * DAY_MS ? { ms: Math.round(ms) } : { message: 'that is longer ago than a century' };
};
