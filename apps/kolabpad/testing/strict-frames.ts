/**
 * Judges every frame that the server sends to a client of the original protocol, byte for byte where that matters: one key,
 * the fields of the original and in its order, whole numbers written as digits, arrays never null, text in normal form.
 */

/** 2^64-1 as it has to stand in the frame; as a JavaScript number it would be rounded. */
export const SYSTEM_USER_DIGITS = '18446744073709551615';

/** What is wrong with a frame, as sentences; empty when nothing is. */
export const judgeFrame = (frame: string, isBinary = false): string[] => {
  const problems: string[] = [];
  const fail: Fail = (what) => void problems.push(`${what}: ${frame.slice(0, 300)}`);
  if (isBinary) fail('a binary frame');
  if (!frame.isWellFormed()) fail('lone surrogates');
  let message: unknown;
  try {
    message = parseExactly(frame, fail);
  } catch {
    fail('not JSON');
    return problems;
  }
  if (!isRecord(message)) fail('not an object');
  else {
    const keys = Object.keys(message);
    const [key] = keys;
    const judge = key === undefined ? undefined : JUDGES[key];
    if (keys.length !== 1) fail(`${keys.length} keys instead of one`);
    else if (judge === undefined) fail(`the original knows no message ${key}`);
    else judge(message[key ?? ''], fail);
  }
  return problems;
};

/** The kind of each frame, `History` and so on, in the order in which they came. */
export const kindsOf = (frames: readonly string[]): string[] =>
  frames.map((frame) => Object.keys(JSON.parse(frame) as Record<string, unknown>)[0] ?? '');

type Fail = (what: string) => void;
type Judge = (value: unknown, fail: Fail) => void;

/** Like JSON.parse, but a number is kept only if it stands there as plain digits and is exact; the system user stays a string. */
const parseExactly = (frame: string, fail: Fail): unknown => {
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== 'number') return value;
    const source = context?.source ?? '';
    if (source === SYSTEM_USER_DIGITS) return SystemUser;
    if (!/^(0|-?[1-9][0-9]*)$/.test(source) || !Number.isSafeInteger(value)) fail(`the number ${source}`);
    return value;
  };
  return JSON.parse(frame, revive);
};

const SystemUser = Symbol('the system user');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const integer: Judge = (value, fail) => {
  if (typeof value !== 'number' || value < 0) fail('not a number from 0 on');
};
const uint32: Judge = (value, fail) => {
  if (typeof value !== 'number' || value < 0 || value >= 2 ** 32) fail('not an unsigned number of 32 bits');
};
const userOrSystem: Judge = (value, fail) => {
  if (value !== SystemUser) integer(value, fail);
};
const text: Judge = (value, fail) => {
  if (typeof value !== 'string') fail('not a string');
  else if (!value.isWellFormed()) fail('an escaped lone surrogate');
};
const literally =
  (expected: unknown): Judge =>
  (value, fail) => {
    if (value !== expected) fail(`not ${String(expected)}`);
  };
const oneOf =
  (either: Judge, or: unknown): Judge =>
  (value, fail) => {
    if (value !== or) either(value, fail);
  };
const list =
  (item: Judge, { empty = true } = {}): Judge =>
  (value, fail) => {
    if (!Array.isArray(value)) fail('not an array');
    else if (value.length === 0 && !empty) fail('an empty array');
    else for (const each of value) item(each, fail);
  };
const pair: Judge = (value, fail) => {
  list(uint32)(value, fail);
  if (Array.isArray(value) && value.length !== 2) fail('not a pair');
};

/** Exactly these fields in this order; the optional ones may be absent. */
const fields =
  (required: Readonly<Record<string, Judge>>, optional: Readonly<Record<string, Judge>> = {}): Judge =>
  (value, fail) => {
    if (!isRecord(value)) return fail('not an object');
    const expected = [...Object.keys(required), ...Object.keys(optional).filter((key) => key in value)];
    if (Object.keys(value).join() !== expected.join())
      fail(`the fields ${Object.keys(value).join()} instead of ${expected.join()}`);
    for (const [key, judge] of Object.entries({ ...required, ...optional })) if (key in value) judge(value[key], fail);
  };

const operation: Judge = (value, fail) => {
  if (!Array.isArray(value)) return fail('an operation that is not an array');
  let previous: unknown;
  for (const part of value as unknown[]) {
    const kind = partKind(part);
    if (typeof part === 'string') text(part, fail);
    if (kind === null) fail('a part of an operation that is nothing');
    else if (kind === partKind(previous)) fail('neighbours in an operation that should be one');
    else if (kind === 'insert' && partKind(previous) === 'delete') fail('an insert behind a delete');
    previous = part;
  }
};

const partKind = (part: unknown): 'insert' | 'retain' | 'delete' | null => {
  if (typeof part === 'string') return part === '' ? null : 'insert';
  if (typeof part !== 'number' || part === 0) return null;
  return part > 0 ? 'retain' : 'delete';
};

// `viewer` is ours: somebody who reads through a read-only link. A client of the original ignores it.
const userInfo = fields({ name: text, hue: uint32 }, { viewer: literally(true) });

const JUDGES: Readonly<Record<string, Judge>> = {
  Identity: integer,
  History: fields({ start: integer, operations: list(fields({ id: userOrSystem, operation }), { empty: false }) }),
  Language: fields({ language: text, user_id: userOrSystem, user_name: text }),
  UserInfo: fields({ id: integer }, { info: oneOf(userInfo, null) }),
  UserCursor: fields({ id: integer, data: fields({ cursors: list(uint32), selections: list(pair) }) }),
  OTP: fields({ otp: oneOf(text, null), user_id: integer, user_name: text }),
};
