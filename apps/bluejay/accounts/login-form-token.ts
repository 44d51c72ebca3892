/**
 * Before anybody is logged in there is no session to bind a form to: the login page gives the browser a cookie of its own, and
 * the form a token made from it. Without it, another site could log a visitor into an account of its own.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bluejay } from '../bluejay.ts';
import { carriesToken } from './request-origin.ts';
import { createToken, csrfTokenOf, readCookie, writeCookie } from './session-cookie.ts';

export const LOGIN_PATH = '/admin/login';
const FORM_COOKIE = 'bluejay_login';
const STEP_COOKIE = 'bluejay_login_step';
const STEP = 'login-step';
const HOUR_SEC = 3_600;
const STEP_MS = 300_000;

/** Whose password was right, until the code is. */
export type LoginStep = { readonly accountId: number; readonly stamp: string };

export type LoginForms = {
  /** The token for a form of the login; sets the cookie unless the browser has it. */
  token(request: FastifyRequest, reply: FastifyReply): string;
  isOurs(request: FastifyRequest): boolean;
  /** In a signed cookie of five minutes: the server keeps nothing of somebody who is not logged in yet. */
  rememberStep(reply: FastifyReply, step: LoginStep): void;
  step(request: FastifyRequest): LoginStep | undefined;
  forget(reply: FastifyReply): void;
};

export const createLoginForms = ({ env, signer, now }: Pick<Bluejay, 'env' | 'signer' | 'now'>): LoginForms => {
  const set = (reply: FastifyReply, name: string, cookie: { readonly value: string; readonly maxAgeSec: number }): void =>
    writeCookie(reply, { name, ...cookie, path: LOGIN_PATH, secure: env.isProduction });
  return {
    token(request, reply) {
      const own = readCookie(request, FORM_COOKIE);
      const value = own ?? createToken();
      if (own === undefined) set(reply, FORM_COOKIE, { value, maxAgeSec: HOUR_SEC });
      return csrfTokenOf(value);
    },
    isOurs(request) {
      const own = readCookie(request, FORM_COOKIE);
      return own !== undefined && carriesToken(request, csrfTokenOf(own));
    },
    rememberStep(reply, { accountId, stamp }) {
      const value = signer.sign(STEP, `${accountId}.${stamp}`, now() + STEP_MS);
      set(reply, STEP_COOKIE, { value, maxAgeSec: STEP_MS / 1_000 });
    },
    step(request) {
      const [, accountId, stamp] = /^(\d+)\.(.+)$/.exec(signer.verify(STEP, readCookie(request, STEP_COOKIE) ?? '') ?? '') ?? [];
      return accountId === undefined || stamp === undefined ? undefined : { accountId: Number(accountId), stamp };
    },
    forget(reply) {
      for (const name of [FORM_COOKIE, STEP_COOKIE]) set(reply, name, { value: '', maxAgeSec: 0 });
    },
  };
};
