/** The HTTP server: what every answer has, then the parts of the site, over a database that is open already. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyForms from '@fastify/formbody';
import fastifyStatic from '@fastify/static';
import { createAttemptLimiter, createRequestId, type Health, type Metrics, productionPlugin, securityHeaders } from '@berth/kit';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { accountRoutes } from './accounts/account-routes.ts';
import { activityRoutes } from './accounts/activity-routes.ts';
import { openSessions } from './accounts/sessions.ts';
import { createAdminFrame } from './admin/open-frame.ts';
import { answerErrors } from './admin/answer-errors.ts';
import { adminRoutes } from './admin/routes.ts';
import type { Bluejay, Routes } from './bluejay.ts';
import { DASHBOARD } from './admin/sidebar.ts';
import { formRoutes } from './forms/routes.ts';
import { BUILT } from './html/assets.ts';
import { html } from './html/html.ts';
import { leadRoutes } from './leads/routes.ts';
import { mediaRoutes } from './media/routes.ts';
import { readMenu } from './navigation/read-menu.ts';
import { navigationRoutes } from './navigation/routes.ts';
import { apiRoutes } from './site/api/routes.ts';
import { failurePage } from './site/error-pages.ts';
import { feedRoutes } from './site/feeds/routes.ts';
import { createSiteFrame } from './site/open-frame.ts';
import { renderFailure } from './site/render-page.ts';
import { siteRoutes } from './site/routes.ts';
import { securityRoutes } from './site/security-txt.ts';
import { storyRoutes } from './site/stories/routes.ts';
import { siteSettings } from './types/index.ts';

const YEAR_SECONDS = 31_536_000;
/** Of a form with all its rows and texts; uploads are counted by themselves. */
const BODY_BYTES = 16 * 2 ** 20;
const MOST_FIELDS = 20_000;
const SEARCHES = ['/search', '/search/suggest', '/products/search'];
/** A suggestion for each letter counts too. */
const SEARCHES_PER_MINUTE = 120;
const MINUTE_MS = 60_000;

export type ServerParts = Omit<Bluejay, 'sessions' | 'admin' | 'site'> & { readonly health: Health; readonly metrics: Metrics };

/** What is refused there is said on a screen of the panel. */
const PANEL: readonly Routes[] = [accountRoutes, activityRoutes, adminRoutes, navigationRoutes, mediaRoutes, leadRoutes];
const SITE: readonly Routes[] = [siteRoutes, storyRoutes, formRoutes, feedRoutes, apiRoutes, securityRoutes];

export async function createServer({
  health,
  metrics,
  ...parts
}: ServerParts): Promise<{ server: FastifyInstance; bluejay: Bluejay }> {
  const { env, content, log, now } = parts;
  const server = fastify({
    genReqId: ({ headers }) => createRequestId(headers['x-request-id']),
    trustProxy: (address) => env.trustedProxies.includes(address),
    bodyLimit: BODY_BYTES,
    routerOptions: { maxParamLength: 2_000 },
  });
  await server.register(
    productionPlugin({
      log,
      health,
      metrics,
      trustedProxies: env.trustedProxies,
      operators: env.operators,
      headers: {
        ...securityHeaders({ contentSecurityPolicy: { 'frame-src': ["'none'"] } }),
        'X-XSS-Protection': '1; mode=block',
      },
      renderErrorPage: ({ status, title, message, requestId = '' }) =>
        renderFailure(failurePage({ status, title, message }, requestId)),
      renderErrorBody: ({ code, message }) => ({ error: message, code }),
      handleNotFound: false,
    }),
  );
  logRequests(server, parts);
  await server.register(fastifyForms, { bodyLimit: BODY_BYTES, parser: parseForm });

  const sessions = openSessions(parts);
  const bluejay: Bluejay = {
    ...parts,
    sessions,
    admin: createAdminFrame({ types: content.types, siteName: () => content.single(siteSettings).fields.siteName }),
    site: createSiteFrame(server, { ...parts, sessions, readMenu: readMenu(parts.database) }),
  };
  serveBuilt(server, log);
  answerProbes(server, bluejay, health);
  limitSearches(server, parts);
  for (const routes of SITE) await routes(server, bluejay);
  await server.register(async (panel) => {
    answerErrors(panel, bluejay);
    for (const routes of PANEL) await routes(panel, bluejay);
  });
  server.setNotFoundHandler((request, reply) => answerNotFound(request, reply, bluejay));
  server.addHook('onClose', async () => log.debug('server closed', { atMs: now() }));
  return { server, bluejay };
}

/** Names stay as they were sent; a name that comes twice gives an array. Nothing is nested, so that nothing is a prototype. */
const parseForm = (text: string): Record<string, string | string[]> => {
  const body: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if ((count += 1) > MOST_FIELDS)
      throw Object.assign(new Error('There are too many fields in this form.'), { statusCode: 413 });
    const present = body[name];
    if (present === undefined) body[name] = value;
    else if (typeof present === 'string') body[name] = [present, value];
    else present.push(value);
  }
  return body;
};

/** A line and a count for each request, with what its address looks like and never with its query. */
const logRequests = (server: FastifyInstance, { env, log, instruments }: Pick<Bluejay, 'env' | 'log' | 'instruments'>): void => {
  server.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    instruments.requests.with({ method, route, status: String(reply.statusCode) }).increment();
    instruments.requestSeconds.observe(reply.elapsedTime / 1000);
    log.info('request', {
      method,
      path: request.url.split('?', 1)[0] ?? '',
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      ip: env.addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']),
    });
  });
};

/** Each is a question to the database that no page kept can answer; people type no faster. */
const limitSearches = (server: FastifyInstance, { env, instruments }: Pick<Bluejay, 'env' | 'instruments'>): void => {
  const limiter = createAttemptLimiter({ limit: SEARCHES_PER_MINUTE, windowMs: MINUTE_MS });
  server.addHook('onRequest', async (request) => {
    if (!SEARCHES.includes(request.routeOptions.url ?? '')) return;
    const key = env.limitKeyOf(request.socket.remoteAddress, request.headers['x-forwarded-for']);
    const retryAfterSec = limiter.retryAfterSec(key);
    if (retryAfterSec > 0) {
      instruments.rateLimited.with({ what: 'search' }).increment();
      const message = 'Too many searches. Please try again in a moment.';
      throw Object.assign(new Error(message), { statusCode: 429, code: 'TOO_MANY_SEARCHES', retryAfterSec });
    }
    limiter.fail(key);
  });
};

/** Who is in the panel stays there. */
const answerNotFound = (request: FastifyRequest, reply: FastifyReply, { admin, sessions, site }: Bluejay): FastifyReply => {
  const session = request.url.startsWith('/admin/') ? sessions.find(request) : undefined;
  if (session === undefined) return site.notFound(request, reply);
  const body = html`<p>There is no such screen. <a class="button" href="${DASHBOARD.path}">To the dashboard</a></p>`;
  return admin.send(reply, { title: 'Not found', session, section: '', body, status: 404 });
};

/** For when no edge is in front: what the build made, for ever, since its names carry a hash. */
const serveBuilt = (server: FastifyInstance, log: Bluejay['log']): void => {
  const root = path.join(BUILT, 'public');
  if (!existsSync(root)) {
    log.warn('page_not_built', { directory: BUILT, hint: 'run: npm run build' });
    return;
  }
  void server.register(fastifyStatic, {
    root,
    prefix: '/public/',
    preCompressed: true,
    decorateReply: false,
    index: false,
    cacheControl: false,
    setHeaders: (reply) => void reply.header('Cache-Control', `public, max-age=${YEAR_SECONDS}, immutable`),
  });
};

/** `/health` has these two keys and no other; who wants to know more asks `/ready`, from the machine itself. */
const answerProbes = (server: FastifyInstance, { env, database, now }: Bluejay, health: Health): void => {
  server.get('/health', (_request, reply) => {
    const status = isAlive(database) ? 'ok' : 'error';
    return reply
      .code(status === 'ok' ? 200 : 503)
      .header('Cache-Control', 'no-store')
      .send({ status, time: new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z') });
  });
  server.get('/ready', async (request: FastifyRequest, reply: FastifyReply) => {
    const { ready, checks } = await health.readiness();
    const isOperator = env.operators.includes(env.addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']));
    return reply
      .code(ready ? 200 : 503)
      .header('Cache-Control', 'no-store')
      .send(isOperator ? { ready, checks } : { ready });
  });
};

const isAlive = (database: Bluejay['database']): boolean => {
  try {
    return database.prepare('SELECT 1 AS one').get()?.['one'] === 1;
  } catch {
    // Whatever it is, the probe's answer is the message.
    return false;
  }
};
