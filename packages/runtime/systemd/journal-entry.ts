/** A line that a unit wrote to its standard output or error, as journald kept it. */
export type JournalEntry = {
  readonly cursor: string;
  readonly unit: string;
  /** With the newline that it had, if it had one. */
  readonly text: Buffer;
};

/** Which fields of an entry are needed; the cursor comes by itself. */
export const ENTRY_FIELDS = 'MESSAGE,_SYSTEMD_UNIT,_LINE_BREAK';

/** One line of `journalctl --output=json --all`; null for one that is not whole or has no text. */
export const parseEntry = (line: string): JournalEntry | null => {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line);
  } catch {
    return null; // journalctl was killed while it wrote
  }
  const { __CURSOR: cursor, _SYSTEMD_UNIT: unit, MESSAGE: message, _LINE_BREAK: lineBreak } = fields;
  const text = textOf(message);
  if (typeof cursor !== 'string' || typeof unit !== 'string' || text === null) return null;
  // Without the field a newline ended it; else it was the end of the output, or a line too long to be kept in one piece.
  return { cursor, unit, text: lineBreak === undefined ? Buffer.concat([text, NEWLINE]) : text };
};

/** Whether an entry with the cursor `seen` comes after the one with `wanted`, or is it. */
export const hasReached = (seen: string, wanted: string): boolean => {
  if (seen === wanted) return true;
  const [a, b] = [parseCursor(seen), parseCursor(wanted)];
  // Numbers count within one life of the journal; across lives the clock has to do.
  return a.s === b.s ? hexOf(a.i) >= hexOf(b.i) : hexOf(a.t) >= hexOf(b.t);
};

const NEWLINE = Buffer.from('\n');

/** Bytes that are no text come as a list of numbers (systemd.journal-fields(7), Journal JSON Format). */
const textOf = (message: unknown): Buffer | null => {
  if (typeof message === 'string') return Buffer.from(message);
  return Array.isArray(message) && message.every((byte) => typeof byte === 'number') ? Buffer.from(message) : null;
};

const parseCursor = (cursor: string): Readonly<Record<string, string>> =>
  Object.fromEntries(cursor.split(';').map((part) => part.split('=', 2) as [string, string]));

const hexOf = (text: string | undefined): bigint => (text !== undefined && /^[0-9a-f]+$/.test(text) ? BigInt(`0x${text}`) : 0n);
