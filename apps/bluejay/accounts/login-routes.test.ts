import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { test } from 'node:test';
import { openAccounts } from './account-records.ts';
import { openActivity } from './activity-log.ts';
import { createLogin } from './login.ts';
import { createDummyHash } from './password.ts';
import { openSecondFactor } from './second-factor.ts';
import { openPanel, type Panel, PASSWORD } from './testing/panel.ts';
import { totpCode, totpStep } from './totp.ts';

const EMAIL = 'admin@example.com';
const WRONG = 'a password that is wrong';
const STEP_MS = 30_000;

const events = ({ logged }: Panel, event: string) => logged.filter((line) => line.event === event).map(({ fields }) => fields);

const actions = ({ bluejay }: Panel) =>
  openActivity(bluejay)
    .list({ page: 1 })
    .entries.map(({ action }) => action);

const OUTCOMES = [
  { what: 'no fields', fields: {}, location: '/admin/login?error=missing_fields' },
  { what: 'no password', fields: { email: EMAIL }, location: '/admin/login?error=missing_fields' },
  { what: 'no mail address', fields: { email: ' ', password: PASSWORD }, location: '/admin/login?error=missing_fields' },
  { what: 'a wrong password', fields: { email: EMAIL, password: WRONG }, location: '/admin/login?error=invalid_credentials' },
  { what: 'nobody', fields: { email: 'x@example.com', password: PASSWORD }, location: '/admin/login?error=invalid_credentials' },
  { what: 'what is right', fields: { email: EMAIL, password: PASSWORD }, location: '/admin/dashboard' },
  {
    what: 'another case of the address',
    fields: { email: ' Admin@Example.COM ', password: PASSWORD },
    location: '/admin/dashboard',
  },
  {
    what: 'a local path to go to',
    fields: { email: EMAIL, password: PASSWORD, next: '/admin/products?page=2' },
    location: '/admin/products?page=2',
  },
  {
    what: 'a foreign address to go to',
    fields: { email: EMAIL, password: PASSWORD, next: 'https://evil.example/' },
    location: '/admin/dashboard',
  },
  {
    what: 'a wrong password and a path to go to',
    fields: { email: EMAIL, password: WRONG, next: '/admin/products' },
    location: '/admin/login?error=invalid_credentials&next=%2Fadmin%2Fproducts',
  },
];
for (const { what, fields, location } of OUTCOMES)
  test(`a login with ${what} is sent to ${location}`, async () => {
    await using panel = await openPanel();
    await panel.account('admin');
    const browser = panel.browser();
    const response = await browser.submit('/admin/login', '/admin/login', fields);
    assert.equal(response.statusCode, 303);
    assert.equal(response.headers.location, location);
    assert.equal(browser.cookies.has('bluejay_session'), !location.includes('error'));
  });

for (const error of ['missing_fields', 'invalid_credentials', 'session_error'])
  test(`the login page says what ${error} means`, async () => {
    await using panel = await openPanel();
    const { body, headers } = await panel.browser().get(`/admin/login?error=${error}`);
    assert.match(body, /role="alert">[A-Z][^<]{20,}/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.doesNotMatch((await panel.browser().get('/admin/login?error=toString')).body, /role="alert"/);
  });

test('whoever is logged in is sent on from the login page, by GET and by POST', async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  const browser = panel.browser();
  await browser.login(EMAIL);
  assert.equal((await browser.get('/admin/login')).headers.location, '/admin/dashboard');
  assert.equal((await browser.get('/admin/login?next=/admin/media')).headers.location, '/admin/media');
  assert.equal((await browser.send('/admin/login', { email: EMAIL, password: WRONG })).headers.location, '/admin/dashboard');
});

test("the login's form needs the browser's own token, and is not for another site to send", async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  const fields = { email: EMAIL, password: PASSWORD };
  const other = await panel.browser().token('/admin/login');
  const browser = panel.browser();
  assert.equal((await browser.send('/admin/login', fields)).headers.location, '/admin/login?error=session_error');
  const own = await browser.token('/admin/login');
  for (const _csrf of [other, '', 'x'])
    assert.equal((await browser.send('/admin/login', { ...fields, _csrf })).headers.location, '/admin/login?error=session_error');
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
    assert.equal((await browser.send('/admin/login', { ...fields, _csrf: own }, headers)).statusCode, 403);
  assert.equal(panel.database.prepare('SELECT count(*) AS n FROM sessions').get()?.['n'], 0);
  assert.equal((await browser.send('/admin/login', { ...fields, _csrf: own })).headers.location, '/admin/dashboard');
});

test('logins and logouts are logged with their events, counted, and kept as activity', async () => {
  await using panel = await openPanel();
  const { id } = await panel.account('admin');
  const browser = panel.browser();
  await browser.login('nobody@example.com');
  await browser.login(EMAIL, WRONG);
  await browser.login('my password typed into the wrong field');
  await browser.login(EMAIL);
  assert.equal((await browser.submit('/admin/account', '/admin/logout')).headers.location, '/admin/login');
  assert.deepEqual(events(panel, 'login attempt failed'), [
    { email: 'nobody@example.com', error: 'user_not_found' },
    { email: EMAIL, error: 'invalid_password' },
    { email: '', error: 'user_not_found' },
  ]);
  assert.deepEqual(events(panel, 'user logged in'), [{ user_id: id, email: EMAIL }]);
  assert.deepEqual(events(panel, 'user logged out'), [{ user_id: id, email: EMAIL }]);
  assert.equal(panel.counted.loginFailures, 3);
  assert.deepEqual(actions(panel), ['logout', 'login', 'login_failed']);
  assert.ok(!JSON.stringify([panel.logged, panel.database.prepare('SELECT * FROM activity_log').all()]).includes(PASSWORD));
});

test('a logout ends the session itself, and needs its token', async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  const browser = panel.browser();
  await browser.login(EMAIL);
  const session = browser.cookies.get('bluejay_session') ?? '';
  assert.equal((await browser.send('/admin/logout', {})).statusCode, 403);
  await browser.submit('/admin/account', '/admin/logout');
  assert.equal(browser.cookies.has('bluejay_session'), false);
  browser.cookies.set('bluejay_session', session);
  assert.equal((await browser.get('/admin/account')).statusCode, 303);
});

test('every login gets a new token, and ends the session that the browser came with', async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  const browser = panel.browser();
  // A token that somebody planted in the browser before the login.
  browser.cookies.set('bluejay_session', 'A'.repeat(43));
  await browser.login(EMAIL);
  assert.notEqual(browser.cookies.get('bluejay_session'), 'A'.repeat(43));
});

test('for an unknown, an inactive and a known account one hash of the same cost is computed', async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  const accounts = openAccounts(panel.database, panel.bluejay.now);
  const inactive = await panel.account('editor');
  accounts.update(inactive.id, { ...inactive, isActive: false });
  const computed: string[] = [];
  const login = createLogin({ ...panel.bluejay, verify: async (hash) => computed.push(hash) < 0 });
  for (const email of [EMAIL, inactive.email, 'nobody@example.com', 'x']) await login.checkPassword(email, WRONG, '192.0.2.1');
  const own = accounts.credentials(accounts.findByEmail(EMAIL)?.id ?? 0)?.passwordHash;
  assert.equal(computed.length, 4);
  assert.equal(computed[0], own);
  for (const hash of computed.slice(1)) {
    assert.notEqual(hash, own);
    assert.equal(hash.split('$').slice(0, 4).join(), createDummyHash().split('$').slice(0, 4).join());
  }
});

test('a hash that was made with less effort is made anew at the login', async () => {
  await using panel = await openPanel();
  const { id } = await panel.account('admin');
  const accounts = openAccounts(panel.database, panel.bluejay.now);
  const nonce = Buffer.alloc(16, 7);
  const options = { message: PASSWORD, nonce, parallelism: 1, tagLength: 32, memory: 64, passes: 1 };
  const [salt, tag] = [nonce, argon2Sync('argon2id', options)].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
  accounts.rehash(id, `$argon2id$v=19$m=64,t=1,p=1$${salt}$${tag}`);
  assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/dashboard');
  assert.match(accounts.credentials(id)?.passwordHash ?? '', /m=19456,t=2/);
  assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/dashboard');
});

test('after five failures the account has to wait, with Retry-After, whether it exists or not', async () => {
  for (const email of [EMAIL, 'nobody@example.com']) {
    await using panel = await openPanel();
    await panel.account('admin');
    const browser = panel.browser();
    for (let index = 0; index < 5; index += 1) assert.equal((await browser.login(email, WRONG)).statusCode, 303);
    const refused = await browser.login(email);
    assert.equal(refused.statusCode, 429);
    assert.equal(refused.headers['retry-after'], '5');
    assert.match(refused.body, /Try again in 5 seconds/);
    assert.equal(panel.counted.rateLimited, 1);
    assert.equal(panel.counted.loginFailures, 5);
    panel.advance(5_000);
    assert.equal((await browser.login(email)).statusCode, 303);
  }
});

test('an address has to wait after twenty failures for whomever; other addresses do not', async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  const browser = panel.browser('198.51.100.1');
  for (let index = 0; index < 20; index += 1) await browser.login(`nobody${index}@example.com`, WRONG);
  assert.equal((await browser.login(EMAIL)).statusCode, 429);
  assert.equal((await panel.browser('198.51.100.2').login(EMAIL)).headers.location, '/admin/dashboard');
});

test('strangers who try for ever keep nobody out of where he logged in before', async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  await panel.browser('192.0.2.10').login(EMAIL);
  for (let round = 0; round < 30; round += 1) {
    const stranger = panel.browser(`198.51.100.${round}`);
    await stranger.login(EMAIL, WRONG);
    panel.advance(60_000);
  }
  await panel.browser('203.0.113.98').login(EMAIL, WRONG);
  assert.equal((await panel.browser('203.0.113.99').login(EMAIL)).statusCode, 429);
  assert.equal((await panel.browser('192.0.2.10').login(EMAIL)).headers.location, '/admin/dashboard');
  // There is a count of its own, though.
  const neighbour = panel.browser('192.0.2.10');
  for (let index = 0; index < 5; index += 1) assert.equal((await neighbour.login(EMAIL, WRONG)).statusCode, 303);
  assert.equal((await neighbour.login(EMAIL)).statusCode, 429);
});

test('a success from elsewhere does not give strangers their free attempts back', async () => {
  await using panel = await openPanel();
  await panel.account('admin');
  await panel.browser('192.0.2.10').login(EMAIL);
  for (let index = 0; index < 5; index += 1) await panel.browser('198.51.100.1').login(EMAIL, WRONG);
  await panel.browser('192.0.2.10').login(EMAIL);
  assert.equal((await panel.browser('198.51.100.1').login(EMAIL, WRONG)).statusCode, 429);
});

/** An account with an authenticator app. */
const withApp = async (panel: Panel) => {
  const { id } = await panel.account('admin');
  const factor = openSecondFactor(panel.database, panel.bluejay.now);
  const secret = factor.begin(id);
  const code = (offset = 0): string => totpCode(secret, totpStep(panel.bluejay.now()) + offset);
  const recoveryCodes = factor.confirm(id, code());
  assert.equal(recoveryCodes?.length, 10);
  panel.advance(STEP_MS);
  return { id, code, factor, recoveryCodes };
};

const CODE = '/admin/login/code';

test('with a second factor the password alone opens nothing; a code of the app does, once', async () => {
  await using panel = await openPanel();
  const { code } = await withApp(panel);
  const browser = panel.browser();
  const first = await browser.login(EMAIL, PASSWORD, { next: '/admin/media' });
  assert.equal(first.headers.location, '/admin/login/code?next=%2Fadmin%2Fmedia');
  assert.equal(browser.cookies.has('bluejay_session'), false);
  assert.equal((await browser.get('/admin/account')).statusCode, 303);
  assert.deepEqual(events(panel, 'user logged in'), []);
  const wrong = await browser.submit(CODE, CODE, { code: '000000' });
  assert.equal(wrong.headers.location, '/admin/login/code?error=invalid_code');
  const used = code();
  const done = await browser.submit(CODE, CODE, { code: used, next: '/admin/media' });
  assert.equal(done.headers.location, '/admin/media');
  assert.equal((await browser.get('/admin/account')).statusCode, 200);

  const thief = panel.browser();
  await thief.login(EMAIL);
  assert.equal((await thief.submit(CODE, CODE, { code: used })).headers.location, '/admin/login/code?error=invalid_code');
  assert.deepEqual(events(panel, 'login attempt failed'), [
    { email: EMAIL, error: 'invalid_code' },
    { email: EMAIL, error: 'invalid_code' },
  ]);
});

test('a recovery code lets in once, however it is typed', async () => {
  await using panel = await openPanel();
  const { id, factor, recoveryCodes = [] } = await withApp(panel);
  const [first = '', second = ''] = recoveryCodes;
  const enter = async (code: string) => {
    const browser = panel.browser();
    await browser.login(EMAIL);
    return (await browser.submit(CODE, CODE, { code })).headers.location;
  };
  assert.equal(await enter(first), '/admin/dashboard');
  assert.equal(await enter(first), '/admin/login/code?error=invalid_code');
  assert.equal(await enter(` ${second.toLowerCase().replaceAll('-', '')} `), '/admin/dashboard');
  assert.equal(factor.countRecoveryCodes(id), 8);
  const stored = panel.database.prepare('SELECT hex(code_hash) AS hash FROM recovery_codes').all();
  assert.ok(
    !JSON.stringify(stored).includes(
      Buffer.from(recoveryCodes[3] ?? '')
        .toString('hex')
        .toUpperCase(),
    ),
  );
});

test('whoever has the password cannot guess codes for ever, by entering the password again in between either', async () => {
  await using panel = await openPanel();
  await withApp(panel);
  const statuses: number[] = [];
  for (let index = 0; index < 7; index += 1) {
    const thief = panel.browser();
    await thief.login(EMAIL);
    statuses.push((await thief.submit(CODE, CODE, { code: '123456' })).statusCode);
  }
  assert.deepEqual(statuses, [303, 303, 303, 303, 303, 429, 429]);
});

const VOID_STEPS: readonly (readonly [string, (panel: Panel, id: number) => void])[] = [
  ['five minutes are over', (panel) => panel.advance(300_000)],
  [
    'the password is another one',
    (panel, id) =>
      openAccounts(panel.database, panel.bluejay.now).setPassword(id, { hash: createDummyHash(), oneTimeUntilMs: null }),
  ],
  ['the account is gone', (panel) => panel.database.exec('DELETE FROM accounts')],
];
for (const [when, change] of VOID_STEPS)
  test(`the second step is void when ${when}`, async () => {
    await using panel = await openPanel();
    const { id, code } = await withApp(panel);
    const browser = panel.browser();
    await browser.login(EMAIL);
    const _csrf = await browser.token(CODE);
    change(panel, id);
    const { headers } = await browser.send(CODE, { _csrf, code: code() });
    assert.match(headers.location ?? '', /\?error=/);
    assert.equal(browser.cookies.has('bluejay_session'), false);
  });

test("the second step's form needs the browser's own token, too", async () => {
  await using panel = await openPanel();
  const { code } = await withApp(panel);
  const browser = panel.browser();
  await browser.login(EMAIL);
  const _csrf = await browser.token(CODE);
  for (const fields of [{ code: code() }, { code: code(), _csrf: await panel.browser().token('/admin/login') }])
    assert.equal((await browser.send(CODE, fields)).headers.location, '/admin/login?error=session_error');
  assert.equal((await browser.send(CODE, { code: code(), _csrf }, { 'sec-fetch-site': 'cross-site' })).statusCode, 403);
  assert.equal((await browser.send(CODE, { code: code(), _csrf })).headers.location, '/admin/dashboard');
});

test('the second step is nobody else’s: neither without the password nor with a cookie that was changed', async () => {
  await using panel = await openPanel();
  const { code } = await withApp(panel);
  const browser = panel.browser();
  assert.equal((await browser.get(CODE)).headers.location, '/admin/login?error=session_error');
  await browser.login(EMAIL);
  const _csrf = await browser.token(CODE);
  browser.cookies.set('bluejay_login_step', (browser.cookies.get('bluejay_login_step') ?? '').replace(/^./, 'x'));
  assert.equal((await browser.send(CODE, { _csrf, code: code() })).headers.location, '/admin/login?error=session_error');
});

test('a one-time password opens the screen that changes it and nothing else, for a week', async () => {
  await using panel = await openPanel();
  await panel.account('admin', { oneTimeUntilMs: panel.bluejay.now() + 1_000 });
  const browser = panel.browser();
  assert.equal((await browser.login(EMAIL)).headers.location, '/admin/account/password');
  for (const path of ['/admin/account', '/admin/accounts', '/admin/activity'])
    assert.equal((await browser.get(path)).headers.location, '/admin/account/password', path);
  assert.equal((await browser.get('/admin/accounts', { 'hx-request': 'true' })).statusCode, 403);
  const changed = await browser.submit('/admin/account/password', '/admin/account/password', {
    current: PASSWORD,
    password: 'eight jays in a nest',
    repeated: 'eight jays in a nest',
  });
  assert.equal(changed.headers.location, '/admin/account?saved=password');
  assert.equal((await browser.get('/admin/accounts')).statusCode, 200);

  panel.advance(1_000);
  assert.equal((await panel.browser().login(EMAIL, 'eight jays in a nest')).headers.location, '/admin/dashboard');
});

test('a one-time password that nobody used in time lets nobody in', async () => {
  await using panel = await openPanel();
  await panel.account('admin', { oneTimeUntilMs: panel.bluejay.now() + 1_000 });
  panel.advance(1_000);
  assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/login?error=invalid_credentials');
});
