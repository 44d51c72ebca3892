/**
 * What travels over the socket: text frames of JSON, one key per message. Two dialects share these shapes:
 *
 * - **the original protocol** (no subprotocol): what an unmodified original client speaks, byte-compatible.
 * - **`kolabpad.2`** (offered as a WebSocket subprotocol): ours. The client speaks first (`Hello`), the server answers with
 *   `Welcome` instead of `Identity`, and a connection resumes where the last one broke off.
 *
 * Positions and lengths are Unicode code points. Revisions count operations since a document began.
 */
import type { Operation } from './operation.ts';

/** Offered by our own client; a token travels beside it as `otp.<token>`, so that no access log sees it. */
export const SUBPROTOCOL = 'kolabpad.2';
export const TOKEN_SUBPROTOCOL_PREFIX = 'otp.';

/** Author of what no participant wrote: 2^64-1, beyond what a JavaScript number can hold, so it is kept as digits. */
export const SYSTEM_USER = '18446744073709551615';

/** A participant's number, fresh for every connection and never used twice in one document; or SYSTEM_USER. */
export type UserId = number | typeof SYSTEM_USER;

export type UserInfo = {
  readonly name: string;
  /** Degrees, 0 to 359. */
  readonly hue: number;
  /** Reads through a read-only link. Absent for everybody else: the original does not know it. */
  readonly viewer?: true;
};
export type CursorData = {
  readonly cursors: readonly number[];
  readonly selections: readonly (readonly [number, number])[];
};

export type ClientMessage =
  | { readonly kind: 'Edit'; readonly revision: number; readonly operation: Operation; readonly sequence: number | null }
  | { readonly kind: 'SetLanguage'; readonly language: string }
  | { readonly kind: 'ClientInfo'; readonly info: UserInfo }
  | { readonly kind: 'CursorData'; readonly data: CursorData }
  | { readonly kind: 'Hello'; readonly hello: Hello }
  /** `kolabpad.2` only: a page cannot see the socket's own pings, so it asks for a sign of life; answered by Pong. */
  | { readonly kind: 'Ping'; readonly ping: number };

/**
 * `kolabpad.2` only, the first message: `{"Hello":{"session":"…","epoch":"…","revision":57}}`.
 * `session`: made by the client, 22 or more characters of base64url, one per browser tab; edits carry a `sequence` that
 * counts up from 1 within it, which makes sending one twice harmless. `epoch` and `revision`: where its text stands, from
 * its last Welcome and what followed; null and 0 for a client that has nothing.
 */
export type Hello = { readonly session: string; readonly epoch: string | null; readonly revision: number };

/**
 * `kolabpad.2` only, answers Hello. What follows is either `History` from the revision of the Hello, or, where the
 * operations between are not known any more (or never were: `epoch` unknown), one `Snapshot`; neither when nothing is new.
 */
export type Welcome = {
  readonly user: number;
  /** Proof for the HTTP API that a call comes from this connection. */
  readonly ticket: string;
  readonly role: 'editor' | 'viewer';
  /** Names the line of history that revisions count in; new whenever the document was loaded from its store. */
  readonly epoch: string;
  readonly revision: number;
  /** The last edit of this session that is stored, and the revision that it made: `revision` 5 is operation number 4. */
  readonly acknowledged: { readonly sequence: number; readonly revision: number } | null;
  readonly maxBytes: number;
  /** Can be called by whoever guesses its name: the id is short or was chosen. Null for a viewer, who does not see the id. */
  readonly guessable: boolean | null;
  /** Id of the read-only link (`ro-…`), null when there is none; null for a viewer. */
  readonly viewLink: string | null;
  readonly expiry: Expiry;
  readonly version: string;
};

/** `hours` without visitors after which the document is deleted; `chosen`: set for this document, else the default. */
export type Expiry = { readonly hours: number; readonly chosen: boolean };

export type HistoryItem = { readonly id: UserId; readonly operation: Operation };

/** As JSON: `{"History":{"start":0,"operations":[…]}}` and so on; the names and fields are those on the wire. */
export type ServerMessage =
  | { readonly Identity: number }
  | { readonly History: { readonly start: number; readonly operations: readonly HistoryItem[] } }
  | { readonly Language: { readonly language: string; readonly user_id: UserId; readonly user_name: string } }
  | { readonly UserInfo: { readonly id: number; readonly info?: UserInfo | null } }
  | { readonly UserCursor: { readonly id: number; readonly data: CursorData } }
  | { readonly OTP: { readonly otp: string | null; readonly user_id: number; readonly user_name: string } }
  // From here on kolabpad.2 only.
  | { readonly Welcome: Welcome }
  | { readonly Pong: number }
  | { readonly Snapshot: { readonly epoch: string; readonly revision: number; readonly text: string } }
  /** The edit was not taken and never will be; the connection stays. */
  | {
      readonly Rejected: {
        readonly sequence: number;
        readonly code: 'DOCUMENT_TOO_LARGE' | 'READ_ONLY';
        readonly message: string;
      };
    }
  | { readonly Expiry: Expiry & { readonly user_id: number; readonly user_name: string } }
  | { readonly ViewLink: { readonly id: string | null; readonly user_id: number; readonly user_name: string } };

/** Why the server closes a socket; below 4000 the meanings of RFC 6455 §7.4.1 and the IANA registry. */
export const CLOSE = {
  /** The original closes with this after an edit it could not take. */
  normal: 1000,
  goingAway: 1001,
  invalidData: 1007,
  policy: 1008,
  tooLarge: 1009,
  internalError: 1011,
  /** Service restart: come back at once. */
  restart: 1012,
  /** Too slow, or the server is full: come back a little later. */
  tryLater: 1013,
  /** Another connection of the same session has taken over. */
  replaced: 4409,
  /** Deleted for ever by a participant. */
  deleted: 4410,
  /** The read-only link was revoked. */
  revoked: 4403,
} as const;
