/** GET and POST /admin/login, its second step, and POST /admin/logout. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Routes } from '../bluejay.ts';
import type { Html } from '../html/html.ts';
import { csrfRefused } from './errors.ts';
import { createLogin, type LoginOutcome } from './login.ts';
import { createLoginForms, LOGIN_PATH } from './login-form-token.ts';
import { renderCodeForm, renderLogin, renderThrottled } from './login-page.ts';
import { formField, isFromThisSite, safeNext } from './request-origin.ts';
import { sessionOf } from './session.ts';
import { openSessions } from './sessions.ts';

const CODE_PATH = `${LOGIN_PATH}/code`;

export const loginRoutes: Routes = (server, bluejay) => {
  const { env, log, activity } = bluejay;
  const sessions = openSessions(bluejay);
  const login = createLogin(bluejay);
  const forms = createLoginForms(bluejay);
  const networkOf = ({ socket, headers }: FastifyRequest): string =>
    env.limitKeyOf(socket.remoteAddress, headers['x-forwarded-for']);

  const back = (request: FastifyRequest, reply: FastifyReply, failure: { readonly path: string; readonly error: string }) => {
    const next = formField(request, 'next') ?? '';
    const query = new URLSearchParams({ error: failure.error, ...(next !== '' && { next: safeNext(next) }) });
    return reply.redirect(`${failure.path}?${query}`, 303);
  };

  const answer = (request: FastifyRequest, reply: FastifyReply, outcome: LoginOutcome): FastifyReply => {
    switch (outcome.outcome) {
      case 'throttled':
        reply.code(429).header('Retry-After', String(outcome.retryAfterSec));
        return page(reply, renderThrottled(outcome.retryAfterSec));
      case 'refused':
        return back(request, reply, { path: LOGIN_PATH, error: 'invalid_credentials' });
      case 'code_needed': {
        forms.rememberStep(reply, { accountId: outcome.account.id, stamp: outcome.stamp });
        const next = formField(request, 'next') ?? '';
        return reply.redirect(next === '' ? CODE_PATH : `${CODE_PATH}?${new URLSearchParams({ next: safeNext(next) })}`, 303);
      }
      case 'accepted':
        sessions.start(request, reply, outcome.account.id);
        forms.forget(reply);
        if (outcome.account.mustChangePassword) return reply.redirect('/admin/account/password', 303);
        return reply.redirect(safeNext(formField(request, 'next')), 303);
    }
  };

  server.get(LOGIN_PATH, (request, reply) => {
    const { error, next } = parseQuery(request);
    if (sessions.find(request) !== undefined) return reply.redirect(safeNext(next), 303);
    return page(reply, renderLogin({ csrf: forms.token(request, reply), next, error }));
  });

  server.post(LOGIN_PATH, async (request, reply) => {
    if (!isFromThisSite(request, env)) throw csrfRefused();
    if (sessions.find(request) !== undefined) return reply.redirect('/admin/dashboard', 303);
    const email = formField(request, 'email')?.trim() ?? '';
    const password = formField(request, 'password') ?? '';
    if (email === '' || password === '') return back(request, reply, { path: LOGIN_PATH, error: 'missing_fields' });
    if (!forms.isOurs(request)) return back(request, reply, { path: LOGIN_PATH, error: 'session_error' });
    return answer(request, reply, await login.checkPassword(email, password, networkOf(request)));
  });

  server.get(CODE_PATH, (request, reply) => {
    if (forms.step(request) === undefined) return reply.redirect(`${LOGIN_PATH}?error=session_error`, 303);
    return page(reply, renderCodeForm({ csrf: forms.token(request, reply), ...parseQuery(request) }));
  });

  server.post(CODE_PATH, (request, reply) => {
    if (!isFromThisSite(request, env)) throw csrfRefused();
    const step = forms.step(request);
    if (step === undefined || !forms.isOurs(request)) return back(request, reply, { path: LOGIN_PATH, error: 'session_error' });
    const code = formField(request, 'code')?.trim() ?? '';
    const outcome = login.checkCode(step, code, networkOf(request));
    if (outcome.outcome === 'refused') return back(request, reply, { path: CODE_PATH, error: 'invalid_code' });
    return answer(request, reply, outcome);
  });

  server.post('/admin/logout', { preHandler: sessions.requireOwn() }, (request, reply) => {
    const { account } = sessionOf(request);
    sessions.end(request, reply);
    log.info('user logged out', { user_id: account.id, email: account.email });
    activity.record({
      actor: account,
      action: 'logout',
      resource: 'account',
      resourceId: account.id,
      title: account.name,
      description: 'Logged out',
    });
    return reply.redirect(LOGIN_PATH, 303);
  });
};

const page = (reply: FastifyReply, body: Html): FastifyReply =>
  reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(body.html);

const parseQuery = (request: FastifyRequest): { readonly error: string | undefined; readonly next: string } => {
  const { error, next } = request.query as Readonly<Record<string, unknown>>;
  return {
    error: typeof error === 'string' ? error : undefined,
    next: typeof next === 'string' && next !== '' ? safeNext(next) : '',
  };
};
