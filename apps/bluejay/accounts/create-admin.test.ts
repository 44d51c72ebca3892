import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Readable } from 'node:stream';
import { createAdminCommand, resetPasswordCommand } from './create-admin.ts';
import { openActivity } from './activity-log.ts';
import { openPanel } from './testing/panel.ts';

const ANA = { email: 'ana@example.com', name: 'Ana' };

test('the first administrator gets a one-time password, printed once and kept nowhere', async () => {
  await using panel = await openPanel();
  const lines = await createAdminCommand(panel.bluejay, ANA);
  const password = /: ((?:[a-z2-9]{5}-){3}[a-z2-9]{5})$/.exec(lines.at(-1) ?? '')?.[1] ?? '';
  assert.notEqual(password, '');
  const everything = ['accounts', 'activity_log'].map((table) => panel.database.prepare(`SELECT * FROM ${table}`).all());
  assert.ok(!JSON.stringify([everything, panel.logged]).includes(password));
  assert.equal((await panel.browser().login(ANA.email, password)).headers.location, '/admin/account/password');
  const [, created] = openActivity(panel.bluejay).list({ page: 1 }).entries;
  assert.equal(created?.description, 'Created the account of Ana (admin)');
  assert.equal(created.actorName, '');
});

test('a password of the own choice is read from standard input, and needs no change', async () => {
  await using panel = await openPanel();
  const passwordFrom = Readable.from([Buffer.from('seven bl'), Buffer.from('ue jäys\nand more')]);
  const lines = await createAdminCommand(panel.bluejay, { ...ANA, role: 'editor', passwordFrom });
  assert.deepEqual(lines, ['Created the account of Ana <ana@example.com>, role editor.']);
  assert.equal((await panel.browser().login(ANA.email, 'seven blue jäys')).headers.location, '/admin/dashboard');
});

const REFUSED = [
  { what: 'a password that is too short', options: { ...ANA, passwordFrom: ['short\n'] }, message: /at least 12/ },
  { what: 'an empty input', options: { ...ANA, passwordFrom: ['\n'] }, message: /no password on standard input/ },
  { what: 'the mail address as password', options: { ...ANA, passwordFrom: ['Ana@example.com'] }, message: /mail address/ },
  { what: 'something that is no mail address', options: { ...ANA, email: 'ana' }, message: /no mail address/ },
  { what: 'a mail address that would break a header', options: { ...ANA, email: 'a@b\r\nBcc: c' }, message: /no mail address/ },
  { what: 'no name', options: { ...ANA, name: ' ' }, message: /1 to 100/ },
  { what: 'an unknown role', options: { ...ANA, role: 'root' }, message: /one of admin, editor/ },
];
for (const { what, options, message } of REFUSED)
  test(`no account is made with ${what}`, async () => {
    await using panel = await openPanel();
    const { passwordFrom, ...others } = { passwordFrom: undefined, ...options };
    const given = { ...others, passwordFrom: passwordFrom === undefined ? undefined : Readable.from(passwordFrom) };
    await assert.rejects(createAdminCommand(panel.bluejay, given), message);
    assert.equal(panel.database.prepare('SELECT count(*) AS n FROM accounts').get()?.['n'], 0);
  });

test('an address has one account, letter case aside', async () => {
  await using panel = await openPanel();
  await createAdminCommand(panel.bluejay, ANA);
  await assert.rejects(createAdminCommand(panel.bluejay, { ...ANA, email: 'ANA@example.com' }), { code: 'EMAIL_TAKEN' });
});

test('a password that was reset ends all sessions, and must be changed', async () => {
  await using panel = await openPanel();
  const { email } = await panel.account('admin');
  const browser = panel.browser();
  await browser.login(email);
  const lines = await resetPasswordCommand(panel.bluejay, 'ADMIN@example.com');
  assert.equal((await browser.get('/admin/account')).headers.location, '/admin/login?next=%2Fadmin%2Faccount');
  assert.equal((await panel.browser().login(email)).headers.location, '/admin/login?error=invalid_credentials');
  const password = lines.at(-1)?.split(': ')[1] ?? '';
  assert.equal((await panel.browser().login(email, password)).headers.location, '/admin/account/password');
  await assert.rejects(resetPasswordCommand(panel.bluejay, 'nobody@example.com'), { code: 'ACCOUNT_GONE' });
});
