import { type FilesRoot, type Health, type HostRoutes, type Manifest, resolveHost, type Service } from '@berth/core';
import type { EdgeCheck, EdgeHost, EdgeRoute, EdgeServer, EdgeService, EdgeState } from '@berth/edge';
import type { PlatformSettings } from '@berth/protocol';

/** How long the edge lets requests wait for an instance, and how many. */
export const HOLD_LIMIT_MS = 60_000;
export const HOLD_MAX_REQUESTS = 2_000;

/** An app as the edge needs to know it. */
export type EdgeApp = {
  readonly app: string;
  /** Of the release that serves; null before the first. */
  readonly manifest: Manifest | null;
  readonly release: number | null;
  readonly stopped: boolean;
  readonly services: readonly EdgeAppService[];
};

export type EdgeAppService = {
  readonly service: Service;
  readonly listen: number;
  readonly held: boolean;
  readonly servers: readonly EdgeServer[];
};

/** Where the files of a route are, as absolute directories: those of the release, and of others that old pages may still ask for. */
export type FilesDirectory = (
  app: string,
  release: number,
  route: { host: string; path: string; root: FilesRoot },
) => { directory: string; earlier: readonly string[] };

/** Everything that the edge should be doing. */
export function planEdge(settings: PlatformSettings, apps: readonly EdgeApp[], filesDirectory: FilesDirectory): EdgeState {
  return {
    listeners: {
      addresses: settings.addresses,
      httpPort: settings.httpPort,
      httpsPort: settings.httpsPort,
      trustedProxies: settings.trustedProxies,
      redactQuery: settings.redactQuery,
    },
    services: apps.flatMap((app) => app.services.map((it) => planService(app.app, it))),
    hosts: apps.flatMap((app) => planHosts(settings.domain, app, filesDirectory)),
  };
}

const planService = (app: string, { service, listen, held, servers }: EdgeAppService): EdgeService => ({
  app,
  service: service.name,
  listen,
  check: planCheck(service.health),
  hold: { armed: held, limitMs: HOLD_LIMIT_MS, maxRequests: HOLD_MAX_REQUESTS },
  servers,
});

const planCheck = ({ check, everyMs, timeoutMs, fails }: Health): EdgeCheck => ({
  kind: check.kind === 'http' ? 'http' : check.kind === 'tcp' ? 'tcp' : 'none',
  path: check.kind === 'http' ? check.path : '',
  everyMs,
  timeoutMs,
  fails,
});

function planHosts(domain: string, { app, manifest, release }: EdgeApp, filesDirectory: FilesDirectory): EdgeHost[] {
  if (!manifest || release === null) return [];
  return hostsOf(manifest, domain).map(({ host, routes }) => ({
    host,
    app,
    redirectTo: routes.redirect && resolveHost(routes.redirect, domain),
    headers: routes.headers,
    routes: routes.paths.map((route): EdgeRoute => {
      const { to } = route;
      if (to.kind !== 'files') return { ...route, to };
      const { directory, earlier } = filesDirectory(app, release, { host: routes.host, path: route.path, root: to.root });
      return { ...route, to: { kind: 'files', directory, cache: to.cache, ...(to.cache.kind === 'immutable' && { earlier }) } };
    }),
  }));
}

/**
 * The host names of an app, resolved, the one to show first. On a local domain an app whose hosts all lie elsewhere also
 * answers at `<app>.<domain>`, so that there is a name that a laptop can resolve.
 */
export function hostsOf(manifest: Manifest, domain: string): { host: string; routes: HostRoutes }[] {
  const named = manifest.routes.map((routes) => ({ host: resolveHost(routes.host, domain), routes }));
  const first = manifest.routes.find((routes) => routes.redirect === null);
  const isWithin = (host: string) => host === domain || host.endsWith(`.${domain}`);
  if (!first || !isLocal(domain) || named.some(({ host, routes }) => isWithin(host) && routes.redirect === null)) return named;
  return [{ host: `${manifest.app}.${domain}`, routes: first }, ...named];
}

/** Names that always mean this machine (RFC 6761 section 6.3). */
export const isLocal = (domain: string) => domain === 'localhost' || domain.endsWith('.localhost');

/** The URLs of an app, redirects left out. */
export function urlsOf(manifest: Manifest, settings: PlatformSettings): string[] {
  const [scheme, port, usual] =
    settings.httpsPort === null ? ['http', settings.httpPort, 80] : ['https', settings.httpsPort, 443];
  return hostsOf(manifest, settings.domain)
    .filter(({ routes }) => routes.redirect === null && routes.paths.length > 0)
    .map(({ host }) => `${scheme}://${host}${port === usual ? '' : `:${port}`}/`);
}
