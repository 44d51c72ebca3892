import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:tls';
import { test } from 'node:test';
import { openEdge, type Edge } from '@berth/edge';
import { openJournal, type Journal, type NewEvent } from '@berth/journal';
import type { AcmeSettings, PlatformSettings } from '@berth/protocol';
import { freePorts, type Pebble, startPebble, temporaryDirectory, waitUntil, whyNoPebble } from '@berth/testing';
import { defaultSettings } from '../settings.ts';
import { type CertificateKeeper, createCertificateKeeper } from './keeper.ts';

const skip = whyNoPebble() ?? false;
const never = new AbortController().signal;
const DAY_MS = 24 * 3_600_000;

type Stage = AsyncDisposable & {
  readonly pebble: Pebble;
  readonly edge: Edge;
  readonly https: number;
  readonly journal: Journal;
  readonly events: NewEvent[];
  readonly hosts: { host: string; app: string }[];
  settings: PlatformSettings;
  /** How far the clock is ahead. */
  aheadMs: number;
  keeper: CertificateKeeper;
  /** Another life of the daemon. */
  restart(): Promise<void>;
  named(name: string): Record<string, unknown>[];
};

/** What the daemon has: an edge with hosts, a journal, and a clock that can be moved on. */
const setUp = async (acme: Partial<AcmeSettings> = {}): Promise<Stage> => {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory('berth-edge-'));
  const [http = 0, https = 0] = await freePorts(2);
  const edge = await openEdge({
    directory: directory.join('edge'),
    binaries: { haproxy: '/usr/sbin/haproxy', nginx: '/usr/sbin/nginx' },
    user: null,
    log: () => undefined,
    now: () => Date.now() + stage.aheadMs,
  });
  stack.defer(() => edge.stop(AbortSignal.abort()));
  const pebble = stack.use(await startPebble({ httpPort: http, nonceReject: 10 }));
  const journal = openJournal(directory.join('journal.db'), { now: () => new Date() });
  stack.defer(() => journal.close());
  const events: NewEvent[] = [];
  const openKeeper = () =>
    createCertificateKeeper({
      journal,
      edge,
      bus: { publish: (event) => void events.push(event) },
      settings: () => stage.settings,
      hosts: () => stage.hosts,
      home: directory.join('edge/acme'),
      version: 'test',
      now: () => new Date(Date.now() + stage.aheadMs),
      pace: { pollMs: 50, patience: [10], requestMs: 20_000 },
    });
  const stage: Omit<Stage, typeof Symbol.asyncDispose> = {
    pebble,
    edge,
    https,
    journal,
    events,
    hosts: [],
    settings: {
      ...defaultSettings,
      httpPort: http,
      httpsPort: https,
      acme: { ...pebble.settings, ...acme },
    },
    aheadMs: 0,
    keeper: openKeeper(),
    async restart() {
      await stage.keeper.end();
      stage.keeper = openKeeper();
    },
    named: (name) => events.filter((event) => event.name === name).map(({ fields = {} }) => fields),
  };
  await edge.start(never);
  await serve(stage);
  stack.defer(() => stage.keeper.end());
  const owned = stack.move();
  return Object.assign(stage, { [Symbol.asyncDispose]: () => owned.disposeAsync() });
};

/** Hosts that redirect: the edge needs no app for them. */
const serve = ({ edge, settings, hosts }: Pick<Stage, 'edge' | 'settings' | 'hosts'>) =>
  edge.apply(
    {
      listeners: { ...settings, addresses: ['127.0.0.1'] },
      services: [],
      hosts: hosts.map(({ host, app }) => ({ host, app, redirectTo: null, headers: {}, routes: [] })),
    },
    never,
  );

const addHost = async (stage: Stage, host: string) => {
  stage.hosts.push({ host, app: 'pad' });
  await serve(stage);
};

/** As housekeeping does it, with a clock that jumps over the pause between two looks. */
const look = async (stage: Stage) => {
  stage.aheadMs += 5_000;
  await stage.keeper.tick();
};

/** Looks until it is so, and then no more. */
const ticking = async (stage: Stage, what: string, condition: () => unknown) => {
  await waitUntil(
    async () => {
      await look(stage);
      return Boolean(condition());
    },
    { what, withinMs: 60_000 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(stage.events)}\n${stage.pebble.log().slice(-2_000)}`);
  });
};

const shown = (port: number, servername: string): Promise<X509Certificate> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate(false);
      socket.destroy();
      resolve(new X509Certificate(raw));
    });
    socket.on('error', reject);
  });

test('a host that an app gets is served at once, and soon with a certificate of the authority', { skip }, async () => {
  await using stage = await setUp();
  await addHost(stage, 'pad.localhost');
  await addHost(stage, 'pad.example.com');
  assert.match((await shown(stage.https, 'pad.example.com')).issuer, /Berth local authority/);
  await ticking(stage, 'the certificate is there', () => stage.named('certificate.issued').length === 1);
  assert.equal(stage.named('certificate.issued')[0]?.host, 'pad.example.com');
  assert.match((await shown(stage.https, 'pad.example.com')).issuer, /Pebble/);
  await addHost(stage, 'www.example.com');
  await ticking(stage, 'the second is there too', () => stage.named('certificate.issued').length === 2);
  assert.deepEqual(stage.named('certificate.failed'), []);

  // Nothing more is asked for, whoever looks.
  const asked = stage.pebble.front.orders;
  await stage.restart();
  for (let n = 0; n < 5; n += 1) await look(stage);
  assert.equal(stage.pebble.front.orders, asked);
});

test('renewal comes early by the window of the authority, or by itself', { skip }, async () => {
  await using stage = await setUp();
  await addHost(stage, 'pad.example.com');
  await ticking(stage, 'it is issued', () => stage.named('certificate.issued').length === 1);
  const first = await shown(stage.https, 'pad.example.com');
  stage.pebble.front.renewal = { start: new Date(Date.now() - DAY_MS), end: new Date(Date.now() - DAY_MS / 2) };
  stage.aheadMs += DAY_MS;
  await ticking(stage, 'it is renewed', () => stage.named('certificate.renewed').length === 1);
  const second = await shown(stage.https, 'pad.example.com');
  assert.notEqual(second.fingerprint256, first.fingerprint256);
  assert.equal(stage.pebble.front.replaced.length, 1);

  // Pebble's last for five years: at two thirds of that the next is due.
  stage.pebble.front.renewal = null;
  stage.aheadMs += 2 * 365 * DAY_MS;
  await look(stage);
  assert.equal(stage.named('certificate.renewed').length, 1);
  stage.aheadMs += 1.4 * 365 * DAY_MS;
  await ticking(stage, 'it is renewed again', () => stage.named('certificate.renewed').length === 2);
});

test('a failure is one alert with its reason and the time of the next try, and never an outage', { skip }, async () => {
  await using stage = await setUp();
  const { front } = stage.pebble;
  await addHost(stage, 'pad.example.com');
  front.fail(
    { kind: 'answer', status: 429, type: 'rateLimited', detail: 'too many', headers: { 'retry-after': '86400' } },
    { path: '/order-plz' },
  );
  await ticking(stage, 'it fails', () => stage.named('certificate.failed').length === 1);
  const [failed] = stage.named('certificate.failed');
  assert.deepEqual([failed?.host, failed?.code], ['pad.example.com', 'ACME_RATE_LIMITED']);
  const next = Date.parse(String(failed?.nextTryAt));
  assert.ok(Math.abs(next - Date.now() - DAY_MS) < 600_000, String(failed?.nextTryAt));
  assert.match((await shown(stage.https, 'pad.example.com')).issuer, /Berth local authority/, 'served meanwhile');
  await assert.rejects(stage.keeper.renew('pad.example.com'), { code: 'CERTIFICATE_TRIED_TOO_OFTEN' });

  // What limits it is known to the next life of the daemon too.
  front.heal();
  await stage.restart();
  const before = front.orders;
  for (let n = 0; n < 5; n += 1) await look(stage);
  assert.equal(front.orders, before);
  const certificates = await stage.edge.certificates.list();
  assert.equal(stage.keeper.renewalOf('pad.example.com', certificates)?.failure?.code, 'ACME_RATE_LIMITED');
  assert.equal(stage.keeper.renewalOf('pad.localhost', certificates), null);
  stage.aheadMs = next - Date.now() + 1_000;
  await ticking(stage, 'it is tried again', () => stage.named('certificate.issued').length === 1);
  assert.equal(stage.keeper.renewalOf('pad.example.com', await stage.edge.certificates.list())?.failure, null);
});

test('what can be seen from here is told before the authority is asked', { skip }, async (t) => {
  await using stage = await setUp();
  const { dns, front } = stage.pebble;
  front.caaIdentities = ['pebble.example'];
  const another = createServer((_, response) => response.writeHead(404, { server: 'another' }).end()).listen(
    stage.settings.httpPort,
    '127.0.0.2',
  );
  t.after(() => another.close());
  const cases: readonly { name: string; host: string; arrange: () => Promise<unknown>; code: string; says: RegExp }[] = [
    {
      name: 'DNS fails',
      host: 'broken.example.com',
      arrange: () => dns.fail('broken.example.com'),
      code: 'CERTIFICATE_DNS_UNANSWERED',
      says: /ESERVFAIL/,
    },
    {
      name: 'nobody listens there',
      host: 'closed.example.com',
      arrange: () => dns.setAddresses('closed.example.com', { v4: ['127.0.0.9'] }),
      code: 'CERTIFICATE_PORT_CLOSED',
      says: /of 127\.0\.0\.9 does not answer.*refused/,
    },
    {
      name: 'another program listens there',
      host: 'taken.example.com',
      arrange: () => dns.setAddresses('taken.example.com', { v4: ['127.0.0.2'] }),
      code: 'CERTIFICATE_PORT_TAKEN',
      says: /it answers 404 by another/,
    },
    {
      name: 'CAA forbids',
      host: 'shop.guarded.example.com',
      arrange: () => dns.setCaa('guarded.example.com', 'other.example; validationmethods=dns-01'),
      code: 'CERTIFICATE_CAA_FORBIDS',
      says: /CAA records of guarded\.example\.com allow other\.example .* not pebble\.example/,
    },
  ];
  for (const { name, host, arrange, code, says } of cases) {
    await t.test(name, async () => {
      await arrange();
      await addHost(stage, host);
      await assert.rejects(stage.keeper.renew(host), { code, message: says });
      const check = await stage.keeper.check(host);
      assert.deepEqual([check.ok, check.findings.map((finding) => finding.code)], [false, [code]]);
    });
  }
  assert.equal(front.orders, 0);
  await t.test('and when it is mended, it is fetched within minutes', async () => {
    await dns.setAddresses('closed.example.com', { v4: ['127.0.0.1'] });
    assert.deepEqual(await stage.keeper.check('closed.example.com'), {
      host: 'closed.example.com',
      addresses: ['127.0.0.1'],
      ok: true,
      findings: [],
    });
    await ticking(stage, 'it is issued', () => stage.named('certificate.issued').length === 1);
  });
  await t.test('an authority that is down is what a check says too', async () => {
    front.fail({ kind: 'drop' });
    assert.deepEqual(
      (await stage.keeper.check('closed.example.com')).findings.map(({ code }) => code),
      ['ACME_UNREACHABLE'],
    );
  });
  await t.test('names that nobody is asked for say why', async () => {
    for (const host of ['pad.localhost', 'nobody.example.com'])
      await assert.rejects(stage.keeper.renew(host), { code: 'CERTIFICATE_NOT_AUTOMATIC' });
  });
});

test('a wildcard serves every host right below, and an end that comes near is told', { skip }, async () => {
  await using stage = await setUp();
  const { acme } = stage.settings;
  assert.ok(acme);
  const hook = new URL('../../edge/testing/dns-hook.ts', import.meta.url).pathname;
  const dnsHook = [process.execPath, hook, stage.pebble.dns.management];
  stage.settings = { ...stage.settings, acme: { ...acme, dnsHook, wildcards: ['example.com'] } };
  await addHost(stage, 'a.example.com');
  await ticking(stage, 'it is issued', () => stage.named('certificate.issued').length === 1);
  assert.deepEqual(stage.named('certificate.issued')[0]?.names, ['example.com', '*.example.com']);
  assert.match((await shown(stage.https, 'a.example.com')).issuer, /Pebble/);
  await addHost(stage, 'b.example.com');
  assert.match((await shown(stage.https, 'b.example.com')).issuer, /Pebble/, 'a new host has it from the first moment');

  stage.pebble.front.fail({ kind: 'drop' });
  const { validToDate } = await shown(stage.https, 'a.example.com');
  stage.aheadMs = validToDate.getTime() - Date.now() - 5 * DAY_MS;
  await ticking(stage, 'it is told', () => stage.named('certificate.expiring').length > 0);
  assert.equal(stage.named('certificate.expiring')[0]?.days, 7);
  await ticking(stage, 'the failed renewal too', () => stage.named('certificate.failed').length > 0);
});
