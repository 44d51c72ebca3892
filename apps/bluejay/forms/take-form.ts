/** What is to be done with a form that came in: from whom it is, how many there were, what is in it. */
import type { FastifyRequest } from 'fastify';
import { isFromThisSite } from '../accounts/request-origin.ts';
import type { Environment } from '../env.ts';
import type { Html } from '../html/html.ts';
import type { Attempts } from './attempts.ts';
import type { FilledForm } from './form-fields.ts';
import { type FormBody, type FormGuard, GUARD_INPUTS, type Verdict } from './form-guard.ts';

export type Outcome =
  /** A page of another site sent it. */
  | { readonly outcome: 'foreign' }
  | { readonly outcome: 'limited'; readonly retryAfterSec: number }
  /** The visitor wants to change what he saw once more. */
  | { readonly outcome: 'change' }
  | { readonly outcome: 'mistakes' }
  | { readonly outcome: 'confirm' | 'again'; readonly inputs: Html }
  /** Answer as if all were well, and keep nothing. */
  | { readonly outcome: 'program' }
  | { readonly outcome: 'person' };

export type SentForm = {
  /** Of the guard. */
  readonly form: string;
  readonly body: FormBody;
  readonly filled: FilledForm;
};

export type Taking = {
  readonly env: Pick<Environment, 'baseUrl' | 'trustedProxies' | 'limitKeyOf'>;
  readonly guard: Pick<FormGuard, 'judge'>;
  readonly attempts: Pick<Attempts, 'take'>;
};

/** Everything counts that was sent, mistakes too; only the second click of somebody without script belongs to the first. */
export const takeForm = (request: FastifyRequest, sent: SentForm, { env, guard, attempts }: Taking): Outcome => {
  if (!isFromThisSite(request, env)) return { outcome: 'foreign' };
  const { form, body, filled } = sent;
  if (body['form_change'] !== undefined) return { outcome: 'change' };
  const isRight = Object.keys(filled.problems).length === 0;
  const judge = (): Verdict => guard.judge(form, { ...filled.values, ...picked(body) });
  const isSecondClick = isRight && (body['form_confirm'] ?? '') !== '';
  // Such a click is believed once, and was asked for by a form that was counted.
  const early = isSecondClick ? judge() : undefined;
  if (early?.verdict === 'person') return { outcome: 'person' };
  const taken = attempts.take(env.limitKeyOf(request.socket.remoteAddress, request.headers['x-forwarded-for']));
  if (!taken.isAllowed) return { outcome: 'limited', retryAfterSec: taken.retryAfterSec };
  if (!isRight) return { outcome: 'mistakes' };
  const verdict = early ?? judge();
  if (verdict.verdict === 'person' || verdict.verdict === 'program') return { outcome: verdict.verdict };
  return { outcome: verdict.verdict, inputs: verdict.inputs };
};

/** What the guard put into the form; whatever else a program adds is not looked at. */
const picked = (body: FormBody): FormBody =>
  Object.fromEntries(Object.entries(body).filter(([name]) => GUARD_INPUTS.includes(name)));
