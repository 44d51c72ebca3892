/** The HTTP side of a connected document: what is asked of the server beside the socket. */
import type { Expiry } from '../domain/messages.ts';
import { apiUrl } from './address.ts';

/** Who asks; the ticket is the proof that it is the one behind the socket. */
export type Caller = { readonly id: string; readonly userId: number; readonly userName: string; readonly ticket: string };

/** The server said no, in words for people. */
export class RefusedCall extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'RefusedCall';
    this.status = status;
  }
}

const TIMEOUT_MS = 15_000;

/** Resolves with the new token. `current` is null for a document that is open. */
export const protect = async (caller: Caller, current: string | null): Promise<string> =>
  ((await call(caller, 'POST', '/protect', current === null ? {} : { otp: current })) as { otp: string }).otp;

export const unprotect = async (caller: Caller, current: string | null): Promise<void> => {
  await call(caller, 'DELETE', '/protect', current === null ? {} : { otp: current });
};

/** `hours` null: as long as every other document. */
export const setExpiry = async (caller: Caller, hours: number | null): Promise<Expiry> =>
  (await call(caller, 'PUT', '/expiry', { hours })) as Expiry;

/** Resolves with the id of the read-only link. */
export const createViewLink = async (caller: Caller): Promise<string> =>
  ((await call(caller, 'POST', '/view-link', {})) as { id: string }).id;

export const revokeViewLink = async (caller: Caller): Promise<void> => {
  await call(caller, 'DELETE', '/view-link', {});
};

export const deleteDocument = async (caller: Caller): Promise<void> => {
  await call(caller, 'DELETE', '', {});
};

async function call(caller: Caller, method: string, path: string, body: object): Promise<unknown> {
  const response = await fetch(apiUrl(document.baseURI, `document/${encodeURIComponent(caller.id)}${path}`), {
    method,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ user_id: caller.userId, user_name: caller.userName, ticket: caller.ticket, ...body }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new RefusedCall(response.status, await messageOf(response));
  return response.status === 204 ? null : response.json();
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    if (typeof error?.message === 'string') return error.message;
  } catch (cause) {
    // A proxy before the server answers in its own way.
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  if (response.status === 429) return 'too many requests: try again in a minute';
  const plain = text.trim();
  return plain !== '' && plain.length < 200 && !plain.startsWith('<') ? plain : `the server answered ${response.status}`;
}
