/** The HTTP server: routes, headers and errors, over documents that are open already. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import {
  createRequestId,
  errorBody,
  type Health,
  isAllowedOrigin,
  type Log,
  type Metrics,
  productionPlugin,
  securityHeaders,
} from '@berth/kit';
import { fastify, type FastifyInstance } from 'fastify';
import { ApiError, originRefused } from './domain/errors.ts';
import type { Environment } from './env.ts';
import type { Documents } from './live/documents.ts';
import { documentRoutes } from './routes/document.ts';
import { operationsRoutes } from './routes/operations.ts';
import { acceptSockets } from './routes/socket.ts';
import { textRoutes } from './routes/text.ts';

const PAGE = path.join(import.meta.dirname, 'dist');
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const YEAR_SECONDS = 31_536_000;

export type ServerOptions = {
  readonly env: Environment;
  readonly documents: Documents;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly stats: () => Record<string, number>;
  readonly log: Log;
};

export async function createServer({ env, documents, health, metrics, stats, log }: ServerOptions): Promise<FastifyInstance> {
  const { basePath, allowedOrigins, addressOf, operators, trustedProxies } = env;
  const { maxDocumentBytes } = env.live;
  const app = fastify({
    genReqId: ({ headers }) => createRequestId(headers['x-request-id']),
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 2_000 },
  });
  await app.register(
    productionPlugin({
      log,
      health,
      metrics,
      trustedProxies,
      operators,
      headers: securityHeaders({
        contentSecurityPolicy: { 'connect-src': ["'self'", 'ws:', 'wss:'], 'img-src': ["'self'", 'data:'] },
        frameAncestors: env.embedOrigins,
      }),
    }),
  );
  app.addHook('onRequest', (request, reply, done) => {
    const { origin, host } = request.headers;
    const isAllowed = isAllowedOrigin({ origin, host, allowed: allowedOrigins });
    // The sites that are listed may read answers too, and ask before they send.
    if (origin !== undefined && isAllowed && allowedOrigins.includes(origin))
      reply.headers({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Methods': 'GET, PUT, POST, DELETE',
        'Access-Control-Allow-Headers': 'Authorization, Content-Type',
        Vary: 'Origin',
      });
    done(isAllowed || SAFE_METHODS.includes(request.method) ? undefined : originRefused());
  });

  await app.register(
    async (api) => {
      api.setErrorHandler((error: Error, request, reply) => {
        const known = error instanceof ApiError ? error : null;
        const status = known?.status ?? statusOf(error);
        if (status >= 500 && known?.retryAfterSec === undefined) log.error('request_failed', { requestId: request.id, error });
        if (known !== null && known.retryAfterSec !== null) reply.header('Retry-After', String(known.retryAfterSec));
        const message = status === 500 ? 'internal error' : error.message;
        const code = known?.code ?? (status === 413 ? 'DOCUMENT_TOO_LARGE' : 'INVALID_REQUEST');
        reply.code(status).headers({ 'Cache-Control': 'no-store', Vary: 'Accept' });
        if (request.headers.accept?.includes('application/json')) return reply.send(errorBody({ code, message }));
        // The original's client shows the body as it is.
        return reply.type('text/plain; charset=utf-8').send(`${message}\n`);
      });
      api.get('/api/socket/*', (_request, reply) =>
        reply
          .code(426)
          .headers({ Upgrade: 'websocket', Connection: 'Upgrade' })
          .type('text/plain; charset=utf-8')
          .send('a WebSocket is expected here\n'),
      );
      await api.register(async (scope) => documentRoutes(scope, { documents }));
      await api.register(async (scope) => textRoutes(scope, { documents, maxDocumentBytes, addressOf }));
      api.options('/api/*', (_request, reply) => reply.code(204).send());
    },
    { prefix: basePath },
  );
  await app.register(
    async (scope) => operationsRoutes(scope, { stats, hasDiagnostics: env.hasDiagnostics, operators, addressOf }),
    {
      prefix: basePath,
    },
  );
  if (existsSync(PAGE))
    await app.register(fastifyStatic, {
      root: PAGE,
      prefix: `${basePath}/`,
      redirect: basePath !== '',
      cacheControl: false,
      preCompressed: true,
      setHeaders: (reply, file) => {
        const isHashed = file.startsWith(path.join(PAGE, 'assets'));
        reply.header('Cache-Control', isHashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
      },
    });
  else log.warn('page_not_built', { directory: PAGE, hint: 'run: npm run build' });
  acceptSockets(app.server, { documents, basePath, maxDocumentBytes, allowedOrigins, addressOf, log });
  return app;
}

/** Of Fastify's own errors, such as a body that is too large. */
const statusOf = (error: Error): number => {
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
};
