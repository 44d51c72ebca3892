/** The HTTP API on node:http: a router over the contract, checks, and nothing that decides. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { asBerthError, type BerthError } from '@berth/core';
import type { Platform } from '@berth/operations';
import { BY_HEADER, type RouteRow } from '@berth/protocol';
import type * as z from 'zod';
import { drain, readJson } from './body.ts';
import { badRequest } from './errors.ts';
import { type ApiRequest, createHandlers } from './handlers.ts';
import { type Match, matchRoute } from './router.ts';
import { writeItems } from './stream.ts';

export type ApiLog = {
  info(event: string, fields: Readonly<Record<string, unknown>>): void;
  error(event: string, fields: Readonly<Record<string, unknown>>): void;
};

export type Api = {
  /** Not yet listening: see `listenOnSocket`. */
  readonly server: Server;
  /** Takes no new requests, ends the streams properly, and resolves when the last answer has left. */
  close(): Promise<void>;
};

/** argv travels in a header; `getconf ARG_MAX` is larger, but nobody types that. */
const HEADER_LIMIT_BYTES = 128 * 1024;

export const createApi = (platform: Platform, options: { readonly version: string; readonly log: ApiLog }): Api => {
  const handlers = createHandlers(platform, options.version);
  const open = new Set<AbortController>();

  const answer = async (req: IncomingMessage, res: ServerResponse, signal: AbortSignal): Promise<void> => {
    const url = new URL(req.url ?? '/', 'http://berth');
    const match = matchRoute(req.method ?? 'GET', url.pathname);
    const request = await readRequest(match, { req, res, url, signal });
    // Each handler's own type was used where it was written; here they are called by name.
    const handle = handlers[match.name] as (request: unknown) => unknown;
    const { row } = match;
    if (row.returns === 'ndjson') {
      const broken = await writeItems(res, handle(request) as AsyncIterable<unknown>, signal);
      if (broken) options.log.error('api.stream.failed', { route: match.name, code: broken.code, message: broken.message });
      return;
    }
    const result = await handle(request);
    if (row.method !== 'GET') options.log.info('api.request', { route: match.name, params: match.params, by: request.by });
    if (row.returns === 'empty') res.writeHead(row.status).end();
    else if (row.returns === 'text') send(res, row.status, 'text/plain; version=0.0.4; charset=utf-8', result as string);
    else send(res, row.status, 'application/json', JSON.stringify(result));
  };

  const fail = (req: IncomingMessage, res: ServerResponse, error: BerthError): void => {
    const status = statusOf(error);
    if (status === 500) {
      options.log.error('api.failed', {
        method: req.method,
        path: pathOf(req),
        code: error.code,
        message: error.message,
        cause: causeOf(error),
      });
    }
    if (res.headersSent || res.destroyed) {
      res.destroy();
      return;
    }
    drain(req);
    if (error.code === 'API_METHOD_NOT_ALLOWED') res.setHeader('allow', (error.fields.allowed as string[]).join(', '));
    send(res, status, 'application/json', JSON.stringify({ error }));
  };

  const server = createServer({ maxHeaderSize: HEADER_LIMIT_BYTES }, (req, res) => {
    const controller = new AbortController();
    open.add(controller);
    res.once('close', () => {
      open.delete(controller);
      controller.abort();
      // A kept-alive connection that became idle after `close` would hold it for another five seconds.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    answer(req, res, controller.signal).catch((thrown) => fail(req, res, asBerthError(thrown)));
  });
  // Uploads and the input of `run` take as long as they take; only headers must come soon.
  server.requestTimeout = 0;
  // The CLI takes a connection for each request; one that is kept open only delays a shutdown.
  server.keepAliveTimeout = 500;

  const close = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    for (const controller of open) controller.abort();
    server.closeIdleConnections();
    await promise;
  };
  return { server, close };
};

type Incoming = { readonly req: IncomingMessage; readonly res: ServerResponse; readonly url: URL; readonly signal: AbortSignal };

const readRequest = async ({ row, params }: Match, { req, res, url, signal }: Incoming): Promise<ApiRequest<never>> => ({
  params: check(row.params, 'params', params) as never,
  query: check(row.query, 'query', Object.fromEntries(url.searchParams)) as never,
  headers: check(row.headers, 'headers', req.headers) as never,
  body: (row.sends === 'json' ? check(row.body, 'body', await readJson(req)) : undefined) as never,
  bytes: req,
  by: askerOf(req),
  signal,
  afterwards: (act) => res.once('finish', act),
});

const check = (schema: RouteRow['body'], where: string, value: unknown): unknown => {
  if (!schema) return undefined;
  const parsed: z.ZodSafeParseResult<unknown> = schema.safeParse(value);
  if (!parsed.success) throw badRequest(where, parsed.error.issues);
  return parsed.data;
};

/** For journal and receipts only: the socket's mode decides who may ask, this says under which name. */
const askerOf = (req: IncomingMessage): string => {
  const given = req.headers[BY_HEADER];
  return typeof given === 'string' && /^[\x21-\x7e]{1,64}$/.test(given) ? given : 'api';
};

const statusOf = ({ code }: BerthError): number => {
  if (code === 'API_BAD_REQUEST') return 400;
  if (code === 'API_METHOD_NOT_ALLOWED') return 405;
  if (code === 'API_BODY_TOO_LARGE') return 413;
  if (code.endsWith('_NOT_FOUND')) return 404;
  if (code.endsWith('_INVALID')) return 422;
  if (code.endsWith('_CONFLICT') || code.endsWith('_BUSY')) return 409;
  return 500;
};

const send = (res: ServerResponse, status: number, type: string, text: string): void => {
  res
    .writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' })
    .end(text);
};

/** Without the query: it may hold what a user typed. */
const pathOf = (req: IncomingMessage): string => (req.url ?? '').split('?', 1)[0] ?? '';

const causeOf = (error: BerthError): string | undefined => (error.cause instanceof Error ? error.cause.stack : undefined);
