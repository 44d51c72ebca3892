/** The kinds of environment variable: each says how its text is read, and what is expected instead. */

type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

/** One environment variable, made by `integer()`, `text()` and the others below. */
export type Variable<T> = {
  /** What is expected, for people: `a whole number from 1 to 65535`. */
  readonly type: string;
  readonly doc: string;
  readonly aliases: readonly string[];
  /** Undefined when the variable must be set; null when it may be absent. */
  readonly fallback: T | null | undefined;
  /** What to recommend in production, where that is not the default. */
  readonly production: T | undefined;
  /** A secret's value is in no message and no document, and may come from the file that `NAME_FILE` names. */
  readonly secret: boolean;
  /** Whether `NAME=` means the empty text rather than "not set". */
  readonly keepEmpty: boolean;
  read(text: string): Reading<T>;
  render(value: T): string;
};

type Shared<T> = {
  readonly doc: string;
  /** Other names that are read too, with a warning. */
  readonly aliases?: readonly string[];
  readonly production?: T;
};
/** Without either, the variable must be set. */
type Presence<T> =
  | { readonly default: T; readonly optional?: never }
  | { readonly optional: true; readonly default?: never }
  | { readonly default?: never; readonly optional?: never };
type Options<T> = Shared<T> & Presence<T>;
/** `T | null` for an optional variable. */
type Value<T, O> = O extends { readonly optional: true } ? T | null : T;

export type RangeOptions = {
  readonly min?: number;
  readonly max?: number /** `minutes`: named in messages. */;
  readonly unit?: string;
};

/** A whole number, written with digits alone: no exponent, no unit, no leading zero, no `-0`. */
export const integer = <const O extends Options<number> & RangeOptions>(options: O): Variable<Value<number, O>> =>
  numeric('a whole number', /^(?:0|-?[1-9]\d*)$/, options);

/** A number, written with digits and at most one point. */
export const number = <const O extends Options<number> & RangeOptions>(options: O): Variable<Value<number, O>> =>
  numeric('a number', /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/, options);

/** Text as it is, without the whitespace around it. With `keepEmpty`, `NAME=` sets it to the empty text. */
export const text = <const O extends Options<string> & { readonly keepEmpty?: boolean }>(
  options: O,
): Variable<Value<string, O>> =>
  variable<string, O>(options, {
    type: 'text',
    read: (given) => ({ ok: true, value: given }),
    render: (value) => value,
    keepEmpty: options.keepEmpty ?? false,
  });

/** One of the given words, exactly as written there. */
export const choice = <const C extends readonly string[], const O extends Options<C[number]>>(
  choices: C,
  options: O,
): Variable<Value<C[number], O>> =>
  variable<C[number], O>(options, {
    type: `one of ${choices.join(', ')}`,
    read: (given) =>
      choices.includes(given) ? { ok: true, value: given } : { ok: false, expected: `one of ${choices.join(', ')}` },
    render: (value) => value,
  });

const TRUE_WORDS = ['true', '1', 'yes', 'on'];
const FALSE_WORDS = ['false', '0', 'no', 'off'];

/** True for `true`, `1`, `yes` or `on`, false for `false`, `0`, `no` or `off`, in any case. */
export const flag = <const O extends Options<boolean>>(options: O): Variable<Value<boolean, O>> =>
  variable<boolean, O>(options, {
    type: 'true or false',
    read: (given) => {
      const word = given.toLowerCase();
      if (TRUE_WORDS.includes(word)) return { ok: true, value: true };
      return FALSE_WORDS.includes(word) ? { ok: true, value: false } : { ok: false, expected: 'true or false' };
    },
    render: String,
  });

export type ListOptions = {
  /** Says what is expected of an item that is wrong, and null for one that is right. */
  readonly each?: (item: string) => string | null;
};

/** Items with commas between them; whitespace around them and empty ones do not count. */
export const list = <const O extends Options<readonly string[]> & ListOptions>(
  options: O,
): Variable<Value<readonly string[], O>> =>
  variable<readonly string[], O>(options, {
    type: 'a list with commas',
    read: (given) => {
      const items = given
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      for (const item of items) {
        const expected = options.each?.(item) ?? null;
        if (expected !== null) return { ok: false, expected: `${expected} instead of ${quoted(item)}` };
      }
      return { ok: true, value: Object.freeze(items) };
    },
    render: (items) => items.join(','),
  });

/** An absolute URL as text; only http and https unless `protocols` says otherwise (`['postgres:']`). */
export const url = <const O extends Options<string> & { readonly protocols?: readonly string[] }>(
  options: O,
): Variable<Value<string, O>> => {
  const protocols = options.protocols ?? ['http:', 'https:'];
  const type = `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return variable<string, O>(options, {
    type,
    read: (given) =>
      URL.canParse(given) && protocols.includes(new URL(given).protocol)
        ? { ok: true, value: given }
        : { ok: false, expected: type },
    render: (value) => value,
  });
};

/**
 * A text that no message, log or document shows. It has no default; it may come from the file that `NAME_FILE` names.
 * `minBytes` counts its UTF-8 bytes.
 */
export const secret = <
  const O extends { readonly doc: string; readonly aliases?: readonly string[]; readonly minBytes?: number } & Presence<never>,
>(
  options: O,
): Variable<Value<string, O>> => {
  const { minBytes = 1 } = options;
  const type = minBytes > 1 ? `a secret of at least ${minBytes} bytes` : 'a secret';
  return variable<string, Omit<O, 'default'>>(options, {
    type,
    read: (given) => (Buffer.byteLength(given) >= minBytes ? { ok: true, value: given } : { ok: false, expected: type }),
    render: () => '',
    secret: true,
  }) as Variable<Value<string, O>>;
};

/** A text from outside as a message may show it: on one line, short, and without the password of a URL. */
export const quoted = (given: string): string => {
  const shown = given.replaceAll(/\/\/[^/?#\s]*@/g, '//…@');
  // JSON leaves the control characters above 0x7f, and terminals obey those too.
  return JSON.stringify(shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}…` : shown).replaceAll(/\p{Cc}/gu, '?');
};

const MOST_SHOWN = 80;

const numeric = <const O extends Options<number> & RangeOptions>(
  kind: string,
  pattern: RegExp,
  options: O,
): Variable<Value<number, O>> => {
  const { min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, unit } = options;
  const type = `${kind}${unit === undefined ? '' : ` of ${unit}`}${rangeWords(options)}`;
  return variable<number, O>(options, {
    type,
    read: (given) => {
      const value = Number(given);
      const fits = value >= min && value <= max && !Object.is(value, -0);
      return pattern.test(given) && fits ? { ok: true, value } : { ok: false, expected: type };
    },
    render: String,
  });
};

const rangeWords = ({ min, max }: RangeOptions): string => {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max === undefined ? '' : `, at most ${max}`;
};

type Kind<T> = Pick<Variable<T>, 'type' | 'read' | 'render'> & { readonly secret?: boolean; readonly keepEmpty?: boolean };

const variable = <T, O>(
  options: Shared<T> & { readonly default?: T; readonly optional?: boolean },
  kind: Kind<T>,
): Variable<Value<T, O>> => {
  const { doc, aliases = [], production } = options;
  for (const value of [options.default, production]) {
    // A default that the variable itself would refuse is a mistake of the program, found at its first start.
    const reading = value === undefined || kind.render(value) === '' ? undefined : kind.read(kind.render(value));
    if (reading?.ok === false) throw new TypeError(`the default ${quoted(kind.render(value as T))} is not ${reading.expected}`);
  }
  const made: Variable<T> = {
    type: kind.type,
    doc,
    aliases,
    fallback: options.optional === true ? null : options.default,
    production,
    secret: kind.secret ?? false,
    keepEmpty: kind.keepEmpty ?? false,
    read: kind.read,
    render: kind.render,
  };
  // Whether null can occur is known from the options' type alone.
  return made as Variable<Value<T, O>>;
};
