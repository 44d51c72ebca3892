/** Reads what the server of `kolabpad.2` sends. Lenient about what it does not know, strict about what it does. */
import {
  type CursorData,
  type Expiry,
  type HistoryItem,
  type ServerMessage,
  SYSTEM_USER,
  type UserId,
  type UserInfo,
  type Welcome,
} from '../domain/messages.ts';
import { parseOperation } from '../domain/operation.ts';
import { wellFormed } from '../domain/text.ts';

/** The server said something that cannot be: close the socket and connect anew, which starts from what is sure. */
export class ProtocolError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = 'ProtocolError';
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** A frame as text or as what `JSON.parse` made of it. Null for a kind of message that this client does not know. */
export const parseServerFrame = (frame: unknown): ServerMessage | null => {
  const message = fields(typeof frame === 'string' ? parseJson(frame) : frame, 'the frame');
  for (const [kind, body] of Object.entries(message)) {
    const parse = Object.hasOwn(PARSERS, kind) ? PARSERS[kind] : undefined;
    if (parse !== undefined) return parse(body);
  }
  return null;
};

const PARSERS: Readonly<Record<string, (body: unknown) => ServerMessage>> = {
  Identity: (body) => ({ Identity: count(body, 'Identity') }),
  Pong: (body) => ({ Pong: count(body, 'Pong') }),
  History: (body) => {
    const { start, operations } = fields(body, 'History');
    return { History: { start: count(start, 'start'), operations: list(operations, 'operations').map(parseItem) } };
  },
  Language: (body) => {
    const { language, user_id, user_name } = fields(body, 'Language');
    return {
      Language: { language: text(language, 'language'), user_id: userId(user_id), user_name: text(user_name, 'user_name') },
    };
  },
  UserInfo: (body) => {
    const { id, info } = fields(body, 'UserInfo');
    return { UserInfo: { id: count(id, 'id'), info: info === undefined || info === null ? null : parseInfo(info) } };
  },
  UserCursor: (body) => {
    const { id, data } = fields(body, 'UserCursor');
    return { UserCursor: { id: count(id, 'id'), data: parseCursors(data) } };
  },
  OTP: (body) => {
    const { otp, ...by } = fields(body, 'OTP');
    return { OTP: { otp: textOrNull(otp, 'otp'), ...parseActor(by) } };
  },
  Welcome: (body) => ({ Welcome: parseWelcome(fields(body, 'Welcome')) }),
  Snapshot: (body) => {
    const { epoch, revision, text: whole } = fields(body, 'Snapshot');
    return {
      Snapshot: { epoch: text(epoch, 'epoch'), revision: count(revision, 'revision'), text: wellFormed(text(whole, 'text')) },
    };
  },
  Rejected: (body) => {
    const { sequence, code, message } = fields(body, 'Rejected');
    // A reason that a later server may know is, for what happens to the edit, like the one that concerns this edit alone.
    const known = code === 'READ_ONLY' ? code : 'DOCUMENT_TOO_LARGE';
    return { Rejected: { sequence: count(sequence, 'sequence'), code: known, message: text(message, 'message') } };
  },
  Expiry: (body) => ({ Expiry: { ...parseExpiry(body), ...parseActor(fields(body, 'Expiry')) } }),
  ViewLink: (body) => {
    const { id, ...by } = fields(body, 'ViewLink');
    return { ViewLink: { id: textOrNull(id, 'id'), ...parseActor(by) } };
  },
};

const parseWelcome = (body: Fields): Welcome => {
  const acknowledged = body['acknowledged'];
  const guessable = body['guessable'];
  return {
    user: count(body['user'], 'user'),
    ticket: text(body['ticket'], 'ticket'),
    role: body['role'] === 'viewer' ? 'viewer' : 'editor',
    epoch: text(body['epoch'], 'epoch'),
    revision: count(body['revision'], 'revision'),
    acknowledged: acknowledged === null || acknowledged === undefined ? null : parseAcknowledged(acknowledged),
    maxBytes: count(body['maxBytes'], 'maxBytes'),
    guessable: typeof guessable === 'boolean' ? guessable : null,
    viewLink: textOrNull(body['viewLink'] ?? null, 'viewLink'),
    expiry: parseExpiry(body['expiry']),
    version: text(body['version'], 'version'),
  };
};

const parseAcknowledged = (value: unknown) => {
  const { sequence, revision } = fields(value, 'acknowledged');
  return { sequence: count(sequence, 'sequence'), revision: count(revision, 'revision') };
};

const parseItem = (value: unknown): HistoryItem => {
  const { id, operation } = fields(value, 'an operation of History');
  try {
    return { id: userId(id), operation: parseOperation(operation) };
  } catch (cause) {
    throw new ProtocolError('an operation of History is none', { cause });
  }
};

const parseInfo = (value: unknown): UserInfo => {
  const { name, hue, viewer } = fields(value, 'info');
  return { name: text(name, 'name'), hue: count(hue, 'hue'), ...(viewer === true && { viewer }) };
};

// Null where the original's server leaves them out.
const parseCursors = (value: unknown): CursorData => {
  const { cursors, selections } = fields(value, 'data');
  return {
    cursors: list(cursors ?? [], 'cursors').map((position) => count(position, 'a cursor')),
    selections: list(selections ?? [], 'selections').map((pair) => {
      const [from, to] = list(pair, 'a selection');
      return [count(from, 'a selection'), count(to, 'a selection')] as const;
    }),
  };
};

const parseExpiry = (value: unknown): Expiry => {
  const { hours, chosen } = fields(value, 'expiry');
  if (typeof hours !== 'number') throw new ProtocolError('hours is not a number');
  return { hours, chosen: chosen === true };
};

const parseActor = ({ user_id, user_name }: Fields) => ({
  user_id: count(user_id, 'user_id'),
  user_name: text(user_name, 'user_name'),
});

const parseJson = (frame: string): unknown => {
  try {
    return JSON.parse(frame);
  } catch (cause) {
    throw new ProtocolError('the frame is not JSON', { cause });
  }
};

const fields = (value: unknown, what: string): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ProtocolError(`${what} is not an object`);
  return value as Fields;
};

const list = (value: unknown, what: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw new ProtocolError(`${what} is not a list`);
  return value;
};

const text = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw new ProtocolError(`${what} is not a text`);
  return value;
};

const textOrNull = (value: unknown, what: string): string | null => (value === null ? null : text(value, what));

const count = (value: unknown, what: string): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new ProtocolError(`${what} is not a number from 0 up`);
  return value;
};

// The digits of SYSTEM_USER are beyond 2^53, where JSON.parse rounds.
const userId = (value: unknown): UserId =>
  typeof value === 'number' && value >= 2 ** 53 ? SYSTEM_USER : count(value, 'a user id');
