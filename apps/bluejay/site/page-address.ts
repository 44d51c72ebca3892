/** What a request asks for, as the site understands it: a path, the parameters that count, and whose site it is. */
import type { FastifyRequest } from 'fastify';

export type PageAddress = {
  readonly path: string;
  /** Scheme and host, without a slash at the end. */
  readonly origin: string;
  /** A script asks for the fragment alone. */
  readonly isFragment: boolean;
  /** All that was asked for. */
  readonly whole: string;
  query(name: string): string | undefined;
  /** The same for all requests that differ only in parameters that are not among `names`. */
  key(names: Iterable<string>): string;
};

/** @param baseUrl the site's own address, if it was told; otherwise what the request calls it */
export const addressOf = (request: FastifyRequest, baseUrl: URL | null): PageAddress => {
  const { url } = request;
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const origin = baseUrl?.origin ?? originOf(request);
  const isFragment = request.headers['hx-request'] === 'true';
  // With a base all hosts show the same; without one, a page names the host that it was asked from.
  const start = `${isFragment ? 'fragment ' : ''}${baseUrl === null ? origin : ''}${path}`;
  let parameters: URLSearchParams | undefined;
  const query = (name: string): string | undefined => {
    if (mark === -1) return undefined;
    parameters ??= new URLSearchParams(url.slice(mark + 1));
    return parameters.get(name) ?? undefined;
  };
  return {
    path,
    origin,
    isFragment,
    whole: mark === -1 ? start : start + url.slice(mark),
    query,
    key(names) {
      if (mark === -1) return start;
      const given = [...names].toSorted().flatMap((name) => {
        const value = query(name);
        return value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`];
      });
      return given.length === 0 ? start : `${start}?${given.join('&')}`;
    },
  };
};

/** A host that could not be one is not repeated into a page. */
const originOf = (request: FastifyRequest): string =>
  /^(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?$/.test(request.host)
    ? `${request.protocol}://${request.host}`
    : 'http://localhost';
