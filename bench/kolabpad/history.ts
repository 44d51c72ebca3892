/** What an editor of the load has to understand of the messages it gets: who wrote, what, and how long the text is now. */
export type Component = string | number;
export type History = {
  /** The revision before the first operation. */
  readonly start: number;
  readonly operations: readonly { readonly id: number; readonly operation: readonly Component[] }[];
};

/** Code points of a text that the operation was applied to: what it retains and what it inserts. */
export function targetLength(operation: readonly Component[]): number {
  let length = 0;
  for (const component of operation) {
    if (typeof component === 'string') length += codePoints(component);
    else if (component > 0) length += component;
  }
  return length;
}

/** The kind of a message by the first letter of its only key, so that nothing is parsed that is not needed. */
export function readMessage(payload: Buffer): { Identity: number } | { History: History } | null {
  const letter = payload[2];
  if (letter !== IDENTITY && letter !== HISTORY) return null;
  const message: Record<string, unknown> = JSON.parse(payload.toString());
  if (typeof message['Identity'] === 'number') return { Identity: message['Identity'] };
  return 'History' in message ? { History: message['History'] as History } : null;
}

const IDENTITY = 'I'.charCodeAt(0);
const HISTORY = 'H'.charCodeAt(0);

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
