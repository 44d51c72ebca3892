/** All of the kit that an HTTP server needs, as one Fastify plugin. Fastify's types are used, Fastify itself is not. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientAddress, parseTrustedProxies, type TrustedProxies } from './client-address.ts';
import { errorBody, type ErrorFacts, type ErrorPage, prefersHtml, renderErrorPage } from './error-pages.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export type ProductionOptions = {
  readonly log: Pick<Log, 'warn' | 'error'>;
  readonly health: Health;
  /** Without it there is no /metrics. */
  readonly metrics?: Metrics;
  /** For every answer unless its route says otherwise: what `securityHeaders()` gives. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whose X-Forwarded-For is believed; default `loopback`, where a proxy on the same machine is. */
  readonly trustedProxies?: TrustedProxies;
  /** Who may read /metrics and the reasons in /readyz; for others /metrics does not exist. Default `loopback`. */
  readonly operators?: TrustedProxies;
  /** What an API of its own shape sends instead of `{ error: { code, message } }`. */
  readonly renderErrorBody?: (facts: ErrorFacts, status: number) => unknown;
  /** What people see instead of the plain page: a whole document. Must not throw. */
  readonly renderErrorPage?: (page: ErrorPage, request: FastifyRequest) => string;
  /** False for an application that has a not-found handler of its own. Default true. */
  readonly handleNotFound?: boolean;
};

/**
 * `await app.register(productionPlugin({ … }))`, before the routes. Applies to the whole server. Only what Fastify refuses
 * before it runs any hook (a path that cannot be decoded) is answered by Fastify alone, with its plain JSON.
 */
export const productionPlugin = (options: ProductionOptions): ((app: FastifyInstance) => Promise<void>) => {
  const { health, metrics, headers } = options;
  const trusted = options.trustedProxies ?? parseTrustedProxies(['loopback']);
  const operators = options.operators ?? parseTrustedProxies(['loopback']);
  const isOperator = (request: FastifyRequest): boolean =>
    operators.includes(clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for'], trusted));

  const production = async (app: FastifyInstance): Promise<void> => {
    app.addHook('onRequest', async (request, reply) => {
      reply.headers({ ...headers, 'X-Request-Id': request.id });
    });
    app.setErrorHandler((error: unknown, request, reply) => {
      const { status, facts } = factsOf(error, request.id);
      const fields = { requestId: request.id, method: request.method, route: routeOf(request), status, error };
      if (status === 500) options.log.error('request_failed', fields);
      else if (status > 500) options.log.warn('request_refused', fields);
      return sendError({ options, request, reply, status, facts });
    });
    if (options.handleNotFound !== false) app.setNotFoundHandler((request, reply) => notFound(options, request, reply));

    app.get('/healthz', (_request, reply) => reply.header('Cache-Control', 'no-store').send(health.liveness()));
    app.get('/readyz', async (request, reply) => {
      const { ready, checks } = await health.readiness();
      reply.header('Cache-Control', 'no-store').code(ready ? 200 : 503);
      return isOperator(request) ? { ready, checks } : { ready };
    });
    if (metrics !== undefined)
      app.get('/metrics', async (request, reply) => {
        if (!isOperator(request)) return notFound(options, request, reply);
        reply.header('Cache-Control', 'no-store').type(metrics.contentType);
        return metrics.render();
      });
  };
  // Without this mark, Fastify would keep hooks and handlers from the routes beside the plugin.
  return Object.assign(production, { [Symbol.for('skip-override')]: true });
};

/**
 * What may be told: an error that chose its status speaks for itself; one that did not, or chose 500, is a surprise whose
 * words may hold anything. `expose: true` tells them all the same.
 */
const factsOf = (error: unknown, requestId: string): { readonly status: number; readonly facts: ErrorFacts } => {
  const { statusCode, status: ownStatus, code, expose, retryAfterSec } = propertiesOf(error);
  const claimed = Number(statusCode ?? ownStatus);
  const status = Number.isInteger(claimed) && claimed >= 400 && claimed <= 599 ? claimed : 500;
  if (!(error instanceof Error) || (status === 500 && expose !== true))
    return { status, facts: { code: 'INTERNAL', message: 'Something went wrong on our side.', requestId } };
  const facts = { code: typeof code === 'string' ? code : 'REQUEST_REFUSED', message: error.message, requestId };
  return { status, facts: typeof retryAfterSec === 'number' ? { ...facts, retryAfterSec } : facts };
};

const propertiesOf = (error: unknown): Readonly<Record<string, unknown>> =>
  typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};

type Failure = {
  readonly options: ProductionOptions;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly status: number;
  readonly facts: ErrorFacts;
};

const sendError = ({ options, request, reply, status, facts }: Failure): FastifyReply => {
  reply.code(status).header('Cache-Control', 'no-store').header('Vary', 'Accept');
  if (facts.retryAfterSec !== undefined) reply.header('Retry-After', String(facts.retryAfterSec));
  if (!prefersHtml(request.headers.accept)) return reply.send(options.renderErrorBody?.(facts, status) ?? errorBody(facts));
  const title = TITLES[status] ?? (status < 500 ? 'This request cannot be answered' : 'Something went wrong');
  const page: ErrorPage = { status, title, message: facts.message, requestId: request.id };
  return reply.type('text/html; charset=utf-8').send(options.renderErrorPage?.(page, request) ?? renderErrorPage(page));
};

const TITLES: Readonly<Record<number, string>> = {
  401: 'Please sign in',
  403: 'This is not allowed',
  404: 'There is nothing here',
  413: 'This is too large',
  429: 'Too many requests',
  503: 'Back in a moment',
};

const notFound = (options: ProductionOptions, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendError({
    options,
    request,
    reply,
    status: 404,
    facts: { code: 'NOT_FOUND', message: 'This address leads nowhere.', requestId: request.id },
  });

/** The route's pattern: a path may hold what no log should. */
const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';
