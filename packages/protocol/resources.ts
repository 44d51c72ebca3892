/** What the API speaks of. Times are ISO 8601 in UTC, durations milliseconds, sizes bytes, unless a name says otherwise. */
import * as z from 'zod';
import { ErrorBody } from './error-body.ts';
import { Finding } from './findings.ts';
import { StoreStatus } from './protection.ts';

export const operationKinds = [
  'deploy',
  'rollback',
  'configure',
  'restart',
  'scale',
  'stop',
  'start',
  'remove',
  'backup',
  'restore',
  'drill',
] as const;
export type OperationKind = (typeof operationKinds)[number];

export const Step = z.object({
  name: z.string(),
  state: z.enum(['pending', 'running', 'done', 'failed', 'undone']),
  ms: z.number().int().nullable(),
  /** One line on what it did, e.g. "unchanged: build 3fa2c1 reused". */
  note: z.string().nullable(),
});
export type Step = z.infer<typeof Step>;

export const Operation = z.object({
  id: z.number().int(),
  app: z.string(),
  kind: z.enum(operationKinds),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  /** Who asked: a user name, or "berth" for what Berth did by itself. */
  by: z.string(),
  /** The release it is about; null until that is known. */
  release: z.number().int().nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  steps: z.array(Step),
  error: ErrorBody.nullable(),
});
export type Operation = z.infer<typeof Operation>;

export const RequestCounts = z.object({ served: z.number().int(), held: z.number().int(), failed: z.number().int() });
export type RequestCounts = z.infer<typeof RequestCounts>;

/** What a source was in git. `dirty`: files that were sent differ from those of the commit. */
export const Commit = z.object({ hash: z.string(), dirty: z.boolean() });

/** What an operation did, with its evidence. */
export const Receipt = z.object({
  operation: z.number().int(),
  app: z.string(),
  kind: z.enum(operationKinds),
  release: z.number().int().nullable(),
  previousRelease: z.number().int().nullable(),
  /** What `release` was made from; null where that is not known. */
  commit: Commit.nullable(),
  ok: z.boolean(),
  /** False when the app already was as asked and nothing was touched. */
  changed: z.boolean(),
  ms: z.number().int(),
  steps: z.array(Step),
  /** Requests of the app from the operation's first step to its last. */
  requests: RequestCounts,
  by: z.string(),
  at: z.iso.datetime(),
  /** What differs from the release before, one line each. */
  changes: z.array(z.string()),
  warnings: z.array(z.string()),
  /** The state of the app's data before the operation changed anything; null where none was taken. */
  restorePoint: z.string().nullable(),
  error: ErrorBody.nullable(),
  /** What the doctor saw when it failed; absent where it was not asked. */
  findings: z.array(Finding).optional(),
});
export type Receipt = z.infer<typeof Receipt>;

export const bakeStates = ['baking', 'passed', 'returned', 'ended'] as const;

export const Release = z.object({
  app: z.string(),
  release: z.number().int(),
  createdAt: z.iso.datetime(),
  by: z.string(),
  /** First 12 hex digits of the content address of the build. */
  build: z.string(),
  /** What it was made from; null where that is not known. */
  commit: Commit.nullable(),
  state: z.enum(['serving', 'previous', 'kept', 'failed', 'pruned']),
  bake: z.enum(bakeStates).nullable(),
  changes: z.array(z.string()),
});
export type Release = z.infer<typeof Release>;

export const instanceStates = [
  'starting',
  'healthy',
  'unhealthy',
  'draining',
  'stopping',
  'waiting',
  'looping',
  'stopped',
] as const;

export const Instance = z.object({
  id: z.string(),
  release: z.number().int(),
  pid: z.number().int().nullable(),
  port: z.number().int().nullable(),
  state: z.enum(instanceStates),
  restarts: z.number().int(),
  memoryBytes: z.number().int().nullable(),
  startedAt: z.iso.datetime().nullable(),
  /** Why it is not healthy, in one line. */
  reason: z.string().nullable(),
});
export type Instance = z.infer<typeof Instance>;

export const ServiceStatus = z.object({
  service: z.string(),
  wanted: z.number().int(),
  /** Stable loopback address, e.g. http://127.0.0.1:21002; null for a service that takes no requests. */
  address: z.string().nullable(),
  instances: z.array(Instance),
});

export const AppStatus = z.object({
  app: z.string(),
  /** The release that serves; null before the first. */
  release: z.number().int().nullable(),
  state: z.enum(['running', 'degraded', 'down', 'stopped', 'deploying']),
  /** The first of `urls`; null for an app without routes. */
  url: z.string().nullable(),
  urls: z.array(z.string()),
  services: z.array(ServiceStatus),
  stores: z.array(StoreStatus),
  /** The operation under way, if any. */
  operation: z.number().int().nullable(),
});
export type AppStatus = z.infer<typeof AppStatus>;

export const PlatformStatus = z.object({
  daemon: z.object({ pid: z.number().int(), version: z.string(), startedAt: z.iso.datetime(), home: z.string() }),
  edge: z.object({
    state: z.enum(['up', 'down']),
    domain: z.string(),
    addresses: z.array(z.string()),
    httpPort: z.number().int(),
    httpsPort: z.number().int().nullable(),
    /** Root certificate of the local authority; null with `tls: off`. */
    ca: z.string().nullable(),
    processes: z.array(z.object({ name: z.string(), pid: z.number().int() })),
  }),
  apps: z.array(AppStatus),
});
export type PlatformStatus = z.infer<typeof PlatformStatus>;

/** One thing that happened. `seq` grows by one for ever; a client that lost its stream goes on from the last it saw. */
export const Event = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  /** Constant and greppable, e.g. operation.step.done, instance.died, edge.restarted. */
  name: z.string(),
  app: z.string().nullable(),
  operation: z.number().int().nullable(),
  fields: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof Event>;

export const LogLine = z.object({
  at: z.iso.datetime(),
  app: z.string(),
  service: z.string(),
  instance: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']).nullable(),
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

const Port = z.number().int().min(1).max(65_535);

/** Who gives certificates for public host names, and how Berth speaks with them. Setting it agrees to their terms. */
export const AcmeSettings = z.object({
  /** `letsencrypt`, `letsencrypt-staging`, or the https:// URL of an ACME directory. */
  directory: z.string().min(1),
  /** Where the authority writes when something is wrong; null where it wants no address. */
  email: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'must be an e-mail address')
    .nullable(),
  termsAgreed: z.literal(true),
  /** A PEM file on the machine: what the authority's own TLS is checked against, where Node's roots do not know it. */
  caFile: z.string().min(1).nullable(),
  /** The words of a command that writes DNS records; wildcards need it. */
  dnsHook: z.array(z.string().min(1)).min(1).nullable(),
  /** Domains that get one certificate for themselves and all names right below. */
  wildcards: z.array(z.string().min(1)),
  /** The DNS server to ask, e.g. 9.9.9.9; null: the machine's. */
  resolver: z.string().min(1).nullable(),
  /** The port that the authority asks on: 80, but for authorities of one's own. */
  challengePort: Port,
});
export type AcmeSettings = z.infer<typeof AcmeSettings>;

/** What `berth up` decides; kept by the platform until changed. */
export const PlatformSettings = z.object({
  domain: z.string().min(1),
  addresses: z.array(z.string().min(1)).min(1),
  httpPort: Port,
  httpsPort: Port.nullable(),
  trustedProxies: z.array(z.string()),
  redactQuery: z.array(z.string()),
  /** null: only the local authority's certificates and those that are set by hand. */
  acme: AcmeSettings.nullable(),
});
export type PlatformSettings = z.infer<typeof PlatformSettings>;

export const Variable = z.object({ name: z.string(), value: z.string() });
/** `value` only when it was asked for. */
export const SecretEntry = z.object({
  name: z.string(),
  setAt: z.iso.datetime(),
  generated: z.boolean(),
  /** The other value of a secret that is rotated, believed beside it. */
  isOther: z.boolean(),
  value: z.string().nullable(),
});
export type SecretEntry = z.infer<typeof SecretEntry>;

export const Certificate = z.object({
  host: z.string(),
  kind: z.enum(['local', 'acme', 'own']),
  names: z.array(z.string()),
  issuer: z.string(),
  notAfter: z.iso.datetime(),
  /** How it goes on; null for a name that Berth asks no public authority for. */
  renewal: z
    .object({
      isRunning: z.boolean(),
      /** When it is fetched or renewed; later than `failure` says nothing but patience. */
      at: z.iso.datetime(),
      failure: z.object({ at: z.iso.datetime(), ...ErrorBody.shape }).nullable(),
    })
    .nullable(),
});
export type Certificate = z.infer<typeof Certificate>;

/** What stands between a name and a certificate for it, as far as it can be seen from the machine. */
export const CertificateCheck = z.object({
  host: z.string(),
  addresses: z.array(z.string()),
  ok: z.boolean(),
  findings: z.array(z.object({ level: z.enum(['error', 'warning']), ...ErrorBody.shape })),
});
export type CertificateCheck = z.infer<typeof CertificateCheck>;

/** A frame of the stream that answers a one-off command; the last one is `exit` or `error`. */
export const RunFrame = z.discriminatedUnion('kind', [
  // In base64: a command may print bytes that are no text, and a chunk may end within a letter.
  z.object({ kind: z.literal('stdout'), data: z.string() }),
  z.object({ kind: z.literal('stderr'), data: z.string() }),
  z.object({ kind: z.literal('exit'), code: z.number().int() }),
  z.object({ kind: z.literal('error'), error: ErrorBody }),
]);
export type RunFrame = z.infer<typeof RunFrame>;
