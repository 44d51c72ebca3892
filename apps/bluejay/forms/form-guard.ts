/**
 * Keeps programs away from the forms of the site, with nobody else's help: an input that people do not see, a least time, a
 * proof of work by the page's script, and for visitors without script a second click. Pages are kept, so a token is shared by
 * all who see the same kept page; what is used once is the proof, or the token of the second click.
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { html, type Html } from '../html/html.ts';
import type { Signer } from '../signing.ts';
import { isProof } from './proof-of-work.ts';

/** Nobody fills in five inputs in less. */
const LEAST_MS = 2_000;
/** Longer than any page is kept, and a night with an open tab. */
const TOKEN_MS = 48 * 3_600_000;
const CONFIRM_MS = 3_600_000;
/** What a program fills in, because it is called so. */
const TRAP = 'website';
/** Names of what the guard puts into a form. */
export const GUARD_INPUTS: readonly string[] = ['form_token', 'form_proof', 'form_confirm', TRAP];

export type FormBody = Readonly<Record<string, string>>;

export type Verdict =
  | { readonly verdict: 'person' }
  /** Answer as if all were well, and keep nothing. */
  | { readonly verdict: 'program' }
  /** No script: show what was typed once more, with `inputs` in the form. */
  | { readonly verdict: 'confirm'; readonly inputs: Html }
  /** The page is too old, or was made up: ask to send again, with `inputs` in the form. */
  | { readonly verdict: 'again'; readonly inputs: Html };

export type FormGuard = {
  /** Inputs for a form of this name on a page; the form has the attribute `data-guarded`. */
  inputs(form: string): Html;
  judge(form: string, body: FormBody): Verdict;
  /** Forgets tokens that are too old to be used; gives the number of rows. */
  sweep(): number;
};

export const createFormGuard = (options: {
  readonly database: DatabaseSync;
  readonly signer: Signer;
  readonly now: () => number;
}): FormGuard => {
  const { database, signer, now } = options;
  const use = database.prepare('INSERT INTO form_tokens_used (token, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const forget = database.prepare('DELETE FROM form_tokens_used WHERE expires_at <= ?');

  const tokenOf = (form: string): string => signer.sign('form', `${form} ${now()}`, now() + TOKEN_MS);
  const confirmInputs = (form: string, body: FormBody): Html => {
    const token = signer.sign('form-confirm', `${form} ${now()} ${digestOf(body)}`, now() + CONFIRM_MS);
    return html`<input type="hidden" name="form_confirm" value="${token}">`;
  };
  /** False for what was used before. */
  const useOnce = (what: string, lifeMs: number): boolean =>
    use.run(createHash('sha256').update(what).digest('base64url'), now() + lifeMs).changes === 1;
  /** The rest of the payload of a token that is old enough. */
  const read = (purpose: string, form: string, token: string | undefined): string | undefined => {
    const [name, issuedAtMs, rest = ''] = signer.verify(purpose, token ?? '')?.split(' ') ?? [];
    return name === form && now() - Number(issuedAtMs) >= LEAST_MS ? rest : undefined;
  };

  return {
    inputs: (form) => html`<input type="hidden" name="form_token" value="${tokenOf(form)}">
<input type="hidden" name="form_proof" value="">
<p class="form-trap" aria-hidden="true"><label>Leave this empty <input type="text" name="${TRAP}" tabindex="-1" autocomplete="off"></label></p>`,
    judge(form, body) {
      if ((body[TRAP] ?? '') !== '') return { verdict: 'program' };
      const token = body['form_token'] ?? '';
      const proof = body['form_proof'] ?? '';
      if (body['form_confirm'] !== undefined && body['form_confirm'] !== '') {
        const isSame = read('form-confirm', form, body['form_confirm']) === digestOf(body);
        const isFirst = isSame && useOnce(body['form_confirm'], CONFIRM_MS);
        return isFirst ? { verdict: 'person' } : { verdict: 'again', inputs: confirmInputs(form, body) };
      }
      if (read('form', form, token) === undefined) return { verdict: 'again', inputs: confirmInputs(form, body) };
      if (proof === '') return { verdict: 'confirm', inputs: confirmInputs(form, body) };
      const isNew = isProof(token, proof) && useOnce(`${token}:${proof}`, TOKEN_MS);
      return isNew ? { verdict: 'person' } : { verdict: 'again', inputs: confirmInputs(form, body) };
    },
    sweep: () => Number(forget.run(now()).changes),
  };
};

/** Of what the visitor typed: a second click sends just that. */
const digestOf = (body: FormBody): string => {
  const typed = Object.entries(body)
    .filter(([name]) => !name.startsWith('form_') && name !== TRAP)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(typed)).digest('base64url');
};
