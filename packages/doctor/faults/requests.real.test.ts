/** Faults that visitors meet, made for real: a platform with public names, a name server, and proxies in front. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeSelfSigned, temporaryDirectory } from '@berth/testing';
import { berth } from '../../../e2e/harness/command.ts';
import { ask } from '../facts/ask.ts';
import { type NameServer, openNameServer } from '../testing/name-server.ts';
import { Patient, says } from '../testing/patient.ts';

const HOST = 'patient.doctor-of-ships.net';

let patient: Patient;
let names: NameServer;
before(async () => {
  names = await openNameServer();
  const manifest = (text: string): string => text.replace('patient: web', `${HOST}: { /: web, /hang: { to: web, timeout: 1s } }`);
  patient = await Patient.open({ tls: 'on', manifest });
});
after(async () => {
  await patient[Symbol.asyncDispose]();
  names.close();
});

const front = () => ({ port: patient.platform.httpPort, tls: false });
const look = () => ({ nameServers: [names.address], front: front() });

test('dns-missing, dns-silent, dns-elsewhere: names that lead nowhere, and to somebody else', async () => {
  says(await patient.finding('dns-missing', look()), HOST, 'know no address');
  names.records.set(HOST, '127.0.0.1');
  await patient.cured('dns-missing', look());
  await patient.cured('dns-silent', look());
  await patient.cured('dns-elsewhere', look());

  await using stranger = createServer((_, answer) => answer.end('parked')).listen(0, '127.0.0.7');
  await once(stranger, 'listening');
  names.records.set(HOST, '127.0.0.7');
  const { port } = stranger.address() as AddressInfo;
  const elsewhere = { ...look(), front: { port, tls: false } };
  says(await patient.finding('dns-elsewhere', elsewhere), '127.0.0.7', 'something else answers');
  names.records.set(HOST, '127.0.0.1');

  says(await patient.finding('dns-silent', { ...look(), nameServers: ['127.0.0.1:9'] }), HOST, 'resolv.conf');
});

test('certificate-local, certificate-expiring: what browsers would say', async () => {
  says(await patient.finding('certificate-local'), HOST, 'Berth local authority', 'berth cert set');
  await patient.cured('certificate-expiring');
  await using directory = await temporaryDirectory();
  const set = async (host: string, days: number): Promise<void> => {
    const [key, chain] = [join(directory.path, 'key.pem'), join(directory.path, 'chain.pem')];
    await makeSelfSigned({ names: [`DNS:${host}`], days, key, certificate: chain });
    const body = { chain: readFileSync(chain, 'utf8'), key: readFileSync(key, 'utf8') };
    await patient.platform.client.call('setCertificate', { params: { host: HOST }, body });
  };
  await set(HOST, 90);
  const later = (days: number) => ({ now: () => new Date(Date.now() + days * 86_400_000) });
  says(await patient.finding('certificate-expiring', later(81)), HOST, 'ends in');
  says(await patient.finding('certificate-expiring', later(91)), 'has ended');
  await patient.cured('certificate-local');
  await patient.cured('certificate-expiring');
});

test('certificate-not-issued: an authority that cannot be reached for a name that leads nowhere', async () => {
  await patient.cured('certificate-not-issued');
  const { client } = patient.platform;
  await client.call('removeCertificate', { params: { host: HOST } });
  const { acme } = await client.call('settings', {});
  const directory = 'https://127.0.0.1:9/directory';
  const set = await berth(patient.home, ['cert', 'acme', '--email', 'captain@doctor-of-ships.net', '--directory', directory]);
  assert.equal(set.code, 0, set.stderr);
  says(await patient.finding('certificate-not-issued', { withinMs: 60_000 }), HOST, 'is tried again', 'berth cert check');
  await client.call('changeSettings', { body: { acme } });
});

test('app-not-answering, healthy-but-broken: errors instead of the site', async () => {
  await patient.cured('app-not-answering');
  await patient.order('front', { status: 500 });
  says(await patient.finding('healthy-but-broken'), 'answers / with 500', '/health with 200');
  await patient.cured('app-not-answering');
  await patient.order('front', { status: 200 });
  await patient.cured('healthy-but-broken');
  // Where a service may run once only, requests wait for it until the edge gives up or the daemon has put it right.
  const { pid, id } = await patient.instance();
  process.kill(pid, 'SIGSTOP');
  says(await patient.finding('app-not-answering', { bounds: { answerMs: 1_500 } }), HOST, id, 'does not answer on its port');
  await patient.instance();
  await patient.cured('app-not-answering');
});

test('answers-too-late: a page that takes longer than its route allows', async () => {
  await patient.cured('answers-too-late');
  const place = { tls: true, address: '127.0.0.1', port: patient.platform.httpsPort ?? 0, host: HOST };
  const answer = await ask(place, '/hang', { timeoutMs: 10_000 });
  assert.equal(answer.kind === 'answer' ? answer.status : answer.code, 504);
  says(await patient.finding('answers-too-late'), 'GET /hang', '504');
});

test('cached-for-ever, stale-page: what caches keep too long', async () => {
  await patient.cured('cached-for-ever');
  await patient.order('page', { body: '<link rel="stylesheet" href="/style.css"><script src="/app.3f2a91bc.css"></script>' });
  says(await patient.finding('cached-for-ever'), '/style.css', 'immutable');
  await patient.order('page', { body: '<link rel="stylesheet" href="/style.3f2a91bc.css">' });
  await patient.cured('cached-for-ever');
  await patient.cured('stale-page');
  await patient.order('page', { body: '<h1>Old</h1>', fresh: '<h1>New and longer</h1>' });
  says(await patient.finding('stale-page'), 'the two differ');
  await patient.order('page', { body: '<h1>Patient</h1>' });
});

test('session-secret-changed: everybody was logged out', async () => {
  const { client, finished } = { client: patient.platform.client, finished: patient.platform.finished.bind(patient.platform) };
  const set = async (value: string) =>
    finished(
      await client.call('changeSecrets', { params: { app: 'patient' }, body: { set: { SESSION_SECRET: value }, generate: [] } }),
    );
  await set('first');
  await patient.cured('session-secret-changed');
  await finished(
    await client.call('changeSecrets', {
      params: { app: 'patient' },
      body: { set: {}, generate: [], offer: { SESSION_SECRET: null } },
    }),
  );
  await finished(
    await client.call('changeSecrets', {
      params: { app: 'patient' },
      body: { set: {}, generate: [], exchange: ['SESSION_SECRET'] },
    }),
  );
  await patient.cured('session-secret-changed');
  await finished(
    await client.call('changeSecrets', {
      params: { app: 'patient' },
      body: { set: {}, generate: [], finish: ['SESSION_SECRET'] },
    }),
  );
  await set('second');
  says(await patient.finding('session-secret-changed'), 'SESSION_SECRET', 'log in once more');
});

test('web-socket-refused, web-socket-idle-cut: proxies in front that are not made for WebSockets', async () => {
  const instance = await patient.instance();
  await patient.cured('web-socket-refused', { ...look(), front: { port: patient.platform.httpsPort ?? 0, tls: true } });

  await using stripping = createServer((asked, answer) => {
    const { upgrade: _, connection: __, ...headers } = asked.headers;
    request({ port: instance.port, path: asked.url, method: asked.method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    }).end();
  }).listen(0, '127.0.0.1');
  await once(stripping, 'listening');
  const port = (stripping.address() as AddressInfo).port;
  says(await patient.finding('web-socket-refused', { ...look(), front: { port, tls: false } }), `127.0.0.1:${port}`, 'Upgrade');

  await using impatient = createTcpServer((socket) => {
    const onward = connect(instance.port, '127.0.0.1');
    for (const one of [socket, onward]) one.on('error', () => undefined);
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('close', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(impatient, 'listening');
  const cutting = {
    ...look(),
    slow: true,
    bounds: { idleMs: 5_000 },
    front: { port: (impatient.address() as AddressInfo).port, tls: false },
  };
  says(await patient.finding('web-socket-idle-cut', cutting), 'was cut after 1.', 'longer than 5 s');
  await patient.cured('web-socket-idle-cut', { ...cutting, front: front(), bounds: { idleMs: 2_000 } });
});

test('write-rate-high, safety-net-dominates, persister-leak, memory-use-high, writes-fail: what its own numbers say', async () => {
  const tell = (numbers: Readonly<Record<string, number>>): Promise<void> =>
    patient.order('metrics', {
      text: Object.entries(numbers)
        .map(([name, value]) => `kolabpad_${name} ${value}\n`)
        .join(''),
    });
  const well = {
    documents_in_memory: 4,
    active_persisters_count: 2,
    db_writes_per_minute: 3,
    idle_persist_total: 90,
    safety_net_persist_total: 8,
    goroutine_count: 12,
    memory_usage_bytes: 60e6,
    memory_limit_bytes: 512e6,
    persist_errors_total: 0,
  };
  await tell(well);
  for (const rule of NUMBERS) await patient.cured(rule);
  await tell({ ...well, db_writes_per_minute: 44 });
  says(await patient.finding('write-rate-high'), '44 writes a minute', '4 documents');
  await tell({ ...well, idle_persist_total: 3, safety_net_persist_total: 60 });
  says(await patient.finding('safety-net-dominates'), '60 writes by the safety net, 3 after');
  await tell({ ...well, active_persisters_count: 9 });
  says(await patient.finding('persister-leak'), '9 persisters');
  await tell({ ...well, memory_usage_bytes: 480e6, document_evictions_total: 0 });
  says(await patient.finding('memory-use-high'), '480 MB', 'never evicted');
  await tell({ ...well, persist_errors_total: 2 });
  says(await patient.finding('writes-fail'), '2 writes');
});

test('secure-cookie-over-http: a cookie that browsers will not take', async () => {
  await using plain = await Patient.open({ manifest: (text) => text.replace('patient: web', `${HOST}: web`) });
  await plain.cured('secure-cookie-over-http');
  await plain.order('cookie', { cookie: 'session=1; Path=/; HttpOnly; Secure' });
  says(await plain.finding('secure-cookie-over-http'), 'session', 'Secure', '--https');
});

const NUMBERS = ['write-rate-high', 'safety-net-dominates', 'persister-leak', 'memory-use-high', 'writes-fail'];
