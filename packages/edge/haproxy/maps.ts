import { createHash } from 'node:crypto';
import { stateInvalid } from '../errors.ts';
import type { EdgeHost, EdgeRoute, EdgeService, EdgeState } from '../state.ts';
import { FILES_BACKEND, headersOf, REDIRECT_BACKEND, requestsBackend, webSocketsBackend } from './names.ts';

/**
 * What changes without a reload. Each is a file that HAProxy loads at start and that is kept equal to what runs.
 *
 * routes.map   host + canonical path -> what to do, fields joined by "|"
 * limits.map   the same keys in lower case -> rate, body and time limits; only hosts that have any
 * headers.map  "profile:name" -> value of a response header; "-" keeps one of the defaults away
 * hold.map     app.service -> "limitMs maxRequests" while armed
 * challenges.map  host + path -> what a certificate authority is to read there (RFC 8555 section 8.3)
 */
export type Maps = Readonly<Record<MapName, ReadonlyMap<string, string>>>;
export type MapName = (typeof mapNames)[number];
export const mapNames = ['routes.map', 'limits.map', 'headers.map', 'hold.map', 'challenges.map'] as const;

export const renderMaps = (state: EdgeState, challenges: ReadonlyMap<string, string> = new Map()): Maps => ({
  'routes.map': new Map(state.hosts.flatMap((host) => routeEntries(host, state))),
  'limits.map': new Map(state.hosts.filter(isLimited).flatMap(limitEntries)),
  'headers.map': new Map(state.hosts.flatMap(headerEntries)),
  'hold.map': new Map(state.services.filter((service) => service.hold.armed).map(holdEntry)),
  'challenges.map': challenges,
});

/** A map as HAProxy reads it from a file. */
export const renderMap = (map: ReadonlyMap<string, string>): string =>
  [...map].map(([key, value]) => `${key} ${value}\n`).join('');

export const CHALLENGE_PATH = '/.well-known/acme-challenge/';

/** Both come from outside, and one line of the map holds both. */
export const challengeEntry = ({ host, token, answer }: { host: string; token: string; answer: string }): [string, string] => {
  checkHost(host);
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(token))
    throw stateInvalid('challenge', token, 'a token is made of letters, digits, "-" and "_"');
  if (!/^[A-Za-z0-9._-]{1,400}$/.test(answer))
    throw stateInvalid('challenge', answer, 'an answer is made of letters, digits, ".", "-" and "_"');
  return [`${host}${CHALLENGE_PATH}${token}`, answer];
};

/** The record of a route of files goes on with: prefix | caching | directory | earlier directories … */
export const MAX_PREFIX_SEGMENTS = 8;
const MAX_EARLIER = 4;

/**
 * "/" at the end of a prefix stands for "everything below"; ">" closes a path, so that a key that ends in it matches
 * that path alone. No canonical path holds ">", it is always escaped. HAProxy finds the longest prefix.
 */
const pathKeys = (host: string, path: string): readonly string[] => {
  const canonical = canonicalPath(path);
  if (canonical === null) throw stateInvalid('route', path, 'it holds "..", a backslash or control characters');
  return canonical.endsWith('/') ? [`${host}${canonical}`] : [`${host}${canonical}/`, `${host}${canonical}>`];
};

const routeEntries = (host: EdgeHost, state: EdgeState): readonly [string, string][] => {
  checkHost(host.host);
  if (host.redirectTo !== null) {
    return [[`${host.host}/`, record([REDIRECT_BACKEND, '', host.app, '', '-', 'host', origin(host.redirectTo, state)])]];
  }
  return host.routes.flatMap((route) => {
    const value = routeRecord(host, route, state);
    return pathKeys(host.host, route.path).map((key): [string, string] => [key, value]);
  });
};

/**
 * backend | levels of the path to take away (files) | app | service | header profile | what only this kind needs …
 * What every request asks for comes first: HAProxy looks for a field byte by byte.
 */
const routeRecord = (host: EdgeHost, route: EdgeRoute, state: EdgeState): string => {
  const profile = profileOf(host, route) ?? '-';
  switch (route.to.kind) {
    case 'service': {
      const service = { app: host.app, service: route.to.service };
      if (!state.services.some(({ app, service: name }) => app === service.app && name === service.service)) {
        throw stateInvalid('route', `${host.host}${route.path}`, `there is no service ${service.service} in ${service.app}`);
      }
      return record([requestsBackend(service), '', host.app, service.service, profile, webSocketsBackend(service)]);
    }
    case 'files': {
      const directories = [route.to.directory, ...(route.to.earlier ?? []).slice(0, MAX_EARLIER)];
      for (const directory of directories) checkDirectory(directory);
      const prefix = (canonicalPath(route.path) ?? '').replace(/\/$/, '');
      const depth = prefix.split('/').length - 1;
      if (depth > MAX_PREFIX_SEGMENTS)
        throw stateInvalid('route', route.path, `files may be at most ${MAX_PREFIX_SEGMENTS} levels deep`);
      const cache = route.to.cache.kind === 'age' ? `age-${Math.round(route.to.cache.seconds)}` : route.to.cache.kind;
      return record([FILES_BACKEND, String(depth), host.app, '', profile, prefix, cache, ...directories]);
    }
    case 'redirect':
      checkHeaderValue('redirect', route.to.location);
      return record([REDIRECT_BACKEND, '', host.app, '', profile, String(route.to.status), route.to.location]);
  }
};

const record = (fields: readonly string[]): string => fields.join('|');

/** Where another host is found, as a client must write it. Without TLS the client's own scheme is kept. */
const origin = (host: string, { listeners }: EdgeState): string => {
  checkHost(host);
  if (listeners.httpsPort === null) return `//${host}${listeners.httpPort === 80 ? '' : `:${listeners.httpPort}`}`;
  return `https://${host}${listeners.httpsPort === 443 ? '' : `:${listeners.httpsPort}`}`;
};

export const isLimitedRoute = (route: EdgeRoute): boolean =>
  route.limit !== null || route.maxBodyBytes !== null || route.timeoutMs !== null;

const isLimited = (host: EdgeHost): boolean => host.redirectTo === null && host.routes.some(isLimitedRoute);

/** Routes without a limit are listed too: theirs must not fall to a shorter, limited one. */
const limitEntries = (host: EdgeHost): readonly [string, string][] =>
  host.routes.flatMap((route) => {
    const value = limitRecord(host, route);
    return pathKeys(host.host, route.path).map((key): [string, string] => [key.toLowerCase(), value]);
  });

/** Time in which `burst` requests are allowed, in ms. */
export const rateWindowMs = (limit: NonNullable<EdgeRoute['limit']>): number =>
  Math.max(1, Math.round((limit.burst * limit.perMs) / limit.requests));

/** window ms:id | requests in it | seconds until the next one | body bytes | time-out ms */
const limitRecord = (host: EdgeHost, route: EdgeRoute): string => {
  const { limit } = route;
  const id = createHash('sha256').update(`${host.host}${route.path}`).digest('hex').slice(0, 12);
  return record([
    limit === null ? '-' : `${rateWindowMs(limit)}:${id}`,
    limit === null ? '-' : String(limit.burst),
    limit === null ? '-' : String(Math.max(1, Math.ceil(limit.perMs / limit.requests / 1000))),
    route.maxBodyBytes === null ? '-' : String(route.maxBodyBytes),
    route.timeoutMs === null ? '-' : String(route.timeoutMs),
  ]);
};

/** Routes with the same headers share a profile. */
const profileOf = (host: EdgeHost, route: EdgeRoute): string | null => {
  const headers = Object.entries(headersOf(host, route)).sort(([a], [b]) => (a < b ? -1 : 1));
  return headers.length === 0 ? null : createHash('sha256').update(JSON.stringify(headers)).digest('hex').slice(0, 12);
};

const headerEntries = (host: EdgeHost): readonly [string, string][] =>
  host.routes.flatMap((route) => {
    const profile = profileOf(host, route);
    return Object.entries(headersOf(host, route)).map(([name, value]): [string, string] => {
      checkHeaderName(name);
      if (value !== null) checkHeaderValue(name, value);
      return [`${profile}:${name}`, value ?? '-'];
    });
  });

const holdEntry = (service: EdgeService): [string, string] => [
  requestsBackend(service),
  `${Math.round(service.hold.limitMs)} ${Math.round(service.hold.maxRequests)}`,
];

/** As edge.lua does it, for paths of the manifest: decoded once, folded, escaped again. null: not to be served. */
export const canonicalPath = (path: string): string | null => {
  if (!path.startsWith('/') || path.includes('\\')) return null;
  const bytes = Buffer.from(path, 'utf8').toString('latin1');
  const decoded = bytes.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (/[\0-\x1f\x7f]/.test(decoded)) return null;
  const segments = decoded.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return null;
  const joined = `/${segments.join('/')}${segments.length > 0 && /\/\.?$/.test(decoded) ? '/' : ''}`;
  return joined.replace(
    /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
};

const checkHost = (host: string): void => {
  if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(host) || host.length > 253) {
    throw stateInvalid('host', host, 'a host is made of lower-case letters, digits, "-" and "."');
  }
};

const checkDirectory = (directory: string): void => {
  if (
    !directory.startsWith('/') ||
    /[\0-\x1f\x7f|]/.test(directory) ||
    directory.split('/').includes('..') ||
    directory.endsWith(' ')
  ) {
    throw stateInvalid('directory', directory, 'it must be absolute, without "..", "|" and control characters');
  }
};

const checkHeaderName = (name: string): void => {
  if (!/^[a-z0-9!#$%&'*+.^_`~-]+$/.test(name)) throw stateInvalid('header', name, 'it is not the lower-case name of a header');
};

/** A map's value ends at the line's end, and blanks around it are lost. */
const checkHeaderValue = (name: string, value: string): void => {
  if (/[\0-\x1f\x7f]/.test(value) || value.trim() !== value || value === '' || value === '-') {
    throw stateInvalid(
      name,
      value,
      'it must be one line, neither empty nor a lone "-", without control characters or blanks around it',
    );
  }
  // One command on the admin socket must fit into HAProxy's buffer of 16 KB.
  if (value.length > 8_000) throw stateInvalid(name, `${value.slice(0, 40)}…`, 'it is longer than 8000 characters');
};
