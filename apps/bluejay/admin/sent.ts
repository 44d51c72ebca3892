/** What a browser sent: queries and forms hold a text, several of the same name, or nothing. */

/** The first of its name, trimmed; '' when there is none. */
export const textSent = (source: unknown, name: string): string => textsSent(source, name)[0]?.trim() ?? '';

/** All of its name, in their order. */
export const textsSent = (source: unknown, name: string): readonly string[] => {
  if (typeof source !== 'object' || source === null) return [];
  const value: unknown = Object.hasOwn(source, name) ? (source as Readonly<Record<string, unknown>>)[name] : undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string' || typeof one === 'number').map(String);
};

/** An id of a record: a whole number from 1; undefined for whatever else was sent. */
export const idSent = (text: string): number | undefined => {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return id >= 1 ? id : undefined;
};
