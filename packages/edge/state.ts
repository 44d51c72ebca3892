import type { FilesCache, RateLimit, ResponseHeaders } from '@berth/core';

/**
 * Everything the edge should be doing, as one value. `Edge.apply` compares it with what runs and takes the cheapest way
 * there: the admin socket where it can, a reload where the structure changed.
 */
export type EdgeState = {
  readonly listeners: Listeners;
  readonly services: readonly EdgeService[];
  readonly hosts: readonly EdgeHost[];
};

export type Listeners = {
  /** Addresses to bind, e.g. 127.0.0.1, ::1, 0.0.0.0. */
  readonly addresses: readonly string[];
  readonly httpPort: number;
  /** null with `tls: off`: everything is answered in clear text on `httpPort`, for a tunnel or proxy in front. */
  readonly httpsPort: number | null;
  /** Networks (CIDR) whose X-Forwarded-For / Forwarded are believed. */
  readonly trustedProxies: readonly string[];
  /** Names of query parameters whose values the access log replaces by "redacted"; "*" means all. */
  readonly redactQuery: readonly string[];
};

/** One service of one app: a pair of backends (requests, WebSockets) and a stable address on loopback. */
export type EdgeService = {
  readonly app: string;
  readonly service: string;
  /** Stable loopback port of the service. */
  readonly listen: number;
  readonly check: EdgeCheck;
  readonly hold: HoldState;
  readonly servers: readonly EdgeServer[];
};

export type EdgeCheck = {
  readonly kind: 'http' | 'tcp' | 'none';
  /** Only for http. */
  readonly path: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly fails: number;
};

/** An armed service makes requests wait while it has no usable server; otherwise they get 503 at once. */
export type HoldState = { readonly armed: boolean; readonly limitMs: number; readonly maxRequests: number };

/** `ready` takes requests, `maint` takes none and finishes those that it has. */
export type EdgeServer = { readonly id: string; readonly port: number; readonly state: 'ready' | 'maint' };

export type EdgeHost = {
  readonly host: string;
  readonly app: string;
  /** Set: the whole host redirects there (308, path and query kept). */
  readonly redirectTo: string | null;
  readonly headers: ResponseHeaders;
  readonly routes: readonly EdgeRoute[];
};

export type EdgeRoute = {
  readonly path: string;
  readonly to:
    | { readonly kind: 'service'; readonly service: string }
    | {
        readonly kind: 'files';
        readonly directory: string;
        readonly cache: FilesCache;
        /**
         * Directories of earlier releases, newest first: asked in turn for what `directory` does not have, since pages
         * that were sent before a deploy still ask for the old hashed names. At most 4 are used.
         */
        readonly earlier?: readonly string[];
      }
    | { readonly kind: 'redirect'; readonly location: string; readonly status: 301 | 302 | 307 | 308 };
  readonly limit: RateLimit | null;
  readonly maxBodyBytes: number | null;
  readonly timeoutMs: number | null;
  readonly headers: ResponseHeaders;
};

/** Requests of one service since the edge was first started, summed over reloads and over all its servers. */
export type ServiceCounters = {
  readonly app: string;
  readonly service: string;
  readonly served: number;
  /** Answered 5xx, by the instance or by the edge for want of one. */
  readonly failed: number;
  readonly held: number;
  readonly byStatus: Readonly<Record<'1xx' | '2xx' | '3xx' | '4xx' | '5xx', number>>;
};

/** One request that an instance answered, from the access log. */
export type LatencySample = {
  readonly app: string;
  readonly service: string;
  readonly server: string;
  readonly atMs: number;
  readonly status: number;
  readonly durationMs: number;
  /** How much of it was spent waiting for an instance. */
  readonly heldMs: number;
};

export interface Edge {
  /** Starts or adopts HAProxy and nginx; resolves when both answer. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Makes the edge do `state`. Atomic with respect to other calls; on an invalid configuration the old one stays. With
   * `mayReload: false` only what needs no reload is done: the worker that a reload retires can no longer be told of a
   * server, so requests that it holds would wait in vain.
   */
  apply(state: EdgeState, signal: AbortSignal, options?: { mayReload: boolean }): Promise<ApplyResult>;
  /** Resolves once no worker of an earlier configuration could send a request any more; false when `withinMs` passed first. */
  settled(options: { withinMs: number; signal: AbortSignal }): Promise<boolean>;
  /**
   * Resolves once the server (already `maint`) serves no request and no older worker of the edge could still send it
   * one. WebSockets are not waited for. False when `withinMs` passed first.
   */
  drained(
    server: { app: string; service: string; id: string },
    options: { withinMs: number; signal: AbortSignal },
  ): Promise<boolean>;
  /** Open WebSockets on a server. */
  webSockets(server: { app: string; service: string; id: string }): Promise<number>;
  counters(): Promise<readonly ServiceCounters[]>;
  /** Samples from the access log since the last call; bounded, `dropped` counts what was passed over. */
  samples(): { samples: readonly LatencySample[]; dropped: number };
  /** Is it alive right now; used by reconcile, which calls `start` and `apply` again when not. */
  alive(): Promise<boolean>;
  processes(): Promise<readonly { name: 'haproxy' | 'nginx'; pid: number }[]>;
  /** Ends HAProxy (finishing requests) and nginx. */
  stop(signal: AbortSignal): Promise<void>;
  /** Forgets the processes without ending them: what a daemon does before it exits. */
  close(): Promise<void>;
  readonly certificates: EdgeCertificates;
  /**
   * Answers http://HOST/.well-known/acme-challenge/TOKEN until `withdraw`, or until the daemon ends. In effect when it
   * resolves, without a reload; the host need not be that of an app.
   */
  readonly challenges: {
    answer(challenge: { host: string; token: string; answer: string }): Promise<void>;
    withdraw(challenge: { host: string; token: string }): Promise<void>;
  };
}

/** Certificates of the hosts: of one's own, else of a public authority, else of the local one. */
export interface EdgeCertificates {
  /** Root of the local authority, for `curl --cacert`; there after `start`. Readable by everybody. */
  readonly rootPath: string;
  list(): Promise<readonly EdgeCertificate[]>;
  /** `host` may be a wildcard (*.example.com). Checked before it is used; takes effect before it resolves. */
  set(host: string, certificate: { chain: string; key: string }): Promise<EdgeCertificate>;
  /** One of an authority, for each of `names`; wildcards too. Checked, and in effect, as above; one of one's own goes before it. */
  setIssued(names: readonly string[], certificate: { chain: string; key: string }): Promise<EdgeCertificate>;
  /** The chain that `setIssued` was given for this name. */
  issuedChain(name: string): Promise<string | null>;
  /** What `setIssued` was given for this name goes, for good; a no-op where there is none. */
  removeIssued(name: string): Promise<void>;
  /** The one of one's own goes; that of an authority, public or local, takes its place. */
  remove(host: string): Promise<void>;
}

export type EdgeCertificate = {
  readonly host: string;
  readonly source: 'own' | 'acme' | 'local';
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly fingerprint: string;
};

/** `postponed`: something is still to be done, by a reload. */
export type ApplyResult = { readonly reloaded: boolean; readonly postponed: boolean };
