/** The panel over the real engine, with accounts that are there without a login: a cookie says who asks. */
import formbody from '@fastify/formbody';
import { silentLog } from '@berth/kit';
import { fastify, type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { openActivity } from '../../accounts/activity-log.ts';
import { can, type Role } from '../../accounts/permissions.ts';
import { rememberSession, type Session, type Sessions } from '../../accounts/session.ts';
import type { Bluejay } from '../../bluejay.ts';
import { ContentError } from '../../content/errors.ts';
import { openTestContent, type TestContent } from '../../content/testing/test-content.ts';
import { readEnvironment } from '../../env.ts';
import { html } from '../../html/html.ts';
import { navigationRoutes } from '../../navigation/routes.ts';
import { createSigner } from '../../signing.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import { createAdminFrame } from '../open-frame.ts';
import { adminRoutes } from '../routes.ts';

export type Asker = { readonly role: Role; readonly id?: number };

export type TestPanel = AsyncDisposable &
  Pick<TestContent, 'content' | 'database' | 'entries' | 'changes' | 'clock'> & {
    readonly server: FastifyInstance;
    readonly bluejay: Bluejay;
    get(asker: Role | Asker, url: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
    /** With the token that the session expects, unless the fields have one. */
    post(
      asker: Role | Asker,
      url: string,
      fields?: Readonly<Record<string, string | readonly string[]>>,
      headers?: Readonly<Record<string, string>>,
    ): Promise<LightMyRequestResponse>;
    delete(asker: Role | Asker, url: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
    json(asker: Role | Asker, url: string, body: unknown): Promise<LightMyRequestResponse>;
  };

/** Cookie of an asker: `account=editor-2`. */
export const cookieOf = (asker: Role | Asker): string => {
  const { role, id = 1 } = typeof asker === 'string' ? { role: asker } : asker;
  return `account=${role}-${id}`;
};

const CSRF = 'the token of the session';

export const openTestPanel = async (register?: (server: FastifyInstance, bluejay: Bluejay) => void): Promise<TestPanel> => {
  const test = await openTestContent();
  const { content, database, entries, clock } = test;
  const now = (): number => clock.nowMs;
  const log = openActivity({ database, now, log: silentLog });
  const env = readEnvironment({});
  const bluejay = {
    env,
    database,
    content,
    now,
    log: silentLog,
    sessions: createTestSessions(),
    signer: createSigner(env.secrets, now),
    activity: {
      record: (entry) => {
        entries.push(entry);
        log.record(entry);
      },
    },
    admin: createAdminFrame({ types: CONTENT_TYPES, siteName: () => 'Test site' }),
    media: {
      find: () => undefined,
      list: () => ({ files: [], total: 0, pages: 1 }),
      picture: () => html``,
      pathOf: () => undefined,
    },
    // What the panel never touches is not there: a test that needs it fails at once.
  } satisfies Partial<{ [K in keyof Bluejay]: Partial<Bluejay[K]> }> as unknown as Bluejay;

  const server = fastify({ forceCloseConnections: true });
  await server.register(formbody, { bodyLimit: 2 ** 20 });
  await adminRoutes(server, bluejay);
  await navigationRoutes(server, bluejay);
  register?.(server, bluejay);
  await server.ready();

  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    ...test,
    server,
    bluejay,
    get: (asker, url, headers = {}) => server.inject({ method: 'GET', url, headers: { cookie: cookieOf(asker), ...headers } }),
    post: (asker, url, fields = {}, headers = {}) => {
      const payload = new URLSearchParams();
      for (const [name, value] of Object.entries({ _csrf: CSRF, ...fields }))
        for (const one of typeof value === 'string' ? [value] : value) payload.append(name, one);
      return server.inject({
        method: 'POST',
        url,
        headers: { cookie: cookieOf(asker), ...form, ...headers },
        payload: payload.toString(),
      });
    },
    delete: (asker, url, headers = {}) =>
      server.inject({ method: 'DELETE', url, headers: { cookie: cookieOf(asker), 'x-csrf-token': CSRF, ...headers } }),
    json: (asker, url, body) =>
      server.inject({
        method: 'POST',
        url,
        headers: { cookie: cookieOf(asker), 'x-csrf-token': CSRF, 'content-type': 'application/json' },
        payload: JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      database.close();
    },
  };
};

const createTestSessions = (): Sessions => {
  const find = ({ headers }: { readonly headers: { readonly cookie?: string | undefined } }): Session | undefined => {
    const [, role, id] = /account=(admin|editor|author|viewer)-(\d+)/.exec(headers.cookie ?? '') ?? [];
    if (role === undefined) return undefined;
    const account = { id: Number(id), name: `The ${role} ${id}`, email: `${role}${id}@example.com`, role: role as Role };
    return { account, csrf: CSRF };
  };
  return {
    find,
    require: (permission) => async (request) => {
      const session = find(request);
      if (session === undefined) throw new ContentError('TEST_LOGIN', 401, 'Log in.');
      rememberSession(request, session);
      if (!can(session.account, permission)) throw new ContentError('TEST_DENIED', 403, 'Not with this role.');
      const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
      const token = request.headers['x-csrf-token'] ?? body['_csrf'];
      if (!['GET', 'HEAD'].includes(request.method) && token !== CSRF)
        throw new ContentError('TEST_CSRF', 403, 'The token is wrong.');
    },
  };
};
