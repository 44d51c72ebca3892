/** Whether one value can be what its field declares. Sentences are for editors. */
import { ICON_NAMES } from '../html/icons.ts';
import type { Field, LinesField, NumberField, RichTextField, TextareaField, TextField, TextFormat, Value } from './field.ts';
import { sanitiseRichText } from './sanitise.ts';
import { lengthOf, lineOf, linesOf, wellFormed } from './typed-text.ts';

/** What is stored: `value`. With a problem it is what was given, as well as it could be read, for the form to show again. */
export type CheckedValue = { readonly value: Value; readonly problem?: string };

export const checkValue = (field: Field, given: unknown): CheckedValue => {
  const checked = checkKind(field, given);
  if (checked.problem !== undefined || field.required !== true || !isMissing(checked.value)) return checked;
  return { value: checked.value, problem: `${field.label} is needed.` };
};

const checkKind = (field: Field, given: unknown): CheckedValue => {
  switch (field.kind) {
    case 'text':
      return typeof given === 'string' ? checkText(field, given) : wrong(given, '', 'a text');
    case 'textarea':
      return typeof given === 'string' ? checkTextarea(field, given) : wrong(given, '', 'a text');
    case 'richText':
      return typeof given === 'string' ? checkRichText(field, given) : wrong(given, '', 'a text');
    case 'number':
      return checkNumber(field, given);
    case 'flag':
      return typeof given === 'boolean' ? { value: given } : wrong(given, false, 'yes or no');
    case 'date':
      return checkDate(given);
    case 'choice':
      return field.options.some(({ value }) => value === given)
        ? { value: String(given) }
        : { value: String(given), problem: `Choose one of: ${field.options.map(({ label }) => label).join(', ')}.` };
    case 'color':
      return /^#[0-9a-f]{6}$/i.test(String(given).trim())
        ? { value: String(given).trim().toUpperCase() }
        : { value: String(given), problem: 'A colour is # and six digits, like #0066CC.' };
    case 'icon':
      return given === '' || ICON_NAMES.includes(String(given))
        ? { value: String(given) }
        : { value: String(given), problem: `There is no icon “${lineOf(String(given)).slice(0, 40)}”.` };
    case 'lines':
      return checkLines(field, given);
    case 'image':
    case 'file':
    case 'reference':
      return given === null || isId(given) ? { value: given } : { value: null, problem: 'Choose one from the list.' };
    case 'references':
      return checkIds(given, field.max ?? MOST_REFERENCES);
  }
};

const MOST_LINES = 200;
const MOST_REFERENCES = 200;
/** A line of a `lines` field. */
const LINE_MAX = 500;

const checkText = ({ max = 255, format = 'plain' }: TextField, given: string): CheckedValue => {
  const value = lineOf(given);
  if (value === '') return { value };
  const problem = tooLong(value, max) ?? checkFormat(value, format);
  return problem === undefined ? { value } : { value, problem };
};

const checkTextarea = ({ max = 5_000 }: TextareaField, given: string): CheckedValue => {
  const value = linesOf(given);
  const problem = tooLong(value, max);
  return problem === undefined ? { value } : { value, problem };
};

const checkRichText = ({ max = 200_000 }: RichTextField, given: string): CheckedValue => {
  // What was pasted from a word processor is mostly tags that go; more than this is not worth a look.
  if (given.length > max * 3)
    return { value: '', problem: `At most ${count(max)} characters with their marks; this is far more.` };
  const value = sanitiseRichText(wellFormed(given).replace(/\r\n?/g, '\n'));
  const length = lengthOf(value);
  return length <= max
    ? { value }
    : { value, problem: `At most ${count(max)} characters with their marks; these are ${count(length)}.` };
};

const checkNumber = ({ min, max }: NumberField, given: unknown): CheckedValue => {
  if (given === null) return { value: null };
  if (typeof given !== 'number' || !Number.isSafeInteger(given)) return wrong(given, null, 'a whole number');
  const value = Object.is(given, -0) ? 0 : given;
  if (min !== undefined && value < min) return { value, problem: `At least ${count(min)}.` };
  if (max !== undefined && value > max) return { value, problem: `At most ${count(max)}.` };
  return { value };
};

const checkDate = (given: unknown): CheckedValue => {
  if (given === null || given === '') return { value: null };
  if (typeof given !== 'string') return wrong(given, null, 'a day');
  const value = given.trim();
  return isDay(value)
    ? { value }
    : { value, problem: `“${lineOf(value).slice(0, 40)}” is no day of the calendar. Write it as 2026-03-31.` };
};

const isDay = (day: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || day < '0001') return false;
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
};

const checkLines = ({ max = MOST_LINES }: LinesField, given: unknown): CheckedValue => {
  if (!Array.isArray(given) || given.some((line) => typeof line !== 'string')) return wrong(given, [], 'a list of texts');
  if (given.length > max * 10) return { value: [], problem: `At most ${count(max)} lines.` };
  const value = (given as string[]).map(lineOf).filter((line) => line !== '');
  if (value.length > max) return { value, problem: `At most ${count(max)} lines; these are ${count(value.length)}.` };
  const long = value.findIndex((line) => lengthOf(line) > LINE_MAX);
  return long < 0 ? { value } : { value, problem: `Line ${long + 1} has more than ${count(LINE_MAX)} characters.` };
};

const checkIds = (given: unknown, max: number): CheckedValue => {
  if (!Array.isArray(given) || !given.every(isId)) return { value: [], problem: 'Choose from the list.' };
  const value = [...new Set<number>(given)];
  return value.length <= max ? { value } : { value: value.slice(0, max), problem: `At most ${count(max)} of them.` };
};

const FORMATS: Readonly<
  Record<Exclude<TextFormat, 'plain'>, { readonly fits: (value: string) => boolean; readonly problem: string }>
> = {
  email: {
    // The lengths are those of RFC 5321; the rest is what forms of browsers accept, with a dot in the domain.
    fits: (value) =>
      value.length <= 254 &&
      /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}$/.test(
        value,
      ) &&
      !/^\.|\.\.|\.@/.test(value),
    problem: 'A mail address looks like name@example.com.',
  },
  phone: {
    fits: (value) => /^\+?[\d\s()./-]*(?:\s?(?:x|ext\.?)\s?\d{1,8})?$/i.test(value) && /^(?:\D*\d){3,20}\D*$/.test(value),
    problem: 'A phone number has digits, spaces and + ( ) - . / only.',
  },
  url: { fits: (value) => isWebAddress(value), problem: 'An address begins with https:// or http://.' },
  link: {
    fits: (value) =>
      isWebAddress(value) || /^(?:\/(?![/\\])|[#?])[^\s\\]*$/.test(value) || /^(?:mailto|tel):[^\s\\]+$/i.test(value),
    problem: 'A link is an address like https://example.com, or a path of this site like /contact.',
  },
};

const checkFormat = (value: string, format: TextFormat): string | undefined =>
  format === 'plain' || FORMATS[format].fits(value) ? undefined : FORMATS[format].problem;

const isWebAddress = (value: string): boolean => {
  if (!/^https?:\/\/[^\s\\]+$/i.test(value)) return false;
  const url = URL.parse(value);
  // A name before the host is how one place is made to look like another.
  return url !== null && url.username === '' && url.password === '' && url.hostname !== '';
};

const tooLong = (value: string, max: number): string | undefined => {
  const length = value.length <= max ? value.length : lengthOf(value);
  return length <= max ? undefined : `At most ${count(max)} characters; these are ${count(length)}.`;
};

/** A missing value of the wrong kind is an empty one: null where a text is declared. */
const wrong = (given: unknown, empty: Value, what: string): CheckedValue =>
  given === null || given === undefined ? { value: empty } : { value: empty, problem: `This is not ${what}.` };

const isMissing = (value: Value): boolean =>
  value === '' || value === null || value === false || (Array.isArray(value) && value.length === 0);

const isId = (given: unknown): given is number => typeof given === 'number' && Number.isSafeInteger(given) && given > 0;

const count = (number: number): string => number.toLocaleString('en-GB');
