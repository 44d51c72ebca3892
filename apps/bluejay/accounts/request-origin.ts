/** What a request tells of itself before anybody is asked who sent it. */
import { isAllowedOrigin } from '@berth/kit';
import type { FastifyRequest } from 'fastify';
import type { Environment } from '../env.ts';
import { equalTokens } from './session-cookie.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

export const isChanging = (request: FastifyRequest): boolean => !SAFE_METHODS.includes(request.method);

/** False for what a page of another site made the browser send. Programs that are no browsers pass. */
export const isFromThisSite = (request: FastifyRequest, env: Pick<Environment, 'baseUrl' | 'trustedProxies'>): boolean => {
  const { origin, host, 'sec-fetch-site': site, 'x-forwarded-host': forwardedHost } = request.headers;
  // A sibling host (`same-site`) is another site here. `none`: the person typed or reloaded it.
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  // Browsers hide the origin of a form under some referrer policies; the other header has answered then.
  if (origin === 'null' && site !== undefined) return true;
  const isProxied = env.trustedProxies.includes(request.socket.remoteAddress ?? '');
  return isAllowedOrigin({
    origin,
    host,
    forwardedHost: isProxied && typeof forwardedHost === 'string' ? forwardedHost : undefined,
    allowed: env.baseUrl === null ? [] : [env.baseUrl.origin],
  });
};

/** Whether the request carries the token: in its body, its header, or, for a multipart form, its address. */
export const carriesToken = (request: FastifyRequest, expected: string): boolean => {
  const header = request.headers['x-csrf-token'];
  const isMultipart = request.headers['content-type']?.startsWith('multipart/form-data') === true;
  const given = header ?? formField(request, '_csrf') ?? (isMultipart ? (request.query as { _csrf?: unknown })._csrf : undefined);
  return typeof given === 'string' && equalTokens(given, expected);
};

/** A person looks at the answer in a whole window: it can be sent elsewhere. */
export const wantsPage = (request: FastifyRequest): boolean => {
  const { 'hx-request': fragment, 'x-csrf-token': token, 'sec-fetch-mode': mode, accept = '' } = request.headers;
  if (fragment !== undefined || token !== undefined) return false;
  return mode === undefined ? !accept.includes('application/json') : mode === 'navigate';
};

/** A text of the body; undefined when it is not there, or there twice. */
export const formField = (request: FastifyRequest, name: string): string | undefined => {
  const { body } = request;
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** A path of this site that the browser may be sent to after the login; `/admin/dashboard` for anything else. */
export const safeNext = (next: string | undefined): string => {
  const fallback = '/admin/dashboard';
  if (next === undefined || next.length > 2_000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return fallback;
  const base = 'http://site.invalid';
  if (!URL.canParse(next, base)) return fallback;
  const { origin, pathname, search } = new URL(next, base);
  // `/.//elsewhere` is a local address whose normal form is not.
  if (origin !== base || pathname.startsWith('//') || /^\/admin\/(?:login|logout)/.test(pathname)) return fallback;
  return pathname + search;
};
