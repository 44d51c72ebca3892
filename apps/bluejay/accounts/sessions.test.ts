import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAccounts } from './account-records.ts';
import { can, type Permission, type Role, ROLES } from './permissions.ts';
import { sessionOf } from './session.ts';
import { sweepAccounts } from './sweep.ts';
import { type Browser, openPanel, type Panel } from './testing/panel.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

/** Written out, so that a change of what roles may do is a change of this table. */
const ALLOWED: Readonly<Record<Permission, readonly Role[]>> = {
  panel: ['admin', 'editor', 'author', 'viewer'],
  'content.draft': ['admin', 'editor', 'author'],
  'content.publish': ['admin', 'editor'],
  media: ['admin', 'editor', 'author'],
  leads: ['admin', 'editor'],
  settings: ['admin'],
  accounts: ['admin'],
  activity: ['admin', 'editor'],
};
const PERMISSIONS = Object.keys(ALLOWED) as readonly Permission[];

/** A page and a form behind each permission. */
const register = ({ app, sessions }: Panel): void => {
  app.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null));
  for (const permission of PERMISSIONS)
    app.route({
      method: ['GET', 'POST'],
      url: `/admin/guarded/${permission}`,
      preHandler: sessions.require(permission),
      handler: (request) => ({ role: sessionOf(request).account.role, csrf: sessionOf(request).csrf }),
    });
};

const loggedIn = async (panel: Panel, role: Role): Promise<Browser> => {
  const browser = panel.browser();
  const { email } = await panel.account(role);
  const { headers } = await browser.login(email);
  assert.equal(headers.location, '/admin/dashboard');
  return browser;
};

const csrfOf = async (browser: Browser): Promise<string> =>
  (await browser.get('/admin/guarded/panel')).json<{ csrf: string }>().csrf;

for (const role of ROLES)
  test(`a role may what the table says, on every request: ${role}`, async () => {
    await using panel = await openPanel({ register });
    const browser = await loggedIn(panel, role);
    const _csrf = await csrfOf(browser);
    for (const permission of PERMISSIONS) {
      const expected = ALLOWED[permission].includes(role) ? 200 : 403;
      assert.equal(can({ role }, permission), expected === 200);
      assert.equal((await browser.get(`/admin/guarded/${permission}`)).statusCode, expected, `GET ${permission}`);
      assert.equal((await browser.send(`/admin/guarded/${permission}`, { _csrf })).statusCode, expected, `POST ${permission}`);
    }
  });

const ANONYMOUS = [
  { how: 'a page', method: 'GET', headers: { accept: 'text/html' }, status: 303, location: 'next' },
  { how: 'a form', method: 'POST', headers: { accept: 'text/html' }, status: 303, location: 'error' },
  { how: 'a fragment', method: 'GET', headers: { 'hx-request': 'true' }, status: 401 },
  { how: 'a fragment of a form', method: 'POST', headers: { 'hx-request': 'true' }, status: 401 },
  { how: 'JSON', method: 'GET', headers: { accept: 'application/json' }, status: 401 },
  { how: 'a script', method: 'GET', headers: { accept: '*/*', 'sec-fetch-mode': 'cors' }, status: 401 },
  { how: 'a request with a token', method: 'POST', headers: { 'x-csrf-token': 'x' }, status: 401 },
] as const;
test('without a session every permission leads to the login page, or is refused where no person looks', async () => {
  await using panel = await openPanel({ register });
  for (const permission of PERMISSIONS)
    for (const { how, method, headers, status, ...rest } of ANONYMOUS) {
      const url = `/admin/guarded/${permission}`;
      const response = await panel.app.inject({ method, url: `${url}?page=2`, headers });
      assert.equal(response.statusCode, status, `${how} of ${permission}`);
      const expected = {
        next: `/admin/login?next=${encodeURIComponent(`${url}?page=2`)}`,
        error: '/admin/login?error=session_error',
      };
      if ('location' in rest) assert.equal(response.headers.location, expected[rest.location]);
    }
});

test('without a session there is no handler behind the guard that could be reached', async () => {
  await using panel = await openPanel({
    register: ({ app, sessions }) =>
      app.get('/admin/bomb', { preHandler: sessions.require('panel') }, () => assert.fail('the handler was called')),
  });
  assert.equal((await panel.app.inject('/admin/bomb')).statusCode, 303);
  assert.equal((await panel.app.inject({ url: '/admin/bomb', headers: { 'hx-request': 'true' } })).statusCode, 401);
});

const CSRF: readonly {
  readonly what: string;
  readonly token: 'right' | 'missing' | 'wrong' | 'other session';
  readonly as?: 'header' | 'twice' | 'address' | 'multipart address';
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
}[] = [
  { what: 'the token in the form', token: 'right', status: 200 },
  { what: 'the token in the header', token: 'right', as: 'header', status: 200 },
  { what: 'no token', token: 'missing', status: 403 },
  { what: 'a wrong token', token: 'wrong', status: 403 },
  { what: 'a wrong token in the header', token: 'wrong', as: 'header', status: 403 },
  { what: "another session's token", token: 'other session', status: 403 },
  { what: 'the token twice', token: 'right', as: 'twice', status: 403 },
  { what: 'the token in the address', token: 'right', as: 'address', status: 403 },
  { what: 'the token in the address of a multipart form', token: 'right', as: 'multipart address', status: 200 },
  {
    what: "the site's own Origin",
    token: 'right',
    headers: { origin: 'http://www.example.com', host: 'www.example.com' },
    status: 200,
  },
  { what: 'the Origin of the configured address', token: 'right', headers: { origin: 'https://cms.example.com' }, status: 200 },
  { what: "another site's Origin", token: 'right', headers: { origin: 'https://evil.example' }, status: 403 },
  { what: 'an Origin that is hidden', token: 'right', headers: { origin: 'null' }, status: 403 },
  {
    what: 'a hidden Origin that the browser calls our own',
    token: 'right',
    headers: { origin: 'null', 'sec-fetch-site': 'same-origin' },
    status: 200,
  },
  { what: 'Sec-Fetch-Site: same-origin', token: 'right', headers: { 'sec-fetch-site': 'same-origin' }, status: 200 },
  { what: 'Sec-Fetch-Site: none', token: 'right', headers: { 'sec-fetch-site': 'none' }, status: 200 },
  { what: 'Sec-Fetch-Site: same-site', token: 'right', headers: { 'sec-fetch-site': 'same-site' }, status: 403 },
  { what: 'Sec-Fetch-Site: cross-site', token: 'right', headers: { 'sec-fetch-site': 'cross-site' }, status: 403 },
];
test('what changes something is done only with the token of the session, and not for another site', async () => {
  await using panel = await openPanel({ register, environment: { SITE_BASE_URL: 'https://cms.example.com' } });
  const browser = await loggedIn(panel, 'admin');
  const other = await loggedIn(panel, 'editor');
  const tokens = {
    right: await csrfOf(browser),
    'other session': await csrfOf(other),
    wrong: 'A'.repeat(43),
    missing: undefined,
  };
  for (const { what, token, as, headers = {}, status } of CSRF) {
    const value = tokens[token] ?? '';
    const fields = `_csrf=${value}`;
    const isMultipart = as === 'multipart address';
    const inAddress = as === 'address' || isMultipart;
    const response = await panel.app.inject({
      method: 'POST',
      url: `/admin/guarded/panel${inAddress ? `?${fields}` : ''}`,
      headers: {
        cookie: `bluejay_session=${browser.cookies.get('bluejay_session') ?? ''}`,
        ...(!isMultipart && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(as === 'header' && { 'x-csrf-token': value }),
        ...headers,
        // Nothing here reads the body of such a form.
        ...(isMultipart && { 'content-type': 'multipart/form-data; boundary=x' }),
      },
      ...(as === undefined && token !== 'missing' && { payload: fields }),
      ...(as === 'twice' && { payload: `${fields}&${fields}` }),
    });
    assert.equal(response.statusCode, status, what);
  }
});

test('a page is shown whatever site links to it', async () => {
  await using panel = await openPanel({ register });
  const browser = await loggedIn(panel, 'viewer');
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  assert.equal((await browser.get('/admin/guarded/panel', headers)).statusCode, 200);
});

const COOKIES = [
  { what: 'of development', environment: {}, secure: undefined },
  {
    what: 'of production',
    environment: { ENVIRONMENT: 'production', SESSION_SECRET: 'QPmuEpNGaERM2tKTQKyKHC8uIAVuUWd9' },
    secure: true,
  },
];
for (const { what, environment, secure } of COOKIES)
  test(`the cookie ${what} is for this site's requests alone, for seven days`, async () => {
    await using panel = await openPanel({ environment });
    const { email } = await panel.account('admin');
    const { cookies } = await panel.browser().login(email);
    const cookie = cookies.find(({ name }) => name === 'bluejay_session');
    assert.ok(cookie !== undefined);
    const { value, ...attributes } = cookie;
    assert.match(value, /^[\w-]{43}$/);
    assert.deepEqual(attributes, {
      name: 'bluejay_session',
      maxAge: 604_800,
      path: '/',
      httpOnly: true,
      sameSite: 'Lax',
      ...(secure && { secure }),
    });
    const stored = panel.database.prepare('SELECT hex(token_hash) AS hash FROM sessions').get() as { hash: string };
    assert.ok(!Buffer.from(stored.hash, 'hex').toString('latin1').includes(value));
  });

const TAMPERED: readonly (readonly [string, (value: string) => string])[] = [
  ['empty', () => ''],
  ['another one', () => 'A'.repeat(43)],
  ['shorter', (value) => value.slice(1)],
  ['longer', (value) => `${value}A`],
  ['of another case', (value) => value.toUpperCase()],
  ['quoted', (value) => `"${value}"`],
  ['something else', () => "' OR 1=1 --"],
];
for (const [what, tamper] of TAMPERED)
  test(`a cookie that is ${what} is nobody's`, async () => {
    await using panel = await openPanel({ register });
    const browser = await loggedIn(panel, 'admin');
    browser.cookies.set('bluejay_session', tamper(browser.cookies.get('bluejay_session') ?? ''));
    assert.equal((await browser.get('/admin/guarded/panel')).statusCode, 303);
  });

const isLoggedIn = async (browser: Browser): Promise<boolean> => (await browser.get('/admin/guarded/panel')).statusCode === 200;

test('a session ends after the idle time without a request, and after seven days in any case', async () => {
  await using panel = await openPanel({ register, environment: { SESSION_IDLE_HOURS: '72' } });
  const browser = await loggedIn(panel, 'admin');
  const idle = panel.browser();
  await idle.login('admin@example.com');
  for (let day = 2; day <= 6; day += 2) {
    panel.advance(2 * DAY_MS);
    assert.equal(await isLoggedIn(browser), true, `day ${day}`);
  }
  assert.equal(await isLoggedIn(idle), false);
  panel.advance(DAY_MS - 1);
  assert.equal(await isLoggedIn(browser), true);
  panel.advance(1);
  assert.equal(await isLoggedIn(browser), false);
});

test('when somebody was last seen is written once a minute at most', async () => {
  await using panel = await openPanel({ register });
  const browser = await loggedIn(panel, 'admin');
  const seen = () => Number(panel.database.prepare('SELECT last_seen_at FROM sessions').get()?.['last_seen_at']);
  const start = seen();
  panel.advance(MINUTE_MS - 1);
  await isLoggedIn(browser);
  assert.equal(seen(), start);
  panel.advance(1);
  await isLoggedIn(browser);
  assert.equal(seen(), start + MINUTE_MS);
});

test('a deactivated account is out at the very next request, and stays out when it is active again', async () => {
  await using panel = await openPanel({ register });
  await panel.account('admin');
  const browser = await loggedIn(panel, 'editor');
  const accounts = openAccounts(panel.database, panel.bluejay.now);
  const account = accounts.findByEmail('editor@example.com');
  assert.ok(account !== undefined);
  accounts.update(account.id, { ...account, isActive: false });
  assert.equal(await isLoggedIn(browser), false);
  accounts.update(account.id, { ...account, isActive: true });
  assert.equal(await isLoggedIn(browser), false);
});

test('the session itself asks whether the account is active, whoever changed that', async () => {
  await using panel = await openPanel({ register });
  const browser = await loggedIn(panel, 'editor');
  panel.database.exec('UPDATE accounts SET is_active = 0');
  assert.equal(await isLoggedIn(browser), false);
});

test('a login in a browser ends the session that this browser had', async () => {
  await using panel = await openPanel({
    register: (one) => {
      register(one);
      one.app.get('/again', (request, reply) => {
        one.sessions.start(request, reply, one.sessions.find(request)?.account.id ?? 0);
        return 'done';
      });
    },
  });
  const browser = await loggedIn(panel, 'editor');
  const before = browser.cookies.get('bluejay_session') ?? '';
  await browser.get('/again');
  assert.notEqual(browser.cookies.get('bluejay_session'), before);
  assert.equal(await isLoggedIn(browser), true);
  browser.cookies.set('bluejay_session', before);
  assert.equal(await isLoggedIn(browser), false);
});

test('another role acts at the very next request, and the next page brings another token', async () => {
  await using panel = await openPanel({ register });
  await panel.account('admin');
  const browser = await loggedIn(panel, 'editor');
  const accounts = openAccounts(panel.database, panel.bluejay.now);
  const account = accounts.findByEmail('editor@example.com');
  assert.ok(account !== undefined);
  const before = browser.cookies.get('bluejay_session') ?? '';
  const csrf = await csrfOf(browser);
  accounts.update(account.id, { ...account, role: 'viewer' });
  assert.equal((await browser.send('/admin/guarded/media', { _csrf: csrf })).statusCode, 403);
  assert.equal(browser.cookies.get('bluejay_session'), before);
  const page = await browser.get('/admin/guarded/panel');
  assert.equal(page.json<{ role: string }>().role, 'viewer');
  assert.notEqual(browser.cookies.get('bluejay_session'), before);
  // The page that brought the new token has the form token that goes with it; the old ones are worth nothing.
  assert.equal((await browser.send('/admin/guarded/panel', { _csrf: page.json<{ csrf: string }>().csrf })).statusCode, 200);
  assert.equal((await browser.send('/admin/guarded/panel', { _csrf: csrf })).statusCode, 403);
  browser.cookies.set('bluejay_session', before);
  assert.equal(await isLoggedIn(browser), false);
});

test('the sweep removes sessions that nobody can use any more, and no others', async () => {
  await using panel = await openPanel({ register });
  await loggedIn(panel, 'admin');
  panel.advance(3 * DAY_MS - 1);
  const later = await loggedIn(panel, 'editor');
  assert.equal(sweepAccounts(panel.bluejay), 0);
  panel.advance(1);
  assert.equal(sweepAccounts(panel.bluejay), 1);
  assert.equal(await isLoggedIn(later), true);
});
