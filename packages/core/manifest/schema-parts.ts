import * as z from 'zod';
import {
  durationPattern,
  formatDuration,
  formatSize,
  parseDuration,
  parseRate,
  parseSize,
  ratePattern,
  sizePattern,
} from './quantities.ts';

/** What a mapping says of itself beyond its keys: `later` holds keys of a coming version, with what they will do. */
export const mappings = z.registry<{ what: string; later: Readonly<Record<string, string>> }>();

const LONGEST_QUOTE = 40;

/** A value as a message quotes it. */
export const quote = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = String(value as string | number | boolean);
  return `\`${text.slice(0, LONGEST_QUOTE).replace(/[\u0000-\u001f\u007f]/g, ' ')}${text.length > LONGEST_QUOTE ? '…' : ''}\``;
};

/** For every check of one value, so that whichever fails says the same whole sentence. */
export const expected = (what: string) => ({
  error: (issue: { readonly input?: unknown }) =>
    issue.input === undefined ? `is missing: ${what}` : `expected ${what}, not ${quote(issue.input)}`,
});

export const mapping = <Shape extends z.core.$ZodLooseShape>(
  what: string,
  shape: Shape,
  later: Readonly<Record<string, string>> = {},
) => {
  const schema = z.strictObject(shape, expected(what));
  schema.register(mappings, { what, later });
  return schema;
};

export const record = <Key extends z.core.$ZodRecordKey, Value extends z.core.SomeType>(what: string, key: Key, value: Value) =>
  z.record(key, value, expected(what));

/** Text of one form, kept as it is. */
export const word = (what: string, pattern: RegExp) => z.string(expected(what)).regex(pattern, expected(what));

const COMMAND = 'a shell command';
export const command = () =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL would end the command early
  word(COMMAND, /^[^\0]*\S[^\0]*$/).meta({ title: 'command' });

const RELATIVE = 'a relative path of plain characters, such as dist/assets, without `..`';
export const relativePath = (what = RELATIVE) =>
  word(what, /^(?!\/)(?!(.*\/)?\.\.(\/|$))[^\0-\x1f\x7f\\$"'`]+$/).transform((path) => normalise(path));

/** "./dist//assets/" and "dist/assets" are one place. */
const normalise = (path: string): string =>
  path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/') || '.';

type Range = { min: number; max: number };

const measured = (
  what: string,
  pattern: RegExp,
  parse: (text: string) => number | null,
  range: Range,
  format: (value: number) => string,
) =>
  z
    .string(expected(what))
    .regex(pattern, expected(what))
    .transform((text, context) => {
      const value = parse(text);
      if (value !== null && value >= range.min && value <= range.max) return value;
      context.issues.push({
        code: 'custom',
        input: text,
        message: `expected ${what} from ${format(range.min)} to ${format(range.max)}, not ${quote(text)}`,
      });
      return z.NEVER;
    });

/** Milliseconds from text such as 30s. */
export const duration = (range: Range, example = '30s or 5m') =>
  measured(`a duration such as ${example}`, durationPattern, parseDuration, range, formatDuration).meta({ title: 'duration' });

/** Bytes from text such as 512MB. */
export const size = (range: Range, example = '512MB or 1GiB') =>
  measured(`a size such as ${example}`, sizePattern, parseSize, range, formatSize).meta({ title: 'size' });

const RATE = 'a rate such as 5/min or 10/s';
export const rate = () =>
  z
    .string(expected(RATE))
    .regex(ratePattern, expected(RATE))
    .transform((text, context) => {
      const parsed = parseRate(text);
      if (parsed !== null && parsed.requests >= 1 && parsed.requests <= 1_000_000 && parsed.perMs <= 7 * 86_400_000)
        return parsed;
      context.issues.push({
        code: 'custom',
        input: text,
        message: `expected ${RATE}, with 1 to 1000000 requests in at most 7d, not ${quote(text)}`,
      });
      return z.NEVER;
    })
    .meta({ title: 'rate' });

export const wholeNumber = (what: string, { min, max }: Range) => {
  const said = expected(`${what} from ${min} to ${max}`);
  return z.number(said).int(said).min(min, said).max(max, said);
};

/** Text, or what YAML takes for a number or a boolean; which of them it was makes no difference to who reads it. */
export const scalar = (what: string) => z.union([z.string(), z.number(), z.boolean()], expected(what)).meta({ title: 'text' });

export const NAME = /^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/;
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
