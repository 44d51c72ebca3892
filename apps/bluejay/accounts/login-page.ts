/** The pages of somebody who is not logged in yet: a frame of their own, without the panel around it. */
import { assetPath } from '../html/assets.ts';
import { html, type Html } from '../html/html.ts';

export type LoginPage = {
  readonly csrf: string;
  /** Where to go afterwards; '' for the dashboard. */
  readonly next: string;
  /** Code of what went wrong, from the address: whatever is not known shows nothing. */
  readonly error?: string | undefined;
};

const ERRORS: Readonly<Record<string, string>> = {
  missing_fields: 'Mail address and password, please.',
  invalid_credentials: 'The mail address or the password is wrong.',
  invalid_code: 'This code is wrong, or was used already. Wait for the next one.',
  session_error: 'Your browser kept no session: cookies may be off, or too much time has passed. Please try again.',
};

export const renderLogin = (page: LoginPage): Html =>
  frame(
    page,
    'Log in',
    html`<form method="post" action="/admin/login" class="login-form">
${hiddenInputs(page)}
<div class="field"><label for="email">Mail address</label>
<input id="email" name="email" type="email" autocomplete="username" maxlength="254" required autofocus></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="800" required></div>
<div class="form-buttons"><button class="button button-primary" type="submit">Log in</button></div>
</form>`,
  );

export const renderCodeForm = (page: LoginPage): Html =>
  frame(
    page,
    'Your code',
    html`<form method="post" action="/admin/login/code" class="login-form">
${hiddenInputs(page)}
<div class="field"><label for="code">Code of your authenticator app, or a recovery code</label>
<input id="code" name="code" type="text" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" maxlength="40" required autofocus></div>
<div class="form-buttons"><button class="button button-primary" type="submit">Log in</button></div>
</form>
<p><a href="/admin/login">Log in as somebody else</a></p>`,
  );

/** Instead of the form: somebody tried too often. */
export const renderThrottled = (retryAfterSec: number): Html =>
  frame(
    {},
    'Too many attempts',
    html`<p class="notice notice-error" role="alert">There were too many attempts to log in. Try again in ${describeWait(retryAfterSec)}.</p>
<p><a class="button" href="/admin/login">Back to the login</a></p>`,
  );

export const describeWait = (seconds: number): string => {
  if (seconds <= 90) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
};

const hiddenInputs = ({ csrf, next }: LoginPage): Html => html`<input type="hidden" name="_csrf" value="${csrf}">
<input type="hidden" name="next" value="${next}">`;

const frame = ({ error = '' }: { readonly error?: string | undefined }, title: string, body: Html): Html => {
  const message = Object.hasOwn(ERRORS, error) ? ERRORS[error] : undefined;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Bluejay</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath('admin.css')}">
</head>
<body class="login">
<main class="login-box box">
<p class="login-name">Bluejay</p>
<h1>${title}</h1>
${message !== undefined && html`<p class="notice notice-error" role="alert">${message}</p>`}
${body}
</main>
</body>
</html>
`;
};
