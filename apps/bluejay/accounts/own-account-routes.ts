/** /admin/account: what everybody may do with the own account. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { textSent } from '../admin/sent.ts';
import type { Routes } from '../bluejay.ts';
import type { Html } from '../html/html.ts';
import { inTransaction } from '../store/transaction.ts';
import { note, parseName } from './account-administration.ts';
import { type AccountRecord, openAccounts } from './account-records.ts';
import { renderFactorSetup, renderOwnAccount, renderPasswordForm, renderRecoveryCodes } from './account-screens.ts';
import { AccountError, accountGone } from './errors.ts';
import { createLogin } from './login.ts';
import { describeWait } from './login-page.ts';
import { hashPassword, passwordProblem } from './password.ts';
import { formField } from './request-origin.ts';
import { openSecondFactor } from './second-factor.ts';
import { type Session, sessionOf } from './session.ts';
import { openSessions } from './sessions.ts';

const ACCOUNT = '/admin/account';

const DONE: Readonly<Record<string, string>> = {
  '1': 'Saved.',
  password: 'Your password is changed. Everywhere else you are logged out.',
  'totp-off': 'The second factor is off.',
  sessions: 'Logged out there.',
};

type Problem = { readonly text: string; readonly status: number };

export const ownAccountRoutes: Routes = (server, bluejay) => {
  const { database, now, admin } = bluejay;
  const sessions = openSessions(bluejay);
  const accounts = openAccounts(database, now);
  const secondFactor = openSecondFactor(database, now);
  const login = createLogin(bluejay);
  const anybody = { preHandler: sessions.require('panel') };
  const evenWithOneTimePassword = { preHandler: sessions.requireOwn() };

  const own = (session: Session): AccountRecord => {
    const account = accounts.find(session.account.id);
    if (account === undefined) throw accountGone();
    return account;
  };
  const screen = (
    reply: FastifyReply,
    session: Session,
    shown: { title: string; body: Html; problem?: Problem; done?: string },
  ) =>
    admin.send(reply, {
      title: shown.title,
      session,
      section: ACCOUNT,
      body: shown.body,
      ...(shown.problem !== undefined && { status: shown.problem.status }),
      notice:
        shown.problem !== undefined
          ? { kind: 'error', text: shown.problem.text }
          : shown.done !== undefined
            ? { kind: 'success', text: shown.done }
            : undefined,
    });
  const overview = (request: FastifyRequest, reply: FastifyReply, problem?: Problem): FastifyReply => {
    const session = sessionOf(request);
    const saved = textSent(request.query, 'saved');
    const body = renderOwnAccount({
      account: own(session),
      csrf: admin.csrfInput(session),
      recoveryCodes: secondFactor.countRecoveryCodes(session.account.id),
      sessions: sessions.list(request, session.account.id),
    });
    const done = Object.hasOwn(DONE, saved) ? DONE[saved] : undefined;
    return screen(reply, session, {
      title: 'Your account',
      body,
      ...(problem && { problem }),
      ...(done !== undefined && { done }),
    });
  };
  const passwordScreen = (request: FastifyRequest, reply: FastifyReply, problem?: Problem): FastifyReply => {
    const session = sessionOf(request);
    const { email, mustChangePassword } = own(session);
    const body = renderPasswordForm(admin.csrfInput(session), email, mustChangePassword);
    return screen(reply, session, { title: 'Your password', body, ...(problem && { problem }) });
  };
  /** Undefined: the password in the field `current` is the account's. */
  const passwordRefused = async (request: FastifyRequest, reply: FastifyReply): Promise<Problem | undefined> => {
    const outcome = await login.confirm(sessionOf(request).account, formField(request, 'current') ?? '');
    if (outcome.outcome === 'accepted') return undefined;
    if (outcome.outcome !== 'throttled') return { text: 'This is not your present password.', status: 400 };
    reply.header('Retry-After', String(outcome.retryAfterSec));
    return { text: `Too many attempts. Try again in ${describeWait(outcome.retryAfterSec)}.`, status: 429 };
  };
  const tell = ({ account }: Session, description: string): void =>
    note(bluejay, { account, actor: account, action: 'updated', description });

  server.get(ACCOUNT, anybody, (request, reply) => overview(request, reply));

  server.post(`${ACCOUNT}/name`, anybody, (request, reply) => {
    const session = sessionOf(request);
    try {
      accounts.rename(session.account.id, parseName(formField(request, 'name') ?? ''));
    } catch (error) {
      if (error instanceof AccountError) return overview(request, reply, { text: error.message, status: error.statusCode });
      throw error;
    }
    tell(session, 'Changed the own name');
    return reply.redirect(`${ACCOUNT}?saved=1`, 303);
  });

  server.get(`${ACCOUNT}/password`, evenWithOneTimePassword, (request, reply) => passwordScreen(request, reply));

  server.post(`${ACCOUNT}/password`, evenWithOneTimePassword, async (request, reply) => {
    const session = sessionOf(request);
    const refused = await passwordRefused(request, reply);
    if (refused !== undefined) return passwordScreen(request, reply, refused);
    const password = formField(request, 'password') ?? '';
    const problem = newPasswordProblem(request, session);
    if (problem !== null) return passwordScreen(request, reply, { text: problem, status: 400 });
    const hash = await hashPassword(password);
    inTransaction(database, () => {
      accounts.setPassword(session.account.id, { hash, oneTimeUntilMs: null });
      sessions.revokeOthers(request, session.account.id);
      sessions.rotate(request, reply);
      tell(session, 'Changed the own password');
    });
    return reply.redirect(`${ACCOUNT}?saved=password`, 303);
  });

  server.post(`${ACCOUNT}/totp/start`, anybody, async (request, reply) => {
    const refused = await passwordRefused(request, reply);
    if (refused !== undefined) return overview(request, reply, refused);
    secondFactor.begin(sessionOf(request).account.id);
    return reply.redirect(`${ACCOUNT}/totp`, 303);
  });

  const setupScreen = (request: FastifyRequest, reply: FastifyReply, problem?: Problem): FastifyReply => {
    const session = sessionOf(request);
    const secret = secondFactor.pending(session.account.id);
    if (secret === undefined) return reply.redirect(ACCOUNT, 303);
    const body = renderFactorSetup(admin.csrfInput(session), secret, session.account.email);
    return screen(reply, session, { title: 'Second factor', body, ...(problem && { problem }) });
  };

  server.get(`${ACCOUNT}/totp`, anybody, (request, reply) => setupScreen(request, reply));

  server.post(`${ACCOUNT}/totp`, anybody, (request, reply) => {
    const { account } = sessionOf(request);
    const codes = secondFactor.confirm(account.id, formField(request, 'code') ?? '');
    if (codes === undefined)
      return setupScreen(request, reply, { text: 'This is not the code of this moment. Is the clock right?', status: 400 });
    sessions.revokeOthers(request, account.id);
    const session = sessions.rotate(request, reply) ?? sessionOf(request);
    tell(session, 'Turned the second factor on');
    return screen(reply, session, { title: 'Recovery codes', body: renderRecoveryCodes(codes) });
  });

  server.post(`${ACCOUNT}/totp/remove`, anybody, async (request, reply) => {
    const refused = await passwordRefused(request, reply);
    if (refused !== undefined) return overview(request, reply, refused);
    const session = sessionOf(request);
    secondFactor.remove(session.account.id);
    sessions.rotate(request, reply);
    tell(session, 'Turned the second factor off');
    return reply.redirect(`${ACCOUNT}?saved=totp-off`, 303);
  });

  server.post(`${ACCOUNT}/recovery-codes`, anybody, async (request, reply) => {
    const refused = await passwordRefused(request, reply);
    if (refused !== undefined) return overview(request, reply, refused);
    const session = sessionOf(request);
    if (!own(session).hasTotp) return reply.redirect(ACCOUNT, 303);
    const codes = secondFactor.renewRecoveryCodes(session.account.id);
    tell(session, 'Made new recovery codes');
    return screen(reply, session, { title: 'Recovery codes', body: renderRecoveryCodes(codes) });
  });

  server.post(`${ACCOUNT}/sessions/revoke-others`, anybody, (request, reply) => {
    sessions.revokeOthers(request, sessionOf(request).account.id);
    return reply.redirect(`${ACCOUNT}?saved=sessions`, 303);
  });

  server.post<{ Params: { id: string } }>(`${ACCOUNT}/sessions/:id/revoke`, anybody, (request, reply) => {
    // Of the own account only: another's number changes nothing.
    sessions.revoke(sessionOf(request).account.id, Number(request.params.id) || 0);
    return reply.redirect(`${ACCOUNT}?saved=sessions`, 303);
  });
};

const newPasswordProblem = (request: FastifyRequest, { account }: Session): string | null => {
  const password = formField(request, 'password') ?? '';
  if (password !== formField(request, 'repeated')) return 'The new password was not the same both times.';
  if (password === formField(request, 'current')) return 'The new password is the present one.';
  return passwordProblem(password, account);
};
