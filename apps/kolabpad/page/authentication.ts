/** A document that is locked, and a link without its token: the way in is the token, the way out a new document. */
import { openBlocking } from './dialog.ts';
import { find } from './elements.ts';

export type Refusal = 'missing' | 'wrong' | 'unknown-link';

const WORDS: Readonly<Record<Refusal, readonly [title: string, text: string]>> = {
  missing: ['Authentication required', 'This document is locked. Ask for the whole link, or enter its token.'],
  wrong: ['Authentication required', 'This token does not open the document. It may have been changed since you got the link.'],
  'unknown-link': ['This link leads nowhere', 'There is no such read-only link, or it was revoked.'],
};

/** Resolves with the token that was entered. For a link that leads nowhere it never does: the page can only be left. */
export function askForToken(refusal: Refusal, signal: AbortSignal): Promise<string> {
  const dialog = find('authentication', HTMLDialogElement);
  const form = find('authentication-form', HTMLFormElement);
  const field = find('authentication-token', HTMLInputElement);
  const [title, text] = WORDS[refusal];
  find('authentication-title', HTMLElement).textContent = title;
  find('authentication-text', HTMLElement).textContent = text;
  for (const id of ['authentication-entry', 'authentication-submit']) find(id, HTMLElement).hidden = refusal === 'unknown-link';
  field.value = '';
  const close = openBlocking(dialog);
  signal.addEventListener('abort', close, { once: true });
  return new Promise((resolve) => {
    form.addEventListener(
      'submit',
      (event) => {
        event.preventDefault();
        const token = tokenIn(field.value);
        if (token === '') {
          field.focus();
          return;
        }
        signal.removeEventListener('abort', close);
        close();
        resolve(token);
      },
      { signal },
    );
  });
}

/** People paste the whole link as often as the token. */
export const tokenIn = (entered: string): string => /[?&]otp=([^&\s]+)/.exec(entered)?.[1] ?? entered.trim();
