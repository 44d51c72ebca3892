import type { EdgeHost, EdgeRoute, EdgeService } from '../state.ts';

/** Backend of requests. The app's and the service's name cannot hold a dot, so no two services share a backend. */
export const requestsBackend = ({ app, service }: { app: string; service: string }): string => `${app}.${service}`;

/** Backend of WebSockets: the same instances, counted apart, so that a stop need not wait for open sockets. */
export const webSocketsBackend = (service: { app: string; service: string }): string => `${requestsBackend(service)}:ws`;

/** The service of a backend's name; null for the edge's own backends. */
export const serviceOfBackend = (backend: string): { app: string; service: string; webSockets: boolean } | null => {
  const [app = '', service, ...rest] = backend.replace(/:ws$/, '').split('.');
  return service === undefined || rest.length > 0 ? null : { app, service, webSockets: backend.endsWith(':ws') };
};

export const FILES_BACKEND = 'files';
export const REDIRECT_BACKEND = 'redirect';
export const NOT_FOUND_BACKEND = 'not-found';

export const backendsOf = (
  services: readonly EdgeService[],
): readonly { backend: string; service: EdgeService; webSockets: boolean }[] =>
  services.flatMap((service) => [
    { backend: requestsBackend(service), service, webSockets: false },
    { backend: webSocketsBackend(service), service, webSockets: true },
  ]);

/** Names of response headers that a host's or route's manifest sets or removes, each once, sorted. */
export const headerNames = (hosts: readonly EdgeHost[]): readonly string[] =>
  [...new Set(hosts.flatMap((host) => [host.headers, ...host.routes.map((route) => route.headers)]).flatMap(Object.keys))].sort();

/** A route's headers win over its host's. */
export const headersOf = (host: EdgeHost, route: EdgeRoute): EdgeRoute['headers'] => ({ ...host.headers, ...route.headers });
