/** What a form is rendered with in tests: content in memory, a library of names, and an account that may do everything. */
import type { Account, Session } from '../../../accounts/session.ts';
import type { Content } from '../../../content/content.ts';
import { NOON } from '../../../content/testing/test-content.ts';
import { html } from '../../../html/html.ts';
import type { FormParts } from '../form-context.ts';
import { fakeLibrary } from './fake-library.ts';

export const EDITOR: Account = { id: 1, email: 'ada@example.com', name: 'Ada', role: 'admin' };

export const sessionFor = (account: Account = EDITOR): Session => ({ account, csrf: 'token-of-the-session' });

export const formParts = (content: Content): FormParts => ({
  content,
  media: fakeLibrary(),
  env: { baseUrl: new URL('https://www.example.com') },
  admin: { csrfInput: (session) => html`<input type="hidden" name="_csrf" value="${session.csrf}">` },
  now: () => NOON,
});
