const SHORTEST = 6;

/** A function that replaces every one of `values` in a text; values shorter than 6 characters would hide words, so they are left. */
export function createRedactor(values: Iterable<string>): (text: string) => string {
  const known = [...new Set(values)].filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length);
  return (text) => known.reduce((redacted, value) => redacted.replaceAll(value, '[redacted]'), text);
}
