import { parseDuration } from '@berth/core';
import { usage } from './errors.ts';

/** A moment as ISO 8601, from how long ago it was or from a date. */
export const parseSince = (text: string, now: number): string => {
  const ago = parseDuration(text);
  if (ago !== null) return new Date(now - ago).toISOString();
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw usage(`--since ${text} is neither a duration nor a date`, 'write 10m, 2h, 7d or 2030-01-02T03:04:05Z');
  return new Date(at).toISOString();
};
