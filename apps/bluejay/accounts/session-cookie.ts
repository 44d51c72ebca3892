/** The cookie of the panel, and the token that forms of a session carry: both are worth nothing without the table of sessions. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const SESSION_COOKIE = 'bluejay_session';
export const SESSION_LIFETIME_MS = 7 * 24 * 3_600_000;

/** 256 random bits: what a browser keeps. */
export const createToken = (): string => randomBytes(32).toString('base64url');

/** What the database keeps of a token: whoever reads the table cannot log in with it. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Follows from the session's token, and ends with it; does not give it away. */
export const csrfTokenOf = (token: string): string => createHash('sha256').update(`csrf\0${token}`).digest('base64url');

/** Takes the same time whatever is wrong with it. */
export const equalTokens = (given: string, expected: string): boolean => timingSafeEqual(hashToken(given), hashToken(expected));

/** The cookie's value if it can be a token of ours. Of two the first, which has the longer path. */
export const readCookie = (request: FastifyRequest, name: string): string | undefined => {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined) return /^[\w.-]+$/.test(value) ? value : undefined;
  }
  return undefined;
};

export type CookieOptions = {
  readonly name: string;
  /** Letters, digits, `-`, `_`, `.`; '' with an age of 0 removes it. */
  readonly value: string;
  readonly path: string;
  readonly maxAgeSec: number;
  readonly secure: boolean;
};

export const writeCookie = (reply: FastifyReply, { name, value, path, maxAgeSec, secure }: CookieOptions): void => {
  const attributes = [`${name}=${value}`, `Max-Age=${maxAgeSec}`, `Path=${path}`, 'HttpOnly', 'SameSite=Lax'];
  reply.header('Set-Cookie', [...attributes, ...(secure ? ['Secure'] : [])].join('; '));
};
