/** What several routes read from a request. */
import type { IncomingHttpHeaders } from 'node:http';
import { invalidRequest } from '../domain/errors.ts';

const MAX_ID_LENGTH = 256;

/** The id in a path, decoded; throws INVALID_REQUEST for one that no document can have. An empty one is the callee's matter. */
export function parseDocumentId(encoded: string): string {
  let id: string;
  try {
    id = decodeURIComponent(encoded);
  } catch (cause) {
    throw Object.assign(invalidRequest('the document ID is not encoded rightly'), { cause });
  }
  if (id.length > MAX_ID_LENGTH) throw invalidRequest(`the document ID is longer than ${MAX_ID_LENGTH} characters`);
  if (/\p{Cc}/u.test(id) || !id.isWellFormed()) throw invalidRequest('the document ID holds control characters');
  return id;
}

/** A token: in a header, which no log shows, or in the query, as the original has it. */
export function tokenOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const given = bearer ?? query.get('otp');
  return given === null || given === '' ? null : given;
}

export const queryOf = (url: string | undefined): URLSearchParams => new URLSearchParams(url?.split('?', 2)[1] ?? '');
