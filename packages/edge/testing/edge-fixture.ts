import type { SystemUser } from '@berth/host';
import { freePorts, temporaryDirectory } from '@berth/testing';
import type { EdgeLimits } from '../limits.ts';
import { type EdgeOptions, openEdge } from '../open-edge.ts';
import type { Edge, EdgeHost, EdgeRoute, EdgeServer, EdgeService, EdgeState } from '../state.ts';

export const BINARIES = { haproxy: '/usr/sbin/haproxy', nginx: '/usr/sbin/nginx' };
export const never = new AbortController().signal;

/** A real edge in a directory of its own; stopped and removed at the end of the block. */
export type EdgeFixture = AsyncDisposable & {
  readonly edge: Edge;
  readonly directory: string;
  readonly http: number;
  readonly https: number;
  /** Ports for instances and services. */
  readonly ports: readonly number[];
  readonly events: readonly { event: string; fields: object }[];
  /** Another object for the same directory, as a daemon that was started again has. */
  reopen(): Promise<Edge>;
};

export const startEdge = async ({
  limits = {},
  user = null,
}: {
  limits?: Partial<EdgeLimits>;
  user?: SystemUser | null;
} = {}): Promise<EdgeFixture> => {
  const directory = await temporaryDirectory('berth-edge-');
  const [http = 0, https = 0, ...ports] = await freePorts(14);
  const events: { event: string; fields: object }[] = [];
  const options: EdgeOptions = {
    directory: directory.join('edge'),
    binaries: BINARIES,
    user,
    log: (event, fields) => events.push({ event, fields }),
    now: Date.now,
    limits: { stopMs: 1_000, ...limits },
  };
  const edge = await openEdge(options);
  const opened = [edge];
  try {
    await edge.start(never);
  } catch (error) {
    await edge.stop(AbortSignal.abort());
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  return {
    edge,
    directory: options.directory,
    http,
    https,
    ports,
    events,
    async reopen() {
      const another = await openEdge(options);
      opened.push(another);
      return another;
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each.close();
      await edge.stop(AbortSignal.abort());
      await directory[Symbol.asyncDispose]();
    },
  };
};

type ServiceParts = Partial<Omit<EdgeService, 'servers'>> & {
  listen: number;
  servers: readonly (Omit<EdgeServer, 'state'> & { state?: EdgeServer['state'] })[];
};

export const service = ({ servers, ...parts }: ServiceParts): EdgeService => ({
  app: 'pad',
  service: 'web',
  check: { kind: 'http', path: '/healthz', everyMs: 500, timeoutMs: 500, fails: 2 },
  hold: { armed: false, limitMs: 10_000, maxRequests: 1_000 },
  ...parts,
  servers: servers.map((server) => ({ state: 'ready' as const, ...server })),
});

export const route = (path: string, to: EdgeRoute['to'] | string, parts: Partial<EdgeRoute> = {}): EdgeRoute => ({
  path,
  to: typeof to === 'string' ? { kind: 'service', service: to } : to,
  limit: null,
  maxBodyBytes: null,
  timeoutMs: null,
  headers: {},
  ...parts,
});

export const host = (name: string, routes: readonly EdgeRoute[], parts: Partial<EdgeHost> = {}): EdgeHost => ({
  host: name,
  app: 'pad',
  redirectTo: null,
  headers: {},
  routes,
  ...parts,
});

export const state = (
  fixture: { http: number },
  parts: Partial<Omit<EdgeState, 'listeners'>> & { listeners?: Partial<EdgeState['listeners']> },
): EdgeState => ({
  services: [],
  hosts: [],
  ...parts,
  listeners: {
    addresses: ['127.0.0.1'],
    httpPort: fixture.http,
    httpsPort: null,
    trustedProxies: [],
    redactQuery: [],
    ...parts.listeners,
  },
});
