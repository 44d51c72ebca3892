/** Reads what clients send: unknown text in, a typed message out. */
import type { ClientMessage, CursorData, Hello, UserInfo } from './messages.ts';
import { OperationError, parseOperation } from './operation.ts';

/** The frame is not a message: the connection ends with 1007, as with the original. */
export class MalformedMessage extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = 'MalformedMessage';
  }
}

const MAX_NAME_CODE_UNITS = 100;
const MAX_LANGUAGE_CODE_UNITS = 100;
/** A selection per line of a large document is more than any editor shows; the rest is left out. */
const MAX_CURSORS = 1_000;
const UINT32 = 2 ** 32;

/**
 * Null for a message of no known kind, which is ignored. When several keys are there the first of the original's order
 * counts. Throws MalformedMessage.
 */
export function parseClientMessage(frame: string): ClientMessage | null {
  let message: unknown;
  try {
    message = JSON.parse(frame);
  } catch (cause) {
    throw new MalformedMessage('not JSON', { cause });
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) throw new MalformedMessage('not a JSON object');
  const { Edit, SetLanguage, ClientInfo, CursorData, Hello, Ping } = message as Record<string, unknown>;
  if (Edit !== undefined && Edit !== null) return parseEdit(record(Edit, 'Edit'));
  if (SetLanguage !== undefined && SetLanguage !== null)
    return { kind: 'SetLanguage', language: text(SetLanguage, 'SetLanguage').slice(0, MAX_LANGUAGE_CODE_UNITS).toWellFormed() };
  if (ClientInfo !== undefined && ClientInfo !== null)
    return { kind: 'ClientInfo', info: parseInfo(record(ClientInfo, 'ClientInfo')) };
  if (CursorData !== undefined && CursorData !== null)
    return { kind: 'CursorData', data: parseCursors(record(CursorData, 'CursorData')) };
  if (Hello !== undefined && Hello !== null) return { kind: 'Hello', hello: parseHello(record(Hello, 'Hello')) };
  if (Ping !== undefined && Ping !== null) return { kind: 'Ping', ping: integer(Ping, 'Ping', Number.MAX_SAFE_INTEGER) };
  return null;
}

function parseEdit({ revision, operation, sequence }: Record<string, unknown>): ClientMessage {
  // Below zero is a number like any other here: it names no revision, which is for the document to say.
  if (!Number.isSafeInteger(revision)) throw new MalformedMessage('Edit.revision is not an integer');
  if (sequence !== undefined && !(Number.isSafeInteger(sequence) && (sequence as number) > 0))
    throw new MalformedMessage('Edit.sequence is not a positive integer');
  try {
    return {
      kind: 'Edit',
      revision: revision as number,
      operation: parseOperation(operation),
      sequence: (sequence as number | undefined) ?? null,
    };
  } catch (cause) {
    if (cause instanceof OperationError) throw new MalformedMessage(`Edit.operation: ${cause.message}`, { cause });
    throw cause;
  }
}

const parseInfo = ({ name, hue }: Record<string, unknown>): UserInfo => ({
  name: text(name, 'ClientInfo.name').slice(0, MAX_NAME_CODE_UNITS).toWellFormed(),
  hue: integer(hue, 'ClientInfo.hue', UINT32 - 1),
});

function parseCursors({ cursors, selections }: Record<string, unknown>): CursorData {
  const position = (value: unknown): number => integer(value, 'CursorData', UINT32 - 1);
  return {
    // The original emits null where a client left one out, and its own client then throws.
    cursors: list(cursors, 'cursors').map(position),
    selections: list(selections, 'selections').map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw new MalformedMessage('CursorData.selections holds no pair');
      return [position(pair[0]), position(pair[1])] as const;
    }),
  };
}

function parseHello({ session, epoch, revision }: Record<string, unknown>): Hello {
  if (typeof session !== 'string' || !/^[\w-]{22,64}$/.test(session)) throw new MalformedMessage('Hello.session is unfit');
  return {
    session,
    epoch: epoch === null || epoch === undefined ? null : text(epoch, 'Hello.epoch'),
    revision: integer(revision ?? 0, 'Hello.revision', Number.MAX_SAFE_INTEGER),
  };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || Array.isArray(value)) throw new MalformedMessage(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new MalformedMessage(`${what} is not a text`);
  return value.toWellFormed();
}

function integer(value: unknown, what: string, max: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max)
    throw new MalformedMessage(`${what} is not an integer from 0 to ${max}`);
  return value as number;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedMessage(`CursorData.${what} is not a list`);
  return value.slice(0, MAX_CURSORS);
}
