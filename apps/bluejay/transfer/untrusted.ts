/** Reading what somebody else wrote: JSON of any shape, of which only what is asked for is looked at. */

export type Untrusted = Readonly<Record<string, unknown>>;

/** undefined for what is no JSON, or no object. */
export const parseObject = (text: string): Untrusted | undefined => {
  try {
    return asObject(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

export const asObject = (value: unknown): Untrusted | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Untrusted) : undefined;

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Own properties only: nothing comes from a prototype, whatever the name is. */
export const own = (object: Untrusted, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);

export const textIn = (object: Untrusted, name: string, most = 10_000): string => {
  const value = own(object, name);
  return typeof value === 'string' ? value.slice(0, most).toWellFormed() : '';
};

export const numberIn = (object: Untrusted, name: string): number | undefined => {
  const value = own(object, name);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
};

/** Milliseconds since 1970; undefined for what is no moment between then and 9999. */
export const momentIn = (object: Untrusted, name: string): number | undefined => {
  const value = own(object, name);
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
};
