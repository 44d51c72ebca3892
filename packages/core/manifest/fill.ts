import { DEFAULT_BACKUP_POLICY } from './backup-policy.ts';
import { STORE_REFERENCE } from './check-routes.ts';
import { secretList } from './check-services.ts';
import type {
  BackupPolicy,
  FilesRoot,
  Health,
  HostRoutes,
  Manifest,
  ResponseHeaders,
  Route,
  RouteTarget,
  Service,
  Store,
} from './model.ts';
import type { Draft } from './schema.ts';
import type { HostDraft, PathDraft } from './schema-route.ts';
import type { HealthDraft, ServiceDraft } from './schema-service.ts';
import { startOrder } from './start-order.ts';
import { referencedServices } from './template.ts';

/** How a number or boolean was written, by path; null for a text. */
export type Written = (path: readonly string[]) => string | null;

/** The model of a draft without mistakes: one form for everything, and no value that is decided later. */
export const fillManifest = (draft: Draft, written: Written): Manifest => {
  const routes =
    draft.routes === undefined
      ? defaultRoutes(draft)
      : Object.entries(draft.routes).map(([host, part]) => fillHost(host, part, written));
  const reached = reachedServices(draft, routes);
  const order = startOrder(new Map(Object.entries(draft.services).map(([name, service]) => [name, service.needs])));
  return {
    app: draft.app,
    ...(draft.source !== undefined && { source: { root: draft.source.root, include: draft.source.include ?? null } }),
    build: draft.build ?? null,
    release: draft.release ?? null,
    services: order.flatMap((name) => {
      const service = draft.services[name];
      return service === undefined ? [] : [fillService(name, service, { draft, reached, written })];
    }),
    routes,
    stores: Object.entries(draft.stores).map(
      ([name, { sqlite, files }]): Store =>
        sqlite === undefined ? { name, kind: 'files', path: files ?? name } : { name, kind: 'sqlite', path: sqlite },
    ),
    backup: fillBackup(draft.backup),
  };
};

const fillBackup = (backup: Draft['backup']): BackupPolicy =>
  backup === undefined
    ? DEFAULT_BACKUP_POLICY
    : { keepMs: backup.keep, filesEveryMs: backup.files, drillEveryMs: backup.drill, check: backup.check ?? null };

/** The service that answers for an app that says nothing about routes; null for an app of several without a `web`. */
export const defaultService = (services: readonly string[]): string | null =>
  services.includes('web') ? 'web' : services.length === 1 ? (services[0] ?? null) : null;

const defaultRoutes = (draft: Draft): HostRoutes[] => {
  const service = defaultService(Object.keys(draft.services));
  if (service === null) return [];
  const route: Route = {
    path: '/',
    to: { kind: 'service', service },
    limit: null,
    maxBodyBytes: null,
    timeoutMs: null,
    headers: {},
  };
  return [{ host: draft.app, redirect: null, headers: {}, paths: [route] }];
};

const reachedServices = (draft: Draft, routes: readonly HostRoutes[]): Set<string> => {
  const routed = routes.flatMap(({ paths }) => paths.flatMap(({ to }) => (to.kind === 'service' ? [to.service] : [])));
  const called = Object.values(draft.services).flatMap(({ env }) =>
    Object.values(env).flatMap((value) => referencedServices(String(value))),
  );
  return new Set([...routed, ...called]);
};

type Around = { draft: Draft; reached: ReadonlySet<string>; written: Written };

const fillService = (name: string, service: ServiceDraft, { draft, reached, written }: Around): Service => {
  const { health, stop, limits } = service;
  const networked = reached.has(name) || service.listen !== undefined || health.path !== undefined || health.tcp === true;
  return {
    name,
    run: service.run,
    instances: service.instances,
    switch: service.switch,
    networked,
    listen: service.listen ?? null,
    health: {
      check: fillCheck(health, networked),
      everyMs: health.every,
      timeoutMs: health.timeout,
      fails: health.fails,
      startMs: health.start,
    },
    stop: { signal: stop.signal, withinMs: stop.within },
    limits: { memoryBytes: limits.memory ?? null, cpu: limits.cpu ?? null, files: limits.files },
    env: Object.fromEntries(
      Object.entries(service.env).map(([key, value]) => [key, written(['services', name, 'env', key]) ?? String(value)]),
    ),
    secrets: secretList(service).map(({ name: secret, as, generate }) => ({ name: secret, as, generate })),
    needs: service.needs.filter((need) => Object.hasOwn(draft.services, need)),
  };
};

const fillCheck = (health: HealthDraft, networked: boolean): Health['check'] => {
  if (health.path !== undefined) return { kind: 'http', path: health.path };
  if (health.command !== undefined) return { kind: 'command', run: health.command };
  return health.tcp === true || networked ? { kind: 'tcp' } : { kind: 'alive' };
};

const fillHost = (host: string, part: HostDraft, written: Written): HostRoutes => ({
  host: host.toLowerCase(),
  redirect: part.redirect?.toLowerCase() ?? null,
  headers: fillHeaders(part.headers, ['routes', host], written),
  paths: Object.entries(part.paths).map(([path, target]) => ({
    path,
    to: fillTarget(target),
    limit: target.limit === undefined ? null : { ...target.limit.rate, burst: target.limit.burst ?? target.limit.rate.requests },
    maxBodyBytes: target.body ?? null,
    timeoutMs: target.timeout ?? null,
    headers: fillHeaders(target.headers, ['routes', host, path], written),
  })),
});

const fillHeaders = (headers: PathDraft['headers'], at: readonly string[], written: Written): ResponseHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      value === null ? null : (written([...at, 'headers', name]) ?? String(value)),
    ]),
  );

const fillTarget = (target: PathDraft): RouteTarget => {
  if (target.files !== undefined) return { kind: 'files', root: fillRoot(target.files), cache: target.cache ?? { kind: 'none' } };
  if (target.redirect !== undefined) return { kind: 'redirect', location: target.redirect, status: target.status ?? 308 };
  return { kind: 'service', service: target.to ?? '' };
};

const fillRoot = (files: string): FilesRoot => {
  const match = STORE_REFERENCE.exec(files);
  const directory = (match === null ? files : (match[2] ?? ''))
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
  return match === null
    ? { from: 'release', directory: directory || '.' }
    : { from: 'store', store: match[1] ?? '', directory: directory || '.' };
};
