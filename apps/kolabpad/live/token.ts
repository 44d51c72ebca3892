/** What must not be guessed: tokens, tickets, ids of read-only links. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const VIEW_LINK_PREFIX = 'ro-';

/** 9 random bytes, 72 bits, as 12 characters. */
export const createToken = (): string => randomBytes(9).toString('base64url');
/** 16 random bytes. */
export const createTicket = (): string => randomBytes(16).toString('base64url');
export const createViewLinkId = (): string => `${VIEW_LINK_PREFIX}${randomBytes(16).toString('base64url')}`;
export const createEpochId = (): string => randomBytes(9).toString('base64url');

/** Takes the same time wherever the two differ, also when one is longer. */
export const isSameToken = (given: string | null, wanted: string): boolean =>
  timingSafeEqual(digest(given ?? ''), digest(wanted)) && given !== null;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Ids that the page makes have 17 letters and digits, 101 bits; whatever is shorter, or looks like a word, can be guessed. */
export function isGuessable(id: string): boolean {
  if (id.length < 16) return true;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(id)).length;
  return kinds < 2 || new Set(id).size < 8;
}
