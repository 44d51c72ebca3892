/** The routes of accounts on a real server with a real database in memory, and browsers that ask it. */
import { DatabaseSync } from 'node:sqlite';
import formbody from '@fastify/formbody';
import { type LogFields, silentLog } from '@berth/kit';
import { fastify, type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import type { Bluejay } from '../../bluejay.ts';
import { type Environment, readEnvironment } from '../../env.ts';
import { html } from '../../html/html.ts';
import { createSigner } from '../../signing.ts';
import { type AccountRecord, openAccounts } from '../account-records.ts';
import { accountRoutes } from '../account-routes.ts';
import { openActivity } from '../activity-log.ts';
import { activityRoutes } from '../activity-routes.ts';
import { accountsMigrations } from '../migrations.ts';
import { hashPassword } from '../password.ts';
import type { Role } from '../permissions.ts';
import { openSessions, type SessionControl } from '../sessions.ts';

export const PASSWORD = 'seven blue jays in a row';
const hashed = hashPassword(PASSWORD);

export type Panel = {
  readonly app: FastifyInstance;
  readonly database: DatabaseSync;
  readonly bluejay: Bluejay;
  readonly sessions: SessionControl;
  readonly logged: readonly { readonly event: string; readonly fields: LogFields | undefined }[];
  readonly counted: { loginFailures: number; rateLimited: number };
  advance(ms: number): void;
  /** With the password above. The address of the mail is `<role>@example.com` unless told otherwise. */
  account(role: Role, options?: { readonly email?: string; readonly oneTimeUntilMs?: number }): Promise<AccountRecord>;
  browser(address?: string): Browser;
  /** Closes the server and the database. */
  [Symbol.asyncDispose](): Promise<void>;
};

export const openDatabase = (): DatabaseSync => {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  for (const { sql } of accountsMigrations) database.exec(sql);
  return database;
};

/** @param register further routes, before the server is ready */
export const openPanel = async (
  options: { readonly environment?: Record<string, string>; readonly register?: (panel: Panel) => void } = {},
): Promise<Panel> => {
  const database = openDatabase();
  let nowMs = Date.parse('2030-01-01T00:00:00Z');
  const now = (): number => nowMs;
  const env: Environment = readEnvironment(options.environment ?? {});
  const logged: { event: string; fields: LogFields | undefined }[] = [];
  const counted = { loginFailures: 0, rateLimited: 0 };
  const note = (event: string, fields?: LogFields): void => void logged.push({ event, fields });
  const log = { ...silentLog, info: note, warn: note, error: note };
  const parts = { env, database, now, log };
  const bluejay = {
    ...parts,
    activity: openActivity(parts),
    sessions: openSessions(parts),
    signer: createSigner(env.secrets, now),
    instruments: {
      loginFailures: { increment: () => void (counted.loginFailures += 1) },
      rateLimited: { with: () => ({ increment: () => void (counted.rateLimited += 1) }) },
    },
    admin: {
      send: (reply, { title, body, notice, status = 200 }) =>
        reply
          .code(status)
          .type('text/html; charset=utf-8')
          .send(
            html`<main><h1>${title}</h1>${notice !== undefined && html`<p class="notice">${notice.text}</p>`}${body}</main>`.html,
          ),
      csrfInput: ({ csrf }) => html`<input type="hidden" name="_csrf" value="${csrf}">`,
    },
    // What accounts never touch is not there: a test that needs it fails at once.
  } satisfies Partial<Record<keyof Bluejay, unknown>> & Pick<Bluejay, 'admin'> as unknown as Bluejay;

  const app = fastify({ forceCloseConnections: true });
  await app.register(formbody);
  const panel: Panel = {
    app,
    database,
    bluejay,
    sessions: openSessions(parts),
    logged,
    counted,
    advance: (ms) => void (nowMs += ms),
    account: async (role, { email = `${role}@example.com`, oneTimeUntilMs } = {}) =>
      openAccounts(database, now).create(
        { email, name: `The ${role}`, role },
        { hash: await hashed, oneTimeUntilMs: oneTimeUntilMs ?? null },
      ),
    browser: (address = '203.0.113.7') => new Browser(app, address),
    async [Symbol.asyncDispose]() {
      await app.close();
      database.close();
    },
  };
  options.register?.(panel);
  await app.register(async (scope) => {
    await accountRoutes(scope, bluejay);
    await activityRoutes(scope, bluejay);
  });
  await app.ready();
  return panel;
};

type Headers = Readonly<Record<string, string>>;

/** Keeps cookies, and finds the token of a page's form as a browser does: by sending the form. */
export class Browser {
  readonly #app: FastifyInstance;
  readonly #address: string;
  readonly cookies = new Map<string, string>();

  constructor(app: FastifyInstance, address: string) {
    this.#app = app;
    this.#address = address;
  }

  async get(url: string, headers: Headers = {}): Promise<LightMyRequestResponse> {
    return await this.#send({ method: 'GET', url, headers });
  }

  /** Sends exactly these fields. */
  async send(url: string, fields: Readonly<Record<string, string>>, headers: Headers = {}): Promise<LightMyRequestResponse> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return await this.#send({
      method: 'POST',
      url,
      headers: { ...type, ...headers },
      payload: new URLSearchParams(fields).toString(),
    });
  }

  /** With the token of the form that is on `page`. */
  async submit(page: string, url: string, fields: Readonly<Record<string, string>> = {}): Promise<LightMyRequestResponse> {
    return await this.send(url, { _csrf: await this.token(page), ...fields });
  }

  async token(page: string): Promise<string> {
    const { body, statusCode } = await this.get(page);
    const token = /name="_csrf" value="([^"]+)"/.exec(body)?.[1];
    if (token === undefined) throw new Error(`no form on ${page}, which answered ${statusCode}`);
    return token;
  }

  async login(
    email: string,
    password: string = PASSWORD,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<LightMyRequestResponse> {
    return await this.submit('/admin/login', '/admin/login', { email, password, ...fields });
  }

  async #send(request: {
    method: 'GET' | 'POST';
    url: string;
    headers: Headers;
    payload?: string;
  }): Promise<LightMyRequestResponse> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    // The server in these tests is reached through a proxy on the same machine.
    const headers = { 'x-forwarded-for': this.#address, ...(cookie !== '' && { cookie }), ...request.headers };
    const response = await this.#app.inject({ ...request, headers });
    for (const { name, value, maxAge } of response.cookies) {
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}
