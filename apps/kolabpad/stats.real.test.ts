/** What operators see: `/api/stats`, `/metrics` and the log, under the names that they know. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { waitUntil } from '@berth/testing';
import { type AppProcess, startApp } from './testing/app-process.ts';
import { EXPECTED_METRICS, EXPECTED_STATS, PREFIX, scrape, valueOf } from './testing/expected-metrics.ts';
import { OriginalClient } from './testing/original-client.ts';
import { openPad, refusedUpgrade } from './testing/raw-pad.ts';

const SERVER_KEY = `server-key-${randomBytes(24).toString('base64url')}`;
const SESSION = randomBytes(24).toString('base64url');
const WRONG_TOKENS = ['wrong-token0', 'wrong-token1', 'wrong-token2'];
/** What no log may hold; filled as the story goes on. */
const secrets = new Set([SERVER_KEY, SESSION, ...WRONG_TOKENS]);

let app: AppProcess;
/** Types once at the beginning and stays: its document is written when it has been idle for 30 s. */
let idler: OriginalClient;
before(async () => {
  app = await startApp({ env: { SERVER_KEY, WS_HEARTBEAT_INTERVAL_SECONDS: '2', MAX_OTP_ATTEMPTS_PER_MINUTE: '3' } });
  idler = await join('idle');
  idler.insert(0, 'left alone');
  await idler.waitFor(() => idler.isSettled, 'the edit came back');
});
after(async () => {
  await idler?.close();
  await app?.[Symbol.asyncDispose]();
});

const join = async (id: string, token?: string): Promise<OriginalClient> => {
  const client = new OriginalClient({ info: { name: 'Alice', hue: 1 } });
  await client.connect(app.socketUrl(id, token));
  return client;
};

const protect = async (method: 'POST' | 'DELETE', client: OriginalClient, id: string, otp?: string): Promise<string> => {
  const response = await fetch(`${app.url}/api/document/${id}/protect`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: client.me, user_name: 'Alice', ...(otp === undefined ? {} : { otp }) }),
  });
  const body = await response.text();
  assert.ok(response.ok, body);
  if (method === 'DELETE') return '';
  const { otp: token } = JSON.parse(body) as { otp: string };
  secrets.add(token);
  return token;
};

/** Waits for a line of the log with these fields, and checks that it has no others. */
const logged = async (msg: string, fields: Readonly<Record<string, unknown>>, options: { level: string }): Promise<void> => {
  const line = await waitUntil(
    () =>
      app
        .events(msg)
        .find((each) =>
          Object.entries(fields).every(([name, value]) =>
            value instanceof RegExp ? value.test(String(each[name])) : each[name] === value,
          ),
        ),
    { what: `the log had ${msg} ${JSON.stringify(fields)}`, withinMs: 5000 },
  );
  assert.equal(line['level'], options.level, JSON.stringify(line));
  assert.deepEqual(Object.keys(line), ['level', 'ts', 'msg', ...Object.keys(fields)]);
};

test('/api/stats has exactly the keys that scripts read, and they count', async () => {
  const read = async () =>
    (await (await fetch(`${app.url}/api/stats`)).json()) as Record<(typeof EXPECTED_STATS)[number], number>;
  const stats = await read();
  assert.deepEqual(Object.keys(stats).sort(), [...EXPECTED_STATS].sort());
  for (const [key, value] of Object.entries(stats)) assert.ok(Number.isFinite(value), key);
  assert.equal(stats.num_documents, 1);
  assert.equal(stats.documents_in_memory, 1);
  assert.equal(stats.active_persisters, 1);
  assert.equal(stats.websocket_connections, 1);
  assert.equal(stats.database_size, 1);
  assert.equal(stats.persist_errors, 0);
  assert.ok(stats.memory_usage_mb > 20 && stats.memory_usage_mb < 500, String(stats.memory_usage_mb));
  assert.ok(Math.abs(stats.start_time + stats.uptime_seconds - Date.now() / 1000) < 3);
});

test('/metrics has every metric that dashboards read, with its type', async () => {
  const { types, samples, text } = await scrape(app.url);
  const missing = Object.entries(EXPECTED_METRICS).filter(([name, type]) => types.get(`${PREFIX}${name}`) !== type);
  assert.deepEqual(missing, []);
  // Each is there from the start: an alert on a series that appears with the first failure would miss that one.
  for (const [name, type] of Object.entries(EXPECTED_METRICS)) {
    const sample = `${PREFIX}${name}${type === 'histogram' ? '_count' : ''}`;
    assert.ok(
      samples.some((each) => each.name === sample && each.labels === '' && Number.isFinite(each.value)),
      sample,
    );
    assert.match(text, new RegExp(`^# HELP ${PREFIX}${name} \\S`, 'm'));
  }
  assert.ok(samples.every(({ name }) => name.startsWith(PREFIX)));
});

test('the start is in the log, each line as JSON with level, unix seconds and message', async () => {
  const messages = app.log().map(({ msg }) => msg);
  const start = [
    'Starting Kolabpad server...',
    `Port: ${app.port}`,
    `Database: ${app.databasePath}`,
    `Listening on :${app.port}`,
  ];
  assert.deepEqual(
    messages.filter((msg) => start.includes(msg)),
    start,
  );
  for (const line of app.log()) {
    assert.deepEqual(Object.keys(line).slice(0, 3), ['level', 'ts', 'msg']);
    assert.ok(['debug', 'info', 'warn', 'error'].includes(String(line['level'])));
    assert.ok(Math.abs(Number(line['ts']) - Date.now() / 1000) < 300);
  }
});

test('coming, going, locking and unlocking a document are in the log and counted', async () => {
  const before = await scrape(app.url);
  const alice = await join('story');
  await logged('persister_started', { docId: 'story', userCount: 1 }, { level: 'info' });
  alice.insert(0, 'hello');
  await alice.waitFor(() => alice.isSettled, 'the edit came back');
  const token = await protect('POST', alice, 'story');
  await logged('critical_write', { docId: 'story', type: 'otp_protect' }, { level: 'info' });
  await logged('persist_latency', { docId: 'story', duration: /^\d+(\.\d+)?ms$/ }, { level: 'debug' });
  await alice.close();
  await logged('persister_stopped', { docId: 'story', reason: 'last_user_disconnect' }, { level: 'info' });

  const bob = await join('story', token);
  await logged('otp_validation', { docId: 'story', source: 'memory', result: 'valid' }, { level: 'info' });
  bob.insert(0, 'well, ');
  await bob.waitFor(() => bob.isSettled, 'the edit came back');
  await protect('DELETE', bob, 'story', token);
  await logged('critical_write', { docId: 'story', type: 'otp_unprotect' }, { level: 'info' });
  bob.insert(0, 'oh ');
  await bob.waitFor(() => bob.isSettled, 'the edit came back');
  await bob.close();
  await logged('flush', { docId: 'story', reason: 'last_disconnect' }, { level: 'info' });
  for (const { me } of [alice, bob]) {
    for (const what of ['connected', 'disconnected']) {
      await waitUntil(() => app.events(`User ${me} ${what}`).some((line) => line['docId'] === 'story'), {
        what: `${me} ${what}`,
      });
    }
  }
  const now = await scrape(app.url);
  const more = (name: string): number => valueOf(now, name) - valueOf(before, name);
  assert.equal(more('critical_write_total'), 2);
  assert.equal(more('last_user_flush_total'), 1);
  assert.equal(more('db_writes_total'), 3);
  assert.equal(more('db_writes_per_minute'), 3);
  assert.equal(more('persister_start_count'), 2);
  assert.equal(more('persister_stop_count'), 2);
});

test('a connection that is cut is told apart from one that was closed, and a bad message is told with its cause', async () => {
  using cut = await openPad(app.socketUrl('cut'));
  await cut.waitForKind('Identity');
  cut.socket.terminate();
  await waitUntil(
    () => app.events('User 0 disconnected forcefully').some((line) => line['docId'] === 'cut' && line['level'] === 'warn'),
    {
      what: 'the log told of the cut',
    },
  );
  using bad = await openPad(app.socketUrl('bad'));
  await bad.waitForKind('Identity');
  bad.send('{"Edit":{"revision":7,"operation":["x"]}}');
  await waitUntil(
    () => app.log().some(({ msg, level, docId }) => /^Disconnect reason: .+/.test(msg) && level === 'error' && docId === 'bad'),
    {
      what: 'the log told the cause',
    },
  );
});

test('heartbeats are in the debug log from their start to their end', async () => {
  using pad = await openPad(app.socketUrl('heart'));
  await pad.waitForKind('Identity');
  for (const what of ['heartbeat started', 'heartbeat sent']) await waitUntil(() => app.events(what).length > 0, { what });
  pad.socket.close();
  await waitUntil(() => app.events('heartbeat stopped').length > 0, { what: 'heartbeat stopped' });
});

test('a document that is left alone is written after half a minute, once', async () => {
  await waitUntil(() => app.events('persisted').length > 0, { what: 'it was written', withinMs: 50_000, everyMs: 100 });
  await logged('persisted', { docId: 'idle', reason: 'idle_threshold', revision: 1 }, { level: 'info' });
  const now = await scrape(app.url);
  assert.equal(valueOf(now, 'idle_persist_total'), 1);
  assert.equal(valueOf(now, 'safety_net_persist_total'), 0);
});

test('tokens are checked in memory and in the database, and whoever guesses is told apart', async () => {
  const alice = await join('locked');
  alice.insert(0, 'x');
  await alice.waitFor(() => alice.isSettled, 'the edit came back');
  const token = await protect('POST', alice, 'locked');
  await alice.close();
  const before = valueOf(await scrape(app.url), 'otp_validation_errors_total');
  assert.equal((await refusedUpgrade(app.socketUrl('locked', WRONG_TOKENS[0]))).status, 401);
  await logged('otp_validation', { docId: 'locked', source: 'memory', result: 'invalid' }, { level: 'info' });
  assert.equal(valueOf(await scrape(app.url), 'otp_validation_errors_total') - before, 1);

  // Our own dialect: the token travels as a subprotocol, and a session and a ticket come into being.
  using extended = await openPad(app.socketUrl('locked'), { subprotocols: ['kolabpad.2', `otp.${token}`] });
  extended.send({ Hello: { session: SESSION, epoch: null, revision: 0 } });
  await extended.waitForKind('Welcome');
  const welcome = JSON.parse(extended.frames.find((frame) => frame.startsWith('{"Welcome"')) ?? '') as {
    Welcome: { ticket: string };
  };
  assert.ok(welcome.Welcome.ticket.length >= 16);
  secrets.add(welcome.Welcome.ticket);
  extended.socket.close();

  await idler.close();
  await app.restart('SIGTERM');
  await logged('persister_stopped', { docId: 'idle', reason: 'last_user_disconnect' }, { level: 'info' });
  for (const wrong of WRONG_TOKENS) assert.equal((await refusedUpgrade(app.socketUrl('locked', wrong))).status, 401);
  await logged('otp_validation', { docId: 'locked', source: 'database', result: 'invalid' }, { level: 'info' });
  await logged('otp_validation_rate_high', { ip: '127.0.0.1', count: 3 }, { level: 'warn' });
  assert.equal((await refusedUpgrade(app.socketUrl('locked', token))).status, 429);
  for (const path of [
    '/',
    '/api/socket/locked',
    '/api/text/locked',
    '/api/text/none',
    '/no/such/page',
    '/api/document/locked/protect',
  ]) {
    await (await fetch(`${app.url}${path}?otp=${token}`, { headers: { authorization: `Bearer ${token}` } })).text();
  }
});

test('a stop flushes what is open and says of each document that it did', async () => {
  const alice = await join('open');
  alice.insert(0, 'x');
  await alice.waitFor(() => alice.isSettled, 'the edit came back');
  // Not locked out by the wrong tokens before: this document has none.
  assert.deepEqual(await app.kill('SIGTERM'), { code: 0, signal: null });
  await alice.close();
  await logged('flush', { docId: 'open', reason: 'shutdown' }, { level: 'info' });
  await logged('persister_stopped', { docId: 'open', reason: 'shutdown' }, { level: 'info' });
});

test('a database that takes no writes is in the log and in the metrics, and edits come through once it does again', async () => {
  await using failing = await startApp();
  await using alice = new OriginalClient();
  await alice.connect(failing.socketUrl('refused'));
  alice.insert(0, 'a');
  await alice.waitFor(() => alice.isSettled, 'the first edit came back');
  {
    using other = new DatabaseSync(failing.databasePath);
    other.exec('BEGIN IMMEDIATE');
    alice.insert(1, 'b');
    // The server waits 5 s for the lock before it gives up.
    const line = await waitUntil(() => failing.events('database_write_failed')[0], { what: 'the log told it', withinMs: 20_000 });
    assert.equal(line['level'], 'error');
    assert.equal(line['docId'], 'refused');
    assert.match(JSON.stringify(line['error']), /locked/);
    assert.ok(!alice.isSettled, 'what is not stored is not acknowledged');
  }
  await alice.waitFor(() => alice.isSettled, 'the edit came back after all', 30_000);
  assert.equal(alice.text, 'ab');
  assert.ok(valueOf(await scrape(failing.url), 'persist_errors_total') > 0);
  secrets.add((await readFile(`${failing.databasePath}.key`, 'utf8')).trim());
  await failing.kill('SIGTERM');
  assertNoSecrets(failing);
});

test('nothing secret is in the log of all this', () => assertNoSecrets(app));

const assertNoSecrets = ({ output }: AppProcess): void => {
  assert.ok(secrets.size >= 7 && ![...secrets].includes(''));
  assert.deepEqual(
    [...secrets].filter((secret) => output.includes(secret)),
    [],
  );
};
