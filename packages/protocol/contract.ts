/**
 * The whole HTTP API: one row per route. The daemon's router, the client, the OpenAPI document and its checks are all
 * derived from this table, so that a route exists everywhere or nowhere.
 */
import * as z from 'zod';
import {
  AppStatus,
  Certificate,
  ErrorBody,
  Event,
  LogLine,
  Operation,
  PlatformSettings,
  PlatformStatus,
  Receipt,
  Release,
  RunFrame,
  SecretEntry,
  Variable,
} from './resources.ts';

/** What comes back: one JSON document, one JSON document per line, plain text, or nothing. */
export type ResponseKind = 'json' | 'ndjson' | 'text' | 'empty';
/** What is sent: one JSON document, a stream of bytes, or nothing. */
export type RequestKind = 'json' | 'binary' | 'none';

export type RouteRow = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments that start with ":" are parameters. */
  readonly path: string;
  readonly summary: string;
  readonly status: 200 | 202 | 204;
  readonly sends: RequestKind;
  readonly returns: ResponseKind;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** For `sends: 'json'`. */
  readonly body?: z.ZodType;
  /** For `sends: 'binary'`. */
  readonly bodyType?: string;
  /** For `json` the document, for `ndjson` one line of it. */
  readonly response?: z.ZodType;
};

/** In a URL a switch is there or it is not: `?force`, `?force=true`, `?force=false`. */
const flag = z
  .enum(['', 'true', 'false', '1', '0'])
  .transform((value) => value !== 'false' && value !== '0')
  .default(false);
const count = z.coerce.number().int().min(1);
const operationId = z.coerce.number().int().min(1);
const releaseNumber = z.number().int().min(1);

const commitHash = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be 40 or 64 hexadecimal digits in lower case');

const appName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be an app name: lower-case letters, digits and "-"');
const hostName = z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a host name in lower case');
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of a variable: letters, digits and "_"');

const AppParams = z.object({ app: appName });
const OperationParams = z.object({ id: operationId });
const HostParams = z.object({ host: hostName });

/** JSON in a header: pure ASCII, so that any argument survives the transport. */
const ArgvHeader = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON list of strings' });
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string()).min(1));

export const contract = {
  status: {
    method: 'GET',
    path: '/v1/status',
    summary: 'The daemon, the edge and every app with its instances',
    status: 200,
    sends: 'none',
    returns: 'json',
    response: PlatformStatus,
  },
  settings: {
    method: 'GET',
    path: '/v1/settings',
    summary: 'Domain, addresses and ports of the platform',
    status: 200,
    sends: 'none',
    returns: 'json',
    response: PlatformSettings,
  },
  changeSettings: {
    method: 'PATCH',
    path: '/v1/settings',
    summary: 'Change some settings; they are in effect when the answer comes',
    status: 200,
    sends: 'json',
    returns: 'json',
    body: z.strictObject(PlatformSettings.partial().shape),
    response: PlatformSettings,
  },
  deploy: {
    method: 'POST',
    path: '/v1/deploys',
    summary: 'Deploy a source tree: a tar stream compressed with zstd, berth.yaml at its top or in `directory`',
    status: 202,
    sends: 'binary',
    bodyType: 'application/zstd',
    returns: 'json',
    query: z
      .object({
        force: flag,
        directory: z
          .string()
          .max(1024)
          .optional()
          .describe("The app's own directory in the tree, where that is a larger repository; relative, in its shortest form"),
        commit: commitHash.optional().describe('The git commit that the tree was made from, in full'),
        dirty: flag.describe('The tree differs from `commit`'),
      })
      .refine(({ commit, dirty }) => commit !== undefined || !dirty, { path: ['dirty'], error: 'says nothing without `commit`' }),
    response: Operation,
  },
  app: {
    method: 'GET',
    path: '/v1/apps/:app',
    summary: 'One app with its instances',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: AppStatus,
  },
  releases: {
    method: 'GET',
    path: '/v1/apps/:app/releases',
    summary: 'Releases of an app, newest first',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ releases: z.array(Release) }),
  },
  receipts: {
    method: 'GET',
    path: '/v1/apps/:app/receipts',
    summary: 'Receipts of an app, newest first',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ receipts: z.array(Receipt) }),
  },
  receipt: {
    method: 'GET',
    path: '/v1/apps/:app/receipts/:operation',
    summary: 'What one operation did, by its number or "latest"',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: z.object({ app: appName, operation: z.union([z.literal('latest'), operationId]) }),
    response: Receipt,
  },
  rollback: {
    method: 'POST',
    path: '/v1/apps/:app/rollback',
    summary: 'Serve an older release again; without `to` the one before',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({ to: releaseNumber.optional() }),
    response: Operation,
  },
  restart: {
    method: 'POST',
    path: '/v1/apps/:app/restart',
    summary: 'Replace the instances of an app, or of one service, without losing a request',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({ service: z.string().min(1).optional() }),
    response: Operation,
  },
  scale: {
    method: 'POST',
    path: '/v1/apps/:app/scale',
    summary: 'Change how many instances services have',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({ services: z.record(z.string().min(1), z.number().int().min(0).max(1_000)) }),
    response: Operation,
  },
  stop: {
    method: 'POST',
    path: '/v1/apps/:app/stop',
    summary: 'Stop all instances of an app; its data and releases stay',
    status: 202,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: Operation,
  },
  start: {
    method: 'POST',
    path: '/v1/apps/:app/start',
    summary: 'Start a stopped app again',
    status: 202,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: Operation,
  },
  remove: {
    method: 'DELETE',
    path: '/v1/apps/:app',
    summary: 'Remove an app; its stores are kept unless `purge` is given',
    status: 202,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    query: z.object({ purge: flag }),
    response: Operation,
  },
  operations: {
    method: 'GET',
    path: '/v1/operations',
    summary: 'Operations, newest first',
    status: 200,
    sends: 'none',
    returns: 'json',
    query: z.object({ app: appName.optional(), limit: count.max(1_000).optional() }),
    response: z.object({ operations: z.array(Operation) }),
  },
  operation: {
    method: 'GET',
    path: '/v1/operations/:id',
    summary: 'One operation with its steps',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: OperationParams,
    response: Operation,
  },
  cancel: {
    method: 'POST',
    path: '/v1/operations/:id/cancel',
    summary: 'Ask for an operation to be undone; one that can no longer be undone goes on',
    status: 202,
    sends: 'none',
    returns: 'json',
    params: OperationParams,
    response: Operation,
  },
  events: {
    method: 'GET',
    path: '/v1/events',
    summary: 'What happened, oldest first; with `follow` also what happens from now on',
    status: 200,
    sends: 'none',
    returns: 'ndjson',
    query: z.object({
      since: z.coerce.number().int().min(0).optional(),
      app: appName.optional(),
      operation: operationId.optional(),
      follow: flag,
    }),
    response: Event,
  },
  logs: {
    method: 'GET',
    path: '/v1/apps/:app/logs',
    summary: "Log lines of an app's instances",
    status: 200,
    sends: 'none',
    returns: 'ndjson',
    params: AppParams,
    query: z.object({
      follow: flag,
      since: z.iso.datetime({ offset: true }).optional(),
      grep: z.string().min(1).max(1_000).optional(),
      level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
      instance: z.string().min(1).optional(),
      service: z.string().min(1).optional(),
      tail: count.optional(),
    }),
    response: LogLine,
  },
  environment: {
    method: 'GET',
    path: '/v1/apps/:app/environment',
    summary: 'Variables set beside the manifest, sorted by name',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ variables: z.array(Variable) }),
  },
  changeEnvironment: {
    method: 'PATCH',
    path: '/v1/apps/:app/environment',
    summary: 'Set variables, or remove them with null; a running app gets a new release',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({ changes: z.record(variableName, z.string().nullable()) }),
    response: Operation,
  },
  secrets: {
    method: 'GET',
    path: '/v1/apps/:app/secrets',
    summary: 'Names of the secrets of an app, without their values',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ secrets: z.array(SecretEntry) }),
  },
  revealSecrets: {
    method: 'POST',
    path: '/v1/apps/:app/secrets/reveal',
    summary: 'Secrets of an app with their values; written to the audit log',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ secrets: z.array(SecretEntry) }),
  },
  changeSecrets: {
    method: 'PATCH',
    path: '/v1/apps/:app/secrets',
    summary: 'Set, remove (null) or generate secrets; a running app gets a new release',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({
      set: z.record(variableName, z.string().nullable()).default({}),
      generate: z.array(variableName).default([]),
    }),
    response: Operation,
  },
  run: {
    method: 'POST',
    path: '/v1/apps/:app/run',
    summary: 'Run one command in the environment of the release that serves; the body is its standard input',
    status: 200,
    sends: 'binary',
    bodyType: 'application/octet-stream',
    returns: 'ndjson',
    params: AppParams,
    headers: z.object({ 'x-berth-argv': ArgvHeader }),
    response: RunFrame,
  },
  certificates: {
    method: 'GET',
    path: '/v1/certificates',
    summary: 'Certificates that the edge serves',
    status: 200,
    sends: 'none',
    returns: 'json',
    response: z.object({ certificates: z.array(Certificate) }),
  },
  setCertificate: {
    method: 'PUT',
    path: '/v1/certificates/:host',
    summary: 'Use your own certificate for a host, from PEM texts',
    status: 200,
    sends: 'json',
    returns: 'json',
    params: HostParams,
    body: z.strictObject({ chain: z.string().min(1), key: z.string().min(1) }),
    response: Certificate,
  },
  removeCertificate: {
    method: 'DELETE',
    path: '/v1/certificates/:host',
    summary: 'Go back to a certificate of the local authority',
    status: 204,
    sends: 'none',
    returns: 'empty',
    params: HostParams,
  },
  shutdown: {
    method: 'POST',
    path: '/v1/shutdown',
    summary: 'End the daemon; with `everything` first all instances and the edge',
    status: 202,
    sends: 'json',
    returns: 'json',
    body: z.strictObject({ everything: z.boolean() }),
    response: z.object({ stopping: z.boolean() }),
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics in the Prometheus text format',
    status: 200,
    sends: 'none',
    returns: 'text',
  },
  openapi: {
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This document',
    status: 200,
    sends: 'none',
    returns: 'json',
    response: z.record(z.string(), z.unknown()),
  },
} as const satisfies Record<string, RouteRow>;

export type Contract = typeof contract;
export type RouteName = keyof Contract;

/** Who asks, for journal and receipts; the CLI sends the name of the user at the keyboard. */
export const BY_HEADER = 'x-berth-by';

/** A failed request's body, and the last line of a stream that broke off. */
export const ErrorResponse = z.object({ error: ErrorBody });

type SchemaAt<Row, Key extends PropertyKey> = Row extends { readonly [K in Key]: infer S extends z.ZodType } ? S : undefined;
type InputAt<Row, Key extends PropertyKey> = SchemaAt<Row, Key> extends z.ZodType ? z.input<SchemaAt<Row, Key>> : undefined;
type OutputAt<Row, Key extends PropertyKey> = SchemaAt<Row, Key> extends z.ZodType ? z.output<SchemaAt<Row, Key>> : undefined;

/** What the daemon's handler of a route gets, checked. */
export type RouteParams<N extends RouteName> = OutputAt<Contract[N], 'params'>;
export type RouteQuery<N extends RouteName> = OutputAt<Contract[N], 'query'>;
export type RouteHeaders<N extends RouteName> = OutputAt<Contract[N], 'headers'>;
export type RouteBody<N extends RouteName> = OutputAt<Contract[N], 'body'>;
/** What comes back: the document, or for a stream one item of it. */
export type RouteResponse<N extends RouteName> = OutputAt<Contract[N], 'response'>;

/** What a client gives, as ordinary values: they are turned into text where the transport wants text. */
export type RouteBodyInput<N extends RouteName> = InputAt<Contract[N], 'body'>;

type RoutesReturning<K extends ResponseKind> = { [N in RouteName]: Contract[N]['returns'] extends K ? N : never }[RouteName];
export type JsonRoute = RoutesReturning<'json'>;
export type StreamRoute = RoutesReturning<'ndjson'>;
export type TextRoute = RoutesReturning<'text'>;
export type EmptyRoute = RoutesReturning<'empty'>;
