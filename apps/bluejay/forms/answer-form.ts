/** Answers a form of the site: into its place for a script, as a whole page otherwise. */
import { prefersHtml } from '@berth/kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bluejay } from '../bluejay.ts';
import { type Html } from '../html/html.ts';
import type { SiteFrame, SitePage } from '../site/site-frame.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { type FilledForm, type FormField, type FormValues, readForm } from './form-fields.ts';
import { createFormGuard, type FormBody, type FormGuard } from './form-guard.ts';
import { MOST_MESSAGES, WINDOW_MS } from './limits.ts';
import { renderConfirmation, renderForm, type ShownForm } from './render-form.ts';
import { takeForm } from './take-form.ts';

export type SiteForm = {
  /** Of the guard. */
  readonly form: string;
  readonly fields: readonly FormField[];
  readonly shown: Pick<ShownForm, 'id' | 'action' | 'submit' | 'note'>;
  readonly body: FormBody;
  /** The whole page around the form, or around what stands in its place. */
  page(content: Html): SitePage;
  /** Keeps what was typed, and gives what stands in the form's place afterwards. */
  accept(values: FormValues): Html;
  /** The same to look at, with nothing kept and nothing given out. */
  pretend(): Html;
};

export type FormParts = Pick<Bluejay, 'env' | 'database' | 'signer' | 'log' | 'now'> & {
  readonly site: Pick<SiteFrame, 'answer' | 'failed'>;
  readonly instruments: { readonly rateLimited: Bluejay['instruments']['rateLimited'] };
};

export type FormDesk = {
  readonly guard: FormGuard;
  answer(request: FastifyRequest, reply: FastifyReply, form: SiteForm): FastifyReply;
};

/** One of them answers all forms: they are counted together. */
export const createFormDesk = (parts: FormParts): FormDesk => {
  const { env, site, log, instruments } = parts;
  const guard = createFormGuard(parts);
  const attempts: Attempts = createAttempts({ ...parts, most: MOST_MESSAGES, windowMs: WINDOW_MS });

  return {
    guard,
    answer(request, reply, siteForm) {
      const { form, fields, body, shown } = siteForm;
      const filled = readForm(fields, body);
      const send = (status: number, fragment: Html): FastifyReply =>
        site.answer(request, reply, { ...siteForm.page(fragment), status, fragment, noIndex: true });
      const again = (status: number, more: Partial<FilledForm> & { message?: string; inputs?: Html }): FastifyReply =>
        send(status, renderForm({ ...shown, fields, ...filled, problems: {}, inputs: guard.inputs(form), ...more }));

      const taken = takeForm(request, { form, body, filled }, { env, guard, attempts });
      switch (taken.outcome) {
        case 'foreign':
          return site.failed(request, reply, {
            status: 403,
            title: 'This form came from somewhere else',
            message: 'Another site sent it. Please open the page on this site, and send it from there.',
          });
        case 'limited': {
          instruments.rateLimited.with({ what: 'form' }).increment();
          void reply.header('Retry-After', String(taken.retryAfterSec));
          if (wantsProgram(request))
            return reply
              .code(429)
              .header('Cache-Control', 'no-store')
              .send({ error: 'Too many requests. Please try again later.' });
          return again(429, { message: `Too many messages came from you lately. ${retryIn(taken.retryAfterSec)}` });
        }
        case 'change':
          return again(200, {});
        case 'mistakes':
          return again(400, { problems: filled.problems, message: mistakes(filled.problems) });
        case 'confirm':
          return send(200, renderConfirmation({ ...shown, fields, ...filled, inputs: taken.inputs }));
        case 'again':
          return again(400, {
            message: 'This page was open for long, or quickly filled in. Please send it once more.',
            inputs: taken.inputs,
          });
        case 'program':
          log.info('form_refused', { form, reason: 'program' });
          return send(200, siteForm.pretend());
        case 'person':
          return send(200, siteForm.accept(filled.values));
      }
    },
  };
};

/** Neither the script of the page nor a person who looks at the answer. */
const wantsProgram = ({ headers }: FastifyRequest): boolean => headers['hx-request'] !== 'true' && !prefersHtml(headers.accept);

const mistakes = (problems: FormValues): string => {
  const count = Object.keys(problems).length;
  return count === 1
    ? 'One thing is missing or wrong; it is marked below.'
    : `${count} things are missing or wrong; they are marked below.`;
};

const retryIn = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60);
  return `Please try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}, or call us. What you typed is still here.`;
};
