import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openActivity } from './activity-log.ts';
import { describeAgent } from './account-screens.ts';
import { type Browser, openPanel, type Panel, PASSWORD } from './testing/panel.ts';
import { totpCode, totpStep } from './totp.ts';

const EMAIL = 'author@example.com';
const ACCOUNT = '/admin/account';
const NEW_PASSWORD = 'eight jays in a nest';

const open = async (): Promise<{ panel: Panel; browser: Browser }> => {
  const panel = await openPanel();
  await panel.account('author');
  const browser = panel.browser();
  await browser.login(EMAIL);
  return { panel, browser };
};

const descriptions = ({ bluejay }: Panel): readonly string[] =>
  openActivity(bluejay)
    .list({ page: 1 })
    .entries.map(({ description }) => description);

const PASSWORDS = [
  {
    what: 'without the present one',
    fields: { password: NEW_PASSWORD, repeated: NEW_PASSWORD },
    says: /not your present password/,
  },
  {
    what: 'that was typed in two ways',
    fields: { current: PASSWORD, password: NEW_PASSWORD, repeated: 'x' },
    says: /not the same/,
  },
  { what: 'that is too short', fields: { current: PASSWORD, password: 'short', repeated: 'short' }, says: /at least 12/ },
  { what: 'that is the present one', fields: { current: PASSWORD, password: PASSWORD, repeated: PASSWORD }, says: /present one/ },
  { what: 'that is the mail address', fields: { current: PASSWORD, password: EMAIL, repeated: EMAIL }, says: /mail address/ },
];
for (const { what, fields, says } of PASSWORDS)
  test(`a new password ${what} is refused on the same screen`, async () => {
    const { panel, browser } = await open();
    await using _ = panel;
    const response = await browser.submit(`${ACCOUNT}/password`, `${ACCOUNT}/password`, fields);
    assert.equal(response.statusCode, 400);
    assert.match(response.body, says);
    assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/dashboard');
  });

test('a new password ends all other sessions, and gives this one another token', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const other = panel.browser();
  await other.login(EMAIL);
  const before = browser.cookies.get('bluejay_session');
  const fields = { current: PASSWORD, password: NEW_PASSWORD, repeated: NEW_PASSWORD };
  const { headers } = await browser.submit(`${ACCOUNT}/password`, `${ACCOUNT}/password`, fields);
  assert.equal(headers.location, '/admin/account?saved=password');
  assert.notEqual(browser.cookies.get('bluejay_session'), before);
  assert.match((await browser.get('/admin/account?saved=password')).body, /Your password is changed/);
  assert.equal((await other.get(ACCOUNT)).statusCode, 303);
  assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/login?error=invalid_credentials');
  assert.equal((await panel.browser().login(EMAIL, NEW_PASSWORD)).headers.location, '/admin/dashboard');
  assert.ok(descriptions(panel).includes('Changed the own password'));
});

test('whoever found an open browser cannot guess its password for ever', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  for (let index = 0; index < 5; index += 1)
    assert.equal((await browser.submit(ACCOUNT, `${ACCOUNT}/totp/start`, { current: `guess ${index}` })).statusCode, 400);
  const { statusCode, headers } = await browser.submit(ACCOUNT, `${ACCOUNT}/totp/start`, { current: PASSWORD });
  assert.equal(statusCode, 429);
  assert.equal(headers['retry-after'], '5');
});

test('the own name is changed, and shown with the next request', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  assert.equal((await browser.submit(ACCOUNT, `${ACCOUNT}/name`, { name: ' Ana <b>"Jay"</b> ' })).statusCode, 303);
  assert.match((await browser.get(ACCOUNT)).body, /value="Ana &lt;b&gt;&quot;Jay&quot;&lt;\/b&gt;"/);
  assert.equal((await browser.submit(ACCOUNT, `${ACCOUNT}/name`, { name: ' ' })).statusCode, 400);
});

/** Sets the second factor up as a person does, reading the key from the screen. */
const setUp = async ({ panel, browser }: { panel: Panel; browser: Browser }) => {
  const started = await browser.submit(ACCOUNT, `${ACCOUNT}/totp/start`, { current: PASSWORD });
  assert.equal(started.headers.location, '/admin/account/totp');
  const { body } = await browser.get('/admin/account/totp');
  const key = /<code class="secret">([A-Z2-7 ]+)<\/code>/.exec(body)?.[1]?.replaceAll(' ', '') ?? '';
  const bits = [...key].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
  assert.equal(secret.length, 20);
  return { body, code: () => totpCode(secret, totpStep(panel.bluejay.now())) };
};

test('the second factor is set up with a QR code, a key in text and a code; the recovery codes are shown once', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const other = panel.browser();
  await other.login(EMAIL);
  const { body, code } = await setUp({ panel, browser });
  assert.match(body, /<svg class="qr-code"[^>]*role="img"/);
  assert.doesNotMatch(body, /style=|<script|src=/);

  const wrong = await browser.submit('/admin/account/totp', '/admin/account/totp', { code: '000000' });
  assert.equal(wrong.statusCode, 400);
  assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/dashboard', 'not confirmed, not asked for');

  const before = browser.cookies.get('bluejay_session');
  const done = await browser.submit('/admin/account/totp', '/admin/account/totp', { code: code() });
  const codes = done.body.match(/[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}/g) ?? [];
  assert.equal(new Set(codes).size, 10);
  assert.notEqual(browser.cookies.get('bluejay_session'), before);
  assert.equal((await other.get(ACCOUNT)).statusCode, 303);
  assert.equal((await browser.get('/admin/account/totp')).headers.location, ACCOUNT, 'the key is not shown again');
  assert.match((await browser.get(ACCOUNT)).body, /10 recovery codes are left/);
  assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/login/code');
  assert.ok(descriptions(panel).includes('Turned the second factor on'));
});

test('new recovery codes replace the old ones, and turning the factor off needs the password', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const { code } = await setUp({ panel, browser });
  const codesOf = ({ body }: { readonly body: string }) => body.match(/[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}/g) ?? [];
  const old = codesOf(await browser.submit('/admin/account/totp', '/admin/account/totp', { code: code() }));
  assert.equal((await browser.submit(ACCOUNT, `${ACCOUNT}/recovery-codes`, { current: 'wrong' })).statusCode, 400);
  const renewed = codesOf(await browser.submit(ACCOUNT, `${ACCOUNT}/recovery-codes`, { current: PASSWORD }));
  assert.equal(renewed.length, 10);
  const enter = async (typed: string) => {
    const person = panel.browser();
    await person.login(EMAIL);
    return (await person.submit('/admin/login/code', '/admin/login/code', { code: typed })).headers.location;
  };
  assert.equal(await enter(old[0] ?? ''), '/admin/login/code?error=invalid_code');
  assert.equal(await enter(renewed[0] ?? ''), '/admin/dashboard');

  assert.equal((await browser.submit(ACCOUNT, `${ACCOUNT}/totp/remove`, { current: '' })).statusCode, 400);
  assert.equal((await browser.submit(ACCOUNT, `${ACCOUNT}/totp/remove`, { current: PASSWORD })).statusCode, 303);
  assert.equal((await panel.browser().login(EMAIL)).headers.location, '/admin/dashboard');
});

test('sessions are listed with browser and address, and ended one by one or all others at once', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  const others = [panel.browser('198.51.100.1'), panel.browser('198.51.100.2'), panel.browser('198.51.100.3')];
  for (const other of others) await other.login(EMAIL);
  const { body } = await browser.get(ACCOUNT);
  for (const address of ['203.0.113.7', '198.51.100.1', '198.51.100.2', '198.51.100.3'])
    assert.ok(body.includes(address), address);
  const revoke = body.match(/\/admin\/account\/sessions\/\d+\/revoke/g) ?? [];
  assert.equal(revoke.length, 3, 'not the own one');
  await browser.submit(ACCOUNT, revoke[0] ?? '');
  const alive = await Promise.all(others.map(async (other) => (await other.get(ACCOUNT)).statusCode));
  assert.deepEqual(
    alive.toSorted((one, another) => one - another),
    [200, 200, 303],
  );
  await browser.submit(ACCOUNT, `${ACCOUNT}/sessions/revoke-others`);
  for (const other of others) assert.equal((await other.get(ACCOUNT)).statusCode, 303);
  assert.equal((await browser.get(ACCOUNT)).statusCode, 200);
});

test('nobody ends the sessions of somebody else with their number', async () => {
  const { panel, browser } = await open();
  await using _ = panel;
  await panel.account('admin');
  const admin = panel.browser();
  await admin.login('admin@example.com');
  for (let id = 1; id <= 5; id += 1) {
    if (panel.database.prepare('SELECT account FROM sessions WHERE id = ?').get(id)?.['account'] === 1) continue;
    await browser.submit(ACCOUNT, `${ACCOUNT}/sessions/${id}/revoke`);
  }
  assert.equal((await admin.get(ACCOUNT)).statusCode, 200);
});

const AGENTS: readonly (readonly [string, string])[] = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox, Linux'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0', 'Edge, Windows'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari, iPhone',
  ],
  ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36', 'Chrome, Android'],
  ['curl/8.5.0', 'curl/8.5.0'],
];
for (const [agent, described] of AGENTS)
  test(`${agent.slice(0, 40)}… is ${described}`, () => assert.equal(describeAgent(agent), described));
