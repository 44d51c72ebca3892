import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAccounts } from './account-records.ts';
import { openActivity } from './activity-log.ts';
import { openSecondFactor } from './second-factor.ts';
import { type Browser, openPanel, type Panel } from './testing/panel.ts';
import { totpCode, totpStep } from './totp.ts';

const ACCOUNTS = '/admin/accounts';
const NEW = `${ACCOUNTS}/new`;
const ANA = { email: 'ana@example.com', name: 'Ana', role: 'editor' };

const open = async (): Promise<{ panel: Panel; browser: Browser; adminId: number }> => {
  const panel = await openPanel();
  const { id, email } = await panel.account('admin');
  const browser = panel.browser();
  await browser.login(email);
  return { panel, browser, adminId: id };
};

const descriptions = ({ bluejay }: Panel): readonly string[] =>
  openActivity(bluejay)
    .list({ page: 1 })
    .entries.map(({ description }) => description);

const SCREENS = [ACCOUNTS, NEW, `${ACCOUNTS}/1/edit`];
test('accounts are for administrators alone', async () => {
  const { panel } = await open();
  await using _ = panel;
  for (const role of ['editor', 'author', 'viewer'] as const) {
    const { email } = await panel.account(role);
    const browser = panel.browser();
    await browser.login(email);
    for (const path of SCREENS) assert.equal((await browser.get(path)).statusCode, 403, `${role} ${path}`);
    const paths = [
      ACCOUNTS,
      ...['', '/password', '/totp/remove', '/sessions/revoke', '/delete'].map((end) => `${ACCOUNTS}/1${end}`),
    ];
    for (const path of paths)
      assert.equal((await browser.submit('/admin/account', path, { ...ANA, isActive: '1' })).statusCode, 403, `${role} ${path}`);
  }
  assert.equal(openAccounts(panel.database, panel.bluejay.now).list().length, 4);
});

test('a new account gets a one-time password that is shown in the answer, and works once it is changed', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const created = await browser.submit(NEW, ACCOUNTS, ANA);
  assert.equal(created.statusCode, 200);
  const password = /<code class="secret">([^<]+)<\/code>/.exec(created.body)?.[1] ?? '';
  assert.equal((await panel.browser().login(ANA.email, password)).headers.location, '/admin/account/password');
  const { body } = await browser.get(ACCOUNTS);
  assert.match(body, /ana@example\.com/);
  assert.ok(!body.includes(password));
  assert.ok(descriptions(panel).includes('Created the account of Ana (editor)'));
});

const REFUSED = [
  {
    what: 'an address that is taken',
    fields: { ...ANA, email: 'ADMIN@example.com' },
    status: 409,
    says: /an account for ADMIN@example.com already/,
  },
  { what: 'no mail address', fields: { ...ANA, email: 'ana' }, status: 400, says: /no mail address/ },
  { what: 'no name', fields: { ...ANA, name: '' }, status: 400, says: /A name has/ },
  { what: 'an unknown role', fields: { ...ANA, role: 'owner' }, status: 400, says: /A role is one of/ },
];
for (const { what, fields, status, says } of REFUSED)
  test(`an account with ${what} is refused on the form, which keeps what was typed`, async () => {
    const { panel, browser, adminId } = await open();
    await using _ = panel;
    const created = await browser.submit(NEW, ACCOUNTS, fields);
    assert.equal(created.statusCode, status);
    assert.match(created.body, says);
    assert.ok(created.body.includes(`value="${fields.email}"`));
    const { id } = await panel.account('viewer');
    const updated = await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}`, { ...fields, isActive: '1' });
    assert.equal(updated.statusCode, status);
    assert.match(updated.body, says);
    assert.deepEqual(
      openAccounts(panel.database, panel.bluejay.now)
        .list()
        .map((account) => account.id),
      [adminId, id],
    );
  });

test('an account is changed, and the log says what was changed by whom', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const { id } = await panel.account('viewer');
  const { headers } = await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}`, { ...ANA, isActive: '' });
  assert.equal(headers.location, `${ACCOUNTS}/${id}/edit?saved=1`);
  const account = openAccounts(panel.database, panel.bluejay.now).find(id);
  assert.deepEqual([account?.email, account?.name, account?.role, account?.isActive], [ANA.email, 'Ana', 'editor', false]);
  const [entry] = openActivity(panel.bluejay).list({ page: 1 }).entries;
  assert.equal(
    entry?.description,
    'Changed the account of Ana: mail address ana@example.com, name, before The viewer, editor instead of viewer, deactivated',
  );
  assert.equal(entry.actorName, 'The admin');
});

test('a form without the box for active deactivates nobody by accident: the hidden input says so', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const { id } = await panel.account('viewer');
  const { body } = await browser.get(`${ACCOUNTS}/${id}/edit`);
  assert.match(
    body,
    /<input type="hidden" name="isActive" value="">\s*<input id="isActive" name="isActive" type="checkbox" value="1" checked>/,
  );
});

const LAST: readonly { readonly what: string; readonly act: (browser: Browser, id: number) => ReturnType<Browser['send']> }[] = [
  {
    what: 'demoted',
    act: async (browser, id) =>
      await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}`, {
        name: 'A',
        email: 'admin@example.com',
        role: 'editor',
        isActive: '1',
      }),
  },
  {
    what: 'deactivated',
    act: async (browser, id) =>
      await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}`, {
        name: 'A',
        email: 'admin@example.com',
        role: 'admin',
        isActive: '',
      }),
  },
  { what: 'deleted', act: async (browser, id) => await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}/delete`) },
];
for (const { what, act } of LAST)
  test(`the last active administrator cannot be ${what}; with a second one he can`, async () => {
    const { panel, browser, adminId } = await open();
    await using _ = panel;
    const accounts = openAccounts(panel.database, panel.bluejay.now);
    const other = await panel.account('admin', { email: 'second@example.com' });
    accounts.update(other.id, { ...other, isActive: false });
    const before = accounts.find(adminId);
    const refused = await act(browser, adminId);
    assert.equal(refused.statusCode, 409);
    assert.match(refused.body, /last active administrator/);
    assert.deepEqual(accounts.find(adminId), before);
    assert.equal((await browser.get(ACCOUNTS)).statusCode, 200, 'the session is untouched');
    accounts.update(other.id, { ...other, isActive: true });
    assert.equal((await act(browser, adminId)).statusCode, 303);
  });

test('DELETE is for scripts: 204, 404 for what is gone, 409 for the last administrator', async () => {
  const { panel, browser, adminId } = await open();
  await using _ = panel;
  const { id } = await panel.account('editor');
  const headers = {
    cookie: `bluejay_session=${browser.cookies.get('bluejay_session') ?? ''}`,
    'x-csrf-token': await browser.token('/admin/account'),
  };
  const remove = async (which: number) =>
    (await panel.app.inject({ method: 'DELETE', url: `${ACCOUNTS}/${which}`, headers })).statusCode;
  assert.deepEqual([await remove(id), await remove(id), await remove(adminId)], [204, 404, 409]);
});

test('a reset password ends all sessions of the account, and is shown once', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const { id, email } = await panel.account('editor');
  const editor = panel.browser();
  await editor.login(email);
  const { body } = await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}/password`);
  const password = /<code class="secret">([^<]+)<\/code>/.exec(body)?.[1] ?? '';
  assert.equal((await editor.get('/admin/account')).headers.location, '/admin/login?next=%2Fadmin%2Faccount');
  assert.equal((await panel.browser().login(email)).headers.location, '/admin/login?error=invalid_credentials');
  assert.equal((await panel.browser().login(email, password)).headers.location, '/admin/account/password');
});

test('an administrator removes the second factor of others, but the own one only with the password', async () => {
  const { panel, browser, adminId } = await open();
  await using _ = panel;
  const { id, email } = await panel.account('editor');
  const factor = openSecondFactor(panel.database, panel.bluejay.now);
  for (const one of [id, adminId]) factor.confirm(one, totpCode(factor.begin(one), totpStep(panel.bluejay.now())));
  await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}/totp/remove`);
  assert.equal((await panel.browser().login(email)).headers.location, '/admin/dashboard');
  assert.equal((await browser.submit('/admin/account', `${ACCOUNTS}/${adminId}/totp/remove`)).headers.location, '/admin/account');
  assert.equal((await panel.browser().login('admin@example.com')).headers.location, '/admin/login/code');
  assert.equal(
    (await browser.submit('/admin/account', `${ACCOUNTS}/${adminId}/password`)).headers.location,
    '/admin/account/password',
  );
});

test('an administrator logs somebody out everywhere', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const { id, email } = await panel.account('editor');
  const editor = panel.browser();
  await editor.login(email);
  await browser.submit(`${ACCOUNTS}/${id}/edit`, `${ACCOUNTS}/${id}/sessions/revoke`);
  assert.equal((await editor.get('/admin/account')).statusCode, 303);
});

for (const id of ['0', '99', 'x', '1e3', '-1', '9'.repeat(30)])
  test(`there is no account ${id.slice(0, 12)}`, async () => {
    const { panel, browser } = await open();
    await using _ = panel;
    assert.equal((await browser.get(`${ACCOUNTS}/${id}/edit`)).statusCode, 404);
  });

test('the activity log is shown with 50 entries on a page, by action and by text, and nothing else can be done with it', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  for (let index = 1; index <= 70; index += 1)
    panel.bluejay.activity.record({
      actor: null,
      action: index % 2 === 0 ? 'created' : 'deleted',
      resource: 'product',
      resourceId: index,
      title: `<i>Jay ${index}</i>`,
      description: `Something with <i>Jay ${index}</i>`,
    });
  const rows = (body: string): number => body.match(/<tr>\s*<td/g)?.length ?? 0;
  const first = (await browser.get('/admin/activity')).body;
  assert.equal(rows(first), 50);
  assert.match(first, /71 entries/);
  assert.match(first, /Page 1 of 2/);
  assert.ok(first.includes('Something with &lt;i&gt;Jay 70&lt;/i&gt;</td>'));
  assert.equal(rows((await browser.get('/admin/activity?page=2')).body), 21);
  assert.match((await browser.get('/admin/activity?action=created&q=jay')).body, /35 entries/);
  assert.match((await browser.get('/admin/activity?q=Jay+70')).body, /1 entry/);
  assert.match((await browser.get('/admin/activity?action=x&page=x&q=a&q=b')).body, /71 entries/);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    assert.equal((await panel.app.inject({ method, url: '/admin/activity' })).statusCode, 404);
});

for (const [role, status] of [
  ['editor', 200],
  ['author', 403],
  ['viewer', 403],
] as const)
  test(`the activity log answers ${status} to a role: ${role}`, async () => {
    await using panel = await openPanel();
    const { email } = await panel.account(role);
    const browser = panel.browser();
    await browser.login(email);
    assert.equal((await browser.get('/admin/activity')).statusCode, status);
  });
