/** What each route does: one line over the platform. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Platform } from '@berth/operations';
import {
  type Contract,
  type RouteBody,
  type RouteHeaders,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
  renderOpenApi,
} from '@berth/protocol';
import { hasBody, limitedBody, SOURCE_LIMIT_BYTES } from './body.ts';

export type ApiRequest<N extends RouteName> = {
  readonly params: RouteParams<N>;
  readonly query: RouteQuery<N>;
  readonly headers: RouteHeaders<N>;
  readonly body: RouteBody<N>;
  /** For routes that take bytes. */
  readonly bytes: IncomingMessage;
  readonly by: string;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** Runs once the answer has left. */
  readonly afterwards: (act: () => void) => void;
};

type Answer<N extends RouteName> = Contract[N]['returns'] extends 'ndjson'
  ? AsyncIterable<RouteResponse<N>>
  : Contract[N]['returns'] extends 'text'
    ? Promise<string>
    : Contract[N]['returns'] extends 'empty'
      ? Promise<void>
      : RouteResponse<N> | Promise<RouteResponse<N>>;

export type Handlers = { readonly [N in RouteName]: (request: ApiRequest<N>) => Answer<N> };

export const createHandlers = (platform: Platform, version: string): Handlers => ({
  status: () => platform.status(),
  settings: () => platform.settings(),
  changeSettings: ({ body }) => platform.changeSettings(present(body)),

  app: ({ params }) => platform.app(params.app),
  releases: ({ params }) => ({ releases: [...platform.releases(params.app)] }),
  receipts: ({ params }) => ({ receipts: [...platform.receipts(params.app)] }),
  receipt: ({ params: { app, operation } }) =>
    operation === 'latest' ? platform.receipt(app) : platform.receipt(app, operation),

  deploy: ({ bytes, by, query: { commit, dirty, ...query } }) =>
    platform.deploy(limitedBody(bytes, SOURCE_LIMIT_BYTES), {
      by,
      ...present(query),
      ...(commit !== undefined && { commit: { hash: commit, dirty } }),
    }),
  rollback: ({ params, by, body }) => platform.rollback(params.app, { by, ...present(body) }),
  restart: ({ params, by, body }) => platform.restart(params.app, { by, ...present(body) }),
  scale: ({ params, by, body }) => platform.scale(params.app, { by, services: body.services }),
  stop: ({ params, by }) => platform.stop(params.app, { by }),
  start: ({ params, by }) => platform.start(params.app, { by }),
  remove: ({ params, by, query }) => platform.remove(params.app, { by, purge: query.purge }),

  operation: ({ params }) => platform.operation(params.id),
  operations: ({ query }) => ({ operations: [...platform.operations(present(query))] }),
  cancel: ({ params }) => platform.cancel(params.id),

  events: ({ query, signal }) => platform.events(present(query), signal),
  logs: ({ params, query, signal }) => platform.logs(params.app, present(query), signal),

  environment: ({ params }) => ({ variables: variablesOf(platform.environment(params.app)) }),
  changeEnvironment: ({ params, by, body }) => platform.changeEnvironment(params.app, { by, changes: body.changes }),
  secrets: async ({ params, by }) => ({ secrets: [...(await platform.secrets(params.app, { by, reveal: false }))] }),
  revealSecrets: async ({ params, by }) => ({ secrets: [...(await platform.secrets(params.app, { by, reveal: true }))] }),
  changeSecrets: ({ params, by, body }) => platform.changeSecrets(params.app, { by, ...body }),

  run: ({ params, headers, bytes, by, signal }) =>
    platform.run(params.app, { by, argv: headers['x-berth-argv'], stdin: stdinOf(bytes) }, signal),

  targets: async () => ({ targets: [...(await platform.targets())], kit: platform.lastKit() }),
  addTarget: async ({ by, body }) => {
    const { target, checks } = await platform.addTarget({ by, ...present(body) });
    return { target, checks: [...checks] };
  },
  removeTarget: ({ params, by }) => platform.removeTarget(params.target, { by }),
  kit: async ({ by }) => {
    const { kit, targets } = await platform.kit({ by });
    return { kit, targets: [...targets] };
  },
  backup: ({ params, by, body }) => platform.backup(params.app, { by, ...present(body) }),
  timeLine: ({ params }) => platform.timeLine(params.app),
  restore: ({ params, by, body }) => platform.restore(params.app, { by, ...present(body) }),
  drill: ({ params, by, body }) => platform.drill(params.app, { by, ...present(body) }),
  drills: ({ params }) => ({ drills: [...platform.drills(params.app)] }),

  certificates: async () => ({ certificates: [...(await platform.certificates())] }),
  setCertificate: ({ params, by, body }) => platform.setCertificate(params.host, { by, ...body }),
  renewCertificate: ({ params, by }) => platform.renewCertificate(params.host, { by }),
  checkCertificate: ({ params }) => platform.checkCertificate(params.host),
  removeCertificate: ({ params, by }) => platform.removeCertificate(params.host, { by }),

  shutdown: ({ body, afterwards }) => {
    afterwards(() => platform.shutdown(body));
    return { stopping: true };
  },
  metrics: () => platform.metrics(),
  openapi: () => renderOpenApi(version),
});

const stdinOf = (bytes: IncomingMessage): Readable | null => (hasBody(bytes) ? bytes : null);

const variablesOf = (environment: Readonly<Record<string, string>>) =>
  Object.entries(environment)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Without the keys that were not given: "absent" and "undefined" are different things to the platform's types. */
const present = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
