/** Fields of a log line as plain JSON values: errors readable, secrets gone, and no deeper than a line can bear. */

const DEEPEST = 4;
const MOST_ITEMS = 100;
const RESERVED = new Set(['level', 'ts', 'msg']);

/** Never throws: a getter that does, or an object that contains itself, must not stop the program that logs it. */
export const readableFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.keys(fields).map((name) => [RESERVED.has(name) ? `${name}_` : name, fieldOf(fields, name, 1)]));

/** Whether a field of this name holds something that no log may show. */
export const isSecretName = (name: string): boolean => {
  // `otp` counts as a word only: it is also in "footprint".
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return /(?:^|[^a-z])otps?(?:$|[^a-z])|otp$|token|secret|passwo?r?d|authorization|cookie|ticket/.test(words);
};

const fieldOf = (owner: object, name: string, depth: number): unknown => {
  try {
    const value: unknown = Reflect.get(owner, name);
    // Whether there is a secret is not one, and often what one wants to know.
    const tellsNothing = value === undefined || value === null || typeof value === 'boolean';
    return isSecretName(name) && !tellsNothing ? '[redacted]' : readable(value, depth);
  } catch (cause) {
    return `[threw ${cause instanceof Error ? cause.name : 'something'}]`;
  }
};

/** Addresses carry them as well, and so do messages that quote an address. */
const withoutSecrets = (text: string): string =>
  text.replaceAll(/([?&;\s](?:[\w-]*(?:otp|token|secret|password|ticket))=)[^&;\s"']+/gi, '$1[redacted]');

const readable = (value: unknown, depth: number): unknown => {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'number':
      // JSON has neither NaN nor infinity, and null would say that there was no value.
      return Number.isFinite(value) ? value : String(value);
    case 'function':
      return `[function ${value.name}]`;
    case 'symbol':
      return value.toString();
    case 'object':
      return value === null ? null : readableObject(value, depth);
    case 'string':
      return withoutSecrets(value);
    case 'boolean':
    case 'undefined':
      return value;
  }
};

const readableObject = (value: object, depth: number): unknown => {
  if (value instanceof Error) return readableError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL || value instanceof RegExp) return String(value);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= DEEPEST) return Array.isArray(value) ? `[array of ${value.length}]` : '[object]';
  if (value instanceof Map) return readableObject(Object.fromEntries(value), depth);
  if (value instanceof Set) return readableObject([...value], depth);
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item) => readable(item, depth + 1));
    return value.length > MOST_ITEMS ? [...items, `[${value.length - MOST_ITEMS} more]`] : items;
  }
  const names = Object.keys(value);
  const shown = names.slice(0, MOST_ITEMS).map((name) => [name, fieldOf(value, name, depth + 1)]);
  if (names.length > MOST_ITEMS) shown.push(['…', `[${names.length - MOST_ITEMS} more]`]);
  return Object.fromEntries(shown);
};

const readableError = (error: Error, depth: number): Record<string, unknown> => {
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    name,
    message: readable(message, DEEPEST),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: readable(stack, DEEPEST),
    ...(cause === undefined ? {} : { cause: depth >= DEEPEST ? '[error]' : readable(cause, depth + 1) }),
  };
};
