/** For tests: a server of the panel's records, with a library that is only a few buttons, and whoever is to be logged in. */
import fastifyFormbody from '@fastify/formbody';
import { securityHeaders, silentLog } from '@berth/kit';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { rememberSession, type Session } from '../../../accounts/session.ts';
import type { Bluejay } from '../../../bluejay.ts';
import type { Content } from '../../../content/content.ts';
import { html } from '../../../html/html.ts';
import { createSigner } from '../../../signing.ts';
import type { AdminScreen } from '../../admin-page.ts';
import { registerRecords } from '../../record/record-routes.ts';
import { referenceRoutes } from '../reference-routes.ts';
import { workingCopyRoutes } from '../working-copy-routes.ts';
import { formParts } from './form-parts.ts';

const PIXEL = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><rect width="4" height="3" fill="#06c"/></svg>';

export type Served = {
  readonly content: Content;
  /** Who is logged in; undefined: nobody. */
  readonly state: { readonly session: Session | undefined };
};

/** Not listening yet. */
export const openFormServer = async ({ content, state }: Served): Promise<FastifyInstance> => {
  const server = fastify();
  await server.register(fastifyFormbody);
  server.addHook('onSend', async (_, reply) => {
    reply.headers(securityHeaders());
  });
  const bluejay = {
    ...formParts(content),
    log: silentLog,
    signer: createSigner(['a secret of forms that only tests know'], Date.now),
    admin: { ...formParts(content).admin, send: sendScreen },
    sessions: { find: () => state.session, require: () => guardOf(state) },
  } as unknown as Bluejay;
  for (const type of content.types) registerRecords(server, bluejay, type);
  await workingCopyRoutes(server, bluejay);
  await referenceRoutes(server, bluejay);
  server.get('/admin/media/browse', (_, reply) =>
    reply
      .type('text/html')
      .send(
        '<ul><li><button type="button" data-media-id="7" data-alt="A pump" data-name="pump.png" data-preview="/admin/media/7/preview">pump.png</button></li></ul>',
      ),
  );
  server.get('/admin/media/:id/preview', (_, reply) => reply.type('image/svg+xml').send(PIXEL));
  server.get('/admin/login', (_, reply) => reply.type('text/html').send('<title>Login</title>'));
  server.get('/icon.svg', (_, reply) => reply.code(204).send());
  return server;
};

/** As `Sessions.require` does it, but for permissions: every account of these tests has them. */
const guardOf =
  (state: Served['state']) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { session } = state;
    if (session === undefined) {
      if (request.headers.accept === 'application/json') return reply.code(401).send({});
      return reply.redirect('/admin/login', 303);
    }
    const sent = request.headers['x-csrf-token'] ?? (request.body as { _csrf?: string } | undefined)?._csrf;
    if (request.method !== 'GET' && sent !== session.csrf) return reply.code(403).send({});
    rememberSession(request, session);
    return undefined;
  };

export const sendScreen = (reply: FastifyReply, { title, body, notice, status = 200 }: AdminScreen): FastifyReply =>
  reply
    .code(status)
    .type('text/html')
    .send(
      html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="stylesheet" href="/public/admin.css"><script type="module" src="/public/admin.ts"></script></head><body class="panel"><main><h1>${title}</h1>${notice !== undefined && html`<p role="status" class="notice">${notice.text}</p>`}${body}</main></body></html>`
        .html,
    );
