/** What the own account looks like: name, password, second factor, where one is logged in. */
import { html, type Html } from '../html/html.ts';
import { renderMoment } from '../admin/moment.ts';
import type { AccountRecord } from './account-records.ts';
import { PASSWORD_LENGTH } from './password.ts';
import { renderQrCode } from './qr-code.ts';
import type { ListedSession } from './sessions.ts';
import { base32, totpAddress } from './totp.ts';

export type OwnAccount = {
  readonly account: AccountRecord;
  readonly csrf: Html;
  readonly recoveryCodes: number;
  readonly sessions: readonly ListedSession[];
};

export const renderOwnAccount = ({ account, csrf, recoveryCodes, sessions }: OwnAccount): Html => html`<section class="box">
<h2>You</h2>
<form method="post" action="/admin/account/name">${csrf}
<div class="field"><label for="name">Name</label><input id="name" name="name" type="text" value="${account.name}" maxlength="100" autocomplete="name" required></div>
<p class="field-help">Mail address ${account.email}, role ${account.role}: an administrator changes these.</p>
<div class="form-buttons"><button class="button" type="submit">Save</button></div>
</form>
</section>
<section class="box">
<h2>Password</h2>
<p><a class="button" href="/admin/account/password">Change the password</a></p>
</section>
<section class="box">
<h2>Second factor</h2>
${account.hasTotp ? renderFactorOn(csrf, recoveryCodes) : renderFactorOff(csrf)}
</section>
<section class="box">
<h2>Where you are logged in</h2>
<section class="table-scroll" tabindex="0" aria-label="Sessions"><table class="records">
<thead><tr><th scope="col">Browser</th><th scope="col">Address</th><th scope="col">Since</th><th scope="col">Last seen</th><th scope="col"><span class="visually-hidden">Action</span></th></tr></thead>
<tbody>${sessions.map((session) => renderSession(session, csrf))}</tbody>
</table></section>
${
  sessions.length > 1 &&
  html`<form method="post" action="/admin/account/sessions/revoke-others">${csrf}
<div class="form-buttons"><button class="button button-danger" type="submit">Log out everywhere else</button></div></form>`
}
</section>`;

/** @param isForced the present one is a one-time password */
export const renderPasswordForm = (csrf: Html, email: string, isForced: boolean): Html => html`<section class="box">
${isForced && html`<p class="notice notice-warning">You logged in with a password that somebody made for you. Choose one of your own to go on.</p>`}
<form method="post" action="/admin/account/password">${csrf}
<input type="text" name="username" value="${email}" autocomplete="username" hidden>
${passwordField('current', 'Present password', 'current-password')}
<div class="field"><label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="${PASSWORD_LENGTH.min}" maxlength="${PASSWORD_LENGTH.max}" aria-describedby="password-help" required>
<p class="field-help" id="password-help">At least ${PASSWORD_LENGTH.min} characters; several words in a row are easy to remember. Everywhere else you are logged out.</p></div>
${passwordField('repeated', 'New password again', 'new-password')}
<div class="form-buttons"><button class="button button-primary" type="submit">Change the password</button></div>
</form>
</section>`;

export const renderFactorSetup = (csrf: Html, secret: Uint8Array, email: string): Html => html`<section class="box">
<p>Scan this with an authenticator app, or type the key into it. Then enter the code that it shows.</p>
<p>${renderQrCode(totpAddress(secret, email), 'QR code for an authenticator app; the key below it says the same')}</p>
<p>Key: <code class="secret">${(base32(secret).match(/.{1,4}/g) ?? []).join(' ')}</code></p>
<form method="post" action="/admin/account/totp">${csrf}
<div class="field"><label for="code">Code</label>
<input id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required></div>
<div class="form-buttons"><button class="button button-primary" type="submit">Turn it on</button> <a class="button" href="/admin/account">Cancel</a></div>
</form>
</section>`;

export const renderRecoveryCodes = (codes: readonly string[]): Html => html`<section class="box">
<p class="notice notice-warning">These are shown only now. Print them, or keep them where your passwords are: each of them lets you in once when the app is lost.</p>
<ul class="recovery-codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a class="button" href="/admin/account">I have kept them</a></p>
</section>`;

const renderFactorOn = (
  csrf: Html,
  recoveryCodes: number,
): Html => html`<p>It is on: logging in takes a code of your authenticator app. ${recoveryCodes} recovery codes are left.</p>
<form method="post" action="/admin/account/recovery-codes">${csrf}
${passwordField('codes-password', 'Your password', 'current-password', 'current')}
<div class="form-buttons"><button class="button" type="submit">New recovery codes</button></div></form>
<form method="post" action="/admin/account/totp/remove">${csrf}
${passwordField('remove-password', 'Your password', 'current-password', 'current')}
<div class="form-buttons"><button class="button button-danger" type="submit">Turn it off</button></div></form>`;

const renderFactorOff = (
  csrf: Html,
): Html => html`<p>It is off. With it, somebody who learns your password still cannot log in.</p>
<form method="post" action="/admin/account/totp/start">${csrf}
${passwordField('totp-password', 'Your password', 'current-password', 'current')}
<div class="form-buttons"><button class="button" type="submit">Set it up</button></div></form>`;

const passwordField = (id: string, label: string, autocomplete: string, name = id): Html =>
  html`<div class="field"><label for="${id}">${label}</label>
<input id="${id}" name="${name}" type="password" autocomplete="${autocomplete}" maxlength="800" required></div>`;

const renderSession = (session: ListedSession, csrf: Html): Html => html`<tr>
<td data-label="Browser">${session.agent === '' ? 'unknown' : describeAgent(session.agent)}</td><td data-label="Address">${session.address}</td>
<td data-label="Since">${renderMoment(session.createdAtMs)}</td><td data-label="Last seen">${renderMoment(session.lastSeenAtMs)}</td>
<td>${
  session.isCurrent
    ? 'This one'
    : html`<form method="post" action="/admin/account/sessions/${session.id}/revoke">${csrf}<button class="button button-small" type="submit">Log out</button></form>`
}</td>
</tr>`;

/** “Firefox, Linux”: what people recognise; the whole text says it to nobody. */
export const describeAgent = (agent: string): string => {
  // The order matters: Edge and Opera call themselves Chrome, and Chrome calls itself Safari.
  const browser = firstFound(agent, {
    'Edg/': 'Edge',
    'OPR/': 'Opera',
    'Firefox/': 'Firefox',
    'Chrome/': 'Chrome',
    'Safari/': 'Safari',
  });
  const system = firstFound(agent, {
    iPhone: 'iPhone',
    iPad: 'iPad',
    Android: 'Android',
    Windows: 'Windows',
    'Mac OS X': 'macOS',
    Linux: 'Linux',
  });
  const known = [browser, system].filter((one) => one !== undefined);
  return known.length === 0 ? agent.slice(0, 60) : known.join(', ');
};

const firstFound = (agent: string, names: Readonly<Record<string, string>>): string | undefined =>
  Object.entries(names).find(([mark]) => agent.includes(mark))?.[1];
