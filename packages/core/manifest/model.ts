/**
 * A manifest after parsing: every default filled in, every duration in milliseconds, every size in bytes.
 * Inside Berth nothing is checked twice: whoever holds a `Manifest` holds a valid one.
 */
export type Manifest = {
  readonly app: string;
  /** Absent where the app's directory is the whole source. */
  readonly source?: SourcePart;
  /**
   * The app's own directory in the source that was sent, normalised and without `..`; absent where it is the top.
   * No manifest says it: whoever takes the source sets it, once it is known to be there.
   */
  readonly directory?: string;
  /** Shell command run once in a clean copy of the source; null when there is nothing to build. */
  readonly build: string | null;
  readonly release: ReleaseCommand | null;
  /** In start order: a service comes after the services that it needs. */
  readonly services: readonly Service[];
  readonly routes: readonly HostRoutes[];
  readonly stores: readonly Store[];
  readonly backup: BackupPolicy;
};

/** How the app's stores are protected. */
export type BackupPolicy = {
  /** How long one state a day is kept; finer ones for at most a day and a week of it. */
  readonly keepMs: number;
  /** How old the newest copy of a `files` store may become. */
  readonly filesEveryMs: number;
  /** How often a restore is rehearsed; null for only when asked. */
  readonly drillEveryMs: number | null;
  /** Shell command that judges restored data: run in the release's directory, the stores' variables lead to the copies. */
  readonly check: string | null;
};

/** What of the repository around an app belongs to its source. */
export type SourcePart = {
  /** The way from the app's directory up to the top of the source: "." or "..", "../.." and so on. */
  readonly root: string;
  /** Files and directories that come along beside the app's own, relative to the top; null for all there is. */
  readonly include: readonly string[] | null;
};

/** `before`: while the old release still serves. `held`: between the old instance's exit and the new one's start. */
export type ReleaseCommand = { readonly run: string; readonly when: 'before' | 'held' };

export type Service = {
  readonly name: string;
  /** Shell command. `$PORT` holds the instance's own port. */
  readonly run: string;
  readonly instances: number;
  readonly switch: SwitchKind;
  /** True when requests can reach it: a route, a `listen`, a health check over the network, or another service's `${services.…}` asks for an address. */
  readonly networked: boolean;
  /** The stable loopback port asked for; null lets Berth pick one and keep it. */
  readonly listen: number | null;
  readonly health: Health;
  readonly stop: { readonly signal: StopSignal; readonly withinMs: number };
  readonly limits: Limits;
  /** Values may hold `${…}` references, resolved when an instance starts. */
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly SecretUse[];
  /** Names of services that must be healthy first. */
  readonly needs: readonly string[];
};

export type SwitchKind = 'rolling' | 'handover';
export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2';

export type Health = {
  readonly check:
    | { readonly kind: 'http'; readonly path: string }
    | { readonly kind: 'tcp' }
    | { readonly kind: 'command'; readonly run: string }
    /** Nothing to ask: healthy when it has stayed alive for a moment. */
    | { readonly kind: 'alive' };
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Failed checks in a row before an instance counts as unhealthy. */
  readonly fails: number;
  /** How long a new instance may take to become healthy. */
  readonly startMs: number;
};

export type Limits = {
  readonly memoryBytes: number | null;
  /** Cores; 0.5 is half of one. */
  readonly cpu: number | null;
  /** Open file descriptors. */
  readonly files: number;
};

/** `env`: the value in a variable of that name. `file`: a private file, its path in `<NAME>_FILE`. */
export type SecretUse = { readonly name: string; readonly as: 'env' | 'file' | 'both'; readonly generate: boolean };

export type Store = {
  readonly name: string;
  readonly kind: 'sqlite' | 'files';
  /** File (sqlite) or directory (files), relative to the directory that the store is given. */
  readonly path: string;
};

/** All that one host name answers. `host` is as written: "@", "pad" and "pad.example.com" are told apart by `resolveHost`. */
export type HostRoutes = {
  readonly host: string;
  /** Set when the whole host only redirects. */
  readonly redirect: string | null;
  readonly headers: ResponseHeaders;
  readonly paths: readonly Route[];
};

/**
 * `path` ending in "/" matches everything below it; otherwise it matches itself and everything below it at a segment
 * boundary ("/api" matches /api and /api/x, not /apix). The longest match wins.
 */
export type Route = {
  readonly path: string;
  readonly to: RouteTarget;
  readonly limit: RateLimit | null;
  /** Largest request body in bytes; null is the platform's default. */
  readonly maxBodyBytes: number | null;
  /** Longest wait for the service's answer; null is the platform's default. */
  readonly timeoutMs: number | null;
  readonly headers: ResponseHeaders;
};

export type RouteTarget =
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'files'; readonly root: FilesRoot; readonly cache: FilesCache }
  | { readonly kind: 'redirect'; readonly location: string; readonly status: 301 | 302 | 307 | 308 };

export type FilesRoot =
  | { readonly from: 'release'; readonly directory: string }
  | { readonly from: 'store'; readonly store: string; readonly directory: string };

/** `immutable`: names carry a hash, kept for a year, and files of the last releases still answer. */
export type FilesCache =
  | { readonly kind: 'immutable' }
  | { readonly kind: 'none' }
  | { readonly kind: 'age'; readonly seconds: number };

/** Response headers to set; null removes one of Berth's defaults. Names are lower case. */
export type ResponseHeaders = Readonly<Record<string, string | null>>;

/** At most `burst` requests at once and `requests` per `perMs` over time, per client address. */
export type RateLimit = { readonly requests: number; readonly perMs: number; readonly burst: number };
