/** /admin/accounts: everybody's accounts, for administrators. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { idSent, textSent, textsSent } from '../admin/sent.ts';
import type { Routes } from '../bluejay.ts';
import { html, type Html } from '../html/html.ts';
import {
  type AccountForm,
  createAccount,
  note,
  removeAccount,
  removeSecondFactor,
  resetPassword,
  updateAccount,
} from './account-administration.ts';
import { type AccountRecord, openAccounts } from './account-records.ts';
import { renderAccount, renderAccounts, renderNewAccount, renderOneTimePassword } from './administration-screens.ts';
import { AccountError, accountGone } from './errors.ts';
import { sessionOf } from './session.ts';
import { openSessions } from './sessions.ts';

const ACCOUNTS = '/admin/accounts';

const DONE: Readonly<Record<string, string>> = {
  '1': 'Saved.',
  deleted: 'The account is deleted.',
  totp: 'The second factor is removed.',
  sessions: 'The account is logged out everywhere.',
};

const NEW_BUTTON = html`<a class="button button-primary" href="/admin/accounts/new">New account</a>`;

type OfAccount = { Params: { id: string } };

export const administrationRoutes: Routes = (server, bluejay) => {
  const { database, now, admin } = bluejay;
  const accounts = openAccounts(database, now);
  const guarded = { preHandler: openSessions(bluejay).require('accounts') };

  const get = (request: FastifyRequest<OfAccount>): AccountRecord => {
    const account = accounts.find(idSent(request.params.id) ?? 0);
    if (account === undefined) throw accountGone();
    return account;
  };
  const screen = (
    request: FastifyRequest,
    reply: FastifyReply,
    shown: { readonly title: string; readonly body: Html; readonly actions?: Html; readonly refused?: AccountError },
  ): FastifyReply => {
    const { title, body, actions, refused } = shown;
    const saved = textSent(request.query, 'saved');
    const done = Object.hasOwn(DONE, saved) ? DONE[saved] : undefined;
    return admin.send(reply, {
      title,
      session: sessionOf(request),
      section: ACCOUNTS,
      body,
      ...(actions !== undefined && { actions }),
      ...(refused !== undefined && { status: refused.statusCode }),
      notice:
        refused !== undefined
          ? { kind: 'error', text: refused.message }
          : done !== undefined
            ? { kind: 'success', text: done }
            : undefined,
    });
  };
  const newScreen = (request: FastifyRequest, reply: FastifyReply, form: AccountForm, refused?: AccountError): FastifyReply =>
    screen(request, reply, {
      title: 'New account',
      body: renderNewAccount(admin.csrfInput(sessionOf(request)), form),
      ...(refused !== undefined && { refused }),
    });
  const editScreen = (
    request: FastifyRequest<OfAccount>,
    reply: FastifyReply,
    typed?: { readonly form: AccountForm & { readonly isActive: boolean }; readonly refused: AccountError },
  ): FastifyReply => {
    const account = get(request);
    const session = sessionOf(request);
    const isOwn = account.id === session.account.id;
    const body = renderAccount({ csrf: admin.csrfInput(session), account, form: typed?.form ?? account, isOwn });
    return screen(request, reply, { title: account.name, body, ...(typed !== undefined && { refused: typed.refused }) });
  };
  const edited = (account: AccountRecord, saved: string): string => `${ACCOUNTS}/${account.id}/edit?saved=${saved}`;

  server.get(ACCOUNTS, guarded, (request, reply) =>
    screen(request, reply, { title: 'Accounts', body: renderAccounts(accounts.list()), actions: NEW_BUTTON }),
  );

  server.get(`${ACCOUNTS}/new`, guarded, (request, reply) => newScreen(request, reply, { name: '', email: '', role: 'editor' }));

  server.post(ACCOUNTS, guarded, async (request, reply) => {
    const form = formOf(request);
    const created = await createAccount(bluejay, form, sessionOf(request).account).catch((error: unknown) => {
      if (error instanceof AccountError) return error;
      throw error;
    });
    if (created instanceof AccountError) return newScreen(request, reply, form, created);
    const { account, oneTimePassword } = created;
    const body = renderOneTimePassword(account, oneTimePassword ?? '');
    return screen(request, reply, { title: `Account of ${account.name}`, body });
  });

  server.get<OfAccount>(`${ACCOUNTS}/:id/edit`, guarded, (request, reply) => editScreen(request, reply));

  server.post<OfAccount>(`${ACCOUNTS}/:id`, guarded, (request, reply) => {
    const { id } = get(request);
    const form = formOf(request);
    // A hidden input of the same name stands before the box.
    const isActive = textsSent(request.body, 'isActive').includes('1');
    try {
      return reply.redirect(edited(updateAccount(bluejay, { id, form, isActive }, sessionOf(request).account), '1'), 303);
    } catch (error) {
      if (error instanceof AccountError) return editScreen(request, reply, { form: { ...form, isActive }, refused: error });
      throw error;
    }
  });

  server.post<OfAccount>(`${ACCOUNTS}/:id/password`, guarded, async (request, reply) => {
    const { id } = get(request);
    const { account: actor } = sessionOf(request);
    if (id === actor.id) return reply.redirect('/admin/account/password', 303);
    const { account, oneTimePassword } = await resetPassword(bluejay, id, actor);
    return screen(request, reply, {
      title: `Account of ${account.name}`,
      body: renderOneTimePassword(account, oneTimePassword),
    });
  });

  server.post<OfAccount>(`${ACCOUNTS}/:id/totp/remove`, guarded, (request, reply) => {
    const account = get(request);
    const { account: actor } = sessionOf(request);
    // The own one costs the own password.
    if (account.id === actor.id) return reply.redirect('/admin/account', 303);
    removeSecondFactor(bluejay, account.id, actor);
    return reply.redirect(edited(account, 'totp'), 303);
  });

  server.post<OfAccount>(`${ACCOUNTS}/:id/sessions/revoke`, guarded, (request, reply) => {
    const account = get(request);
    accounts.endSessions(account.id);
    const description = `Logged ${account.name} out everywhere`;
    note(bluejay, { account, actor: sessionOf(request).account, action: 'updated', description });
    return reply.redirect(edited(account, 'sessions'), 303);
  });

  server.post<OfAccount>(`${ACCOUNTS}/:id/delete`, guarded, (request, reply) => {
    const { account: actor } = sessionOf(request);
    try {
      removeAccount(bluejay, get(request).id, actor);
      return reply.redirect(`${ACCOUNTS}?saved=deleted`, 303);
    } catch (error) {
      if (error instanceof AccountError && error.statusCode === 409)
        return editScreen(request, reply, { form: get(request), refused: error });
      throw error;
    }
  });

  server.delete<OfAccount>(`${ACCOUNTS}/:id`, guarded, (request, reply) => {
    removeAccount(bluejay, get(request).id, sessionOf(request).account);
    return reply.code(204).send();
  });
};

const formOf = ({ body }: FastifyRequest): AccountForm => ({
  email: textSent(body, 'email'),
  name: textSent(body, 'name'),
  role: textSent(body, 'role'),
});
