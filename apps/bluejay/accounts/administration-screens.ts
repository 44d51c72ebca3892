/** What an administrator sees of everybody's accounts. */
import { renderMoment } from '../admin/moment.ts';
import { attribute, html, type Html } from '../html/html.ts';
import type { AccountForm } from './account-administration.ts';
import type { AccountRecord } from './account-records.ts';
import { type Role, ROLES } from './permissions.ts';

const ROLE_NAMES: Readonly<Record<Role, string>> = {
  admin: 'Administrator: everything',
  editor: 'Editor: all content, messages, activity',
  author: 'Author: own drafts, media',
  viewer: 'Viewer: looks, changes nothing',
};

export const renderAccounts = (
  accounts: readonly AccountRecord[],
): Html => html`<section class="table-scroll" tabindex="0" aria-label="Accounts">
<table class="records">
<thead><tr><th scope="col">Name</th><th scope="col">Mail address</th><th scope="col">Role</th><th scope="col">State</th><th scope="col">Second factor</th><th scope="col">Last login</th></tr></thead>
<tbody>${accounts.map(
  (
    account,
  ) => html`<tr><th scope="row"><a href="/admin/accounts/${account.id}/edit">${account.name}</a></th><td data-label="Mail address">${account.email}</td><td data-label="Role">${account.role}</td>
<td data-label="State">${describeState(account)}</td><td data-label="Second factor">${account.hasTotp ? 'On' : 'Off'}</td>
<td data-label="Last login">${account.lastLoginAtMs === null ? 'Never' : renderMoment(account.lastLoginAtMs)}</td></tr>`,
)}</tbody>
</table></section>`;

export const renderNewAccount = (csrf: Html, form: AccountForm): Html => html`<section class="box">
<form method="post" action="/admin/accounts">${csrf}
${accountFields(form)}
<p class="field-help">A password is made for the first login, and shown to you once.</p>
<div class="form-buttons"><button class="button button-primary" type="submit">Create the account</button> <a class="button" href="/admin/accounts">Cancel</a></div>
</form>
</section>`;

export type EditedAccount = {
  readonly csrf: Html;
  readonly account: AccountRecord;
  /** What was typed, when it was refused. */
  readonly form: AccountForm & { readonly isActive: boolean };
  /** Of whoever looks at it: own password and second factor have a screen of their own. */
  readonly isOwn: boolean;
};

export const renderAccount = ({ csrf, account, form, isOwn }: EditedAccount): Html => html`<section class="box">
<form method="post" action="/admin/accounts/${account.id}">${csrf}
${accountFields(form)}
<div class="field field-flag"><input type="hidden" name="isActive" value=""><input id="isActive" name="isActive" type="checkbox" value="1"${attribute('checked', form.isActive)}>
<label for="isActive">Active: may log in</label></div>
<div class="form-buttons"><button class="button button-primary" type="submit">Save</button> <a class="button" href="/admin/accounts">Back</a></div>
</form>
</section>
${
  isOwn
    ? html`<p>Your password and second factor are on <a href="/admin/account">your account</a>.</p>`
    : html`<section class="box">
<h2>Access</h2>
${action(account, csrf, { path: 'password', label: 'Make a new one-time password', help: 'Ends all sessions of the account.' })}
${account.hasTotp && action(account, csrf, { path: 'totp/remove', label: 'Remove the second factor', help: 'For somebody who lost telephone and recovery codes. Make sure that it is really this person who asks.' })}
${action(account, csrf, { path: 'sessions/revoke', label: 'Log out everywhere', help: '' })}
</section>`
}
<section class="box">
<h2>Delete</h2>
<details class="confirmation"><summary class="button button-danger">Delete the account</summary>
${action(account, csrf, { path: 'delete', label: `Delete ${account.name} for good`, help: 'What was written stays. To keep somebody out for a while, make the account inactive instead.', isDangerous: true })}
</details>
</section>`;

/** The only time that anybody sees it. */
export const renderOneTimePassword = (account: AccountRecord, password: string): Html => html`<section class="box">
<p class="notice notice-warning">This is shown only now. It lets ${account.name} in for a week, and must be changed at the first login.</p>
<dl class="record-facts"><dt>Mail address</dt><dd>${account.email}</dd><dt>One-time password</dt><dd><code class="secret">${password}</code></dd></dl>
<p><a class="button" href="/admin/accounts">I have handed it over</a></p>
</section>`;

const accountFields = (form: AccountForm): Html => html`<div class="field"><label for="name">Name</label>
<input id="name" name="name" type="text" value="${form.name}" maxlength="100" autocomplete="off" required></div>
<div class="field"><label for="email">Mail address</label>
<input id="email" name="email" type="email" value="${form.email}" maxlength="254" autocomplete="off" required></div>
<div class="field"><label for="role">Role</label>
<select id="role" name="role" required>${ROLES.map(
  (role) => html`<option value="${role}"${attribute('selected', role === form.role)}>${ROLE_NAMES[role]}</option>`,
)}</select></div>`;

type Action = { readonly path: string; readonly label: string; readonly help: string; readonly isDangerous?: true };

const action = (account: AccountRecord, csrf: Html, { path, label, help, isDangerous }: Action): Html =>
  html`<form method="post" action="/admin/accounts/${account.id}/${path}">${csrf}
${help !== '' && html`<p class="field-help">${help}</p>`}
<div class="form-buttons"><button class="button${isDangerous === true && html` button-danger`}" type="submit">${label}</button></div></form>`;

const describeState = ({ isActive, mustChangePassword }: AccountRecord): string => {
  if (!isActive) return 'Inactive';
  return mustChangePassword ? 'Has a one-time password' : 'Active';
};
