/** What goes wrong in the panel, in words. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccountError } from '../accounts/errors.ts';
import type { Bluejay } from '../bluejay.ts';
import { ContentError } from '../content/errors.ts';
import { escapeHtml, html } from '../html/html.ts';
import { DASHBOARD } from './sidebar.ts';

/** What is refused is said in words, on a screen of the panel; a fragment or a program gets the words alone. */
export const answerErrors = (server: FastifyInstance, { admin, sessions }: Pick<Bluejay, 'admin' | 'sessions'>): void => {
  server.setErrorHandler((error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const session = sessions.find(request);
    // Who is not logged in sees no screen of the panel; what went wrong for no reason of his is the server's to tell.
    if (!(error instanceof ContentError || error instanceof AccountError) || session === undefined) throw error;
    const { statusCode: status, message, code } = error;
    if (request.headers['hx-request'] === 'true')
      return reply
        .code(status)
        .type('text/html; charset=utf-8')
        .send(`<p class="notice notice-error" role="alert">${escapeHtml(message)}</p>`);
    if (request.headers.accept?.includes('application/json') === true) return reply.code(status).send({ error: message, code });
    const body = html`<p><a class="button" href="${DASHBOARD.path}">To the dashboard</a></p>`;
    const notice = { kind: 'error', text: message } as const;
    const title = status === 404 ? 'Not found' : 'Not done';
    return admin.send(reply, { title, session, section: '', body, notice, status });
  });
};
