import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:tls';
import { test } from 'node:test';
import { exec } from '@berth/host';
import { ask } from './testing/client.ts';
import { type EdgeFixture, host, never, route, service, startEdge, state } from './testing/edge-fixture.ts';
import { startToyBackend } from './testing/toy-backend.ts';
import { bundle, checkCertificate, renewalDue } from './certificates/validate.ts';
import type { IssueAnswer, IssueRequest } from './certificates/issue.ts';

const HOST = 'pad.localhost';
const DAY_MS = 24 * 3_600_000;

/** An authority that is not the edge's own, and certificates of it. */
const issue = async (names: readonly (readonly string[])[], nowMs = Date.now()): Promise<IssueAnswer> => {
  const request: IssueRequest = { nowMs, authority: null, authorityName: 'Test authority', names };
  const program = new URL('./certificates/issue.ts', import.meta.url).pathname;
  return JSON.parse((await exec([process.execPath, program], { input: JSON.stringify(request) })).stdout);
};

const wanted = (edge: EdgeFixture, hosts: readonly string[], port: number) =>
  state(edge, {
    listeners: { httpsPort: edge.https },
    services: [service({ listen: edge.ports[9] ?? 0, servers: [{ id: 's1', port }] })],
    hosts: hosts.map((name) => host(name, [route('/', 'web')])),
  });

/** Who signed what a client with this name is shown. */
const shown = (port: number, servername: string | undefined): Promise<X509Certificate> =>
  new Promise((resolve, reject) => {
    const socket = connect(
      { port, host: '127.0.0.1', rejectUnauthorized: false, ...(servername === undefined ? {} : { servername }) },
      () => {
        const raw = socket.getPeerCertificate(false).raw;
        socket.destroy();
        resolve(new X509Certificate(raw));
      },
    );
    socket.on('error', reject);
  });

test('hosts get certificates of the local authority, new ones without a reload; its root verifies them', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  await edge.edge.apply(wanted(edge, [HOST], toy.port), never);
  const ca = readFileSync(edge.edge.certificates.rootPath, 'utf8');
  const answer = await ask({ port: edge.https, host: HOST, ca });
  assert.equal(answer.status, 200);
  assert.equal(JSON.parse(answer.body).headers['x-forwarded-proto'], 'https');

  assert.equal((await edge.edge.apply(wanted(edge, [HOST, 'other.example.com'], toy.port), never)).reloaded, false);
  assert.equal((await ask({ port: edge.https, host: 'other.example.com', ca })).status, 200);
  assert.match((await shown(edge.https, undefined)).subjectAltName ?? '', /DNS:localhost, IP Address:127\.0\.0\.1/);
  const root = new X509Certificate(ca);
  assert.ok(root.ca && root.validToDate.getTime() > Date.now() + 3_600 * DAY_MS);
  const leaf = await shown(edge.https, HOST);
  const days = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / DAY_MS;
  assert.ok(leaf.checkIssued(root) && days <= 397, `${days} days`);
  assert.deepEqual(
    (await edge.edge.certificates.list()).map(({ host: name, source }) => `${name} ${source}`),
    ['localhost local', 'other.example.com local', 'pad.localhost local'],
  );
});

test('HTTP/2 is spoken over TLS, and nothing older than TLS 1.2', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  await edge.edge.apply(wanted(edge, [HOST], toy.port), never);
  const ca = readFileSync(edge.edge.certificates.rootPath, 'utf8');
  const session = connectHttp2(`https://127.0.0.1:${edge.https}`, { ca, servername: HOST });
  const status = await new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/', ':authority': HOST });
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.on('error', reject);
    stream.resume();
  });
  session.close();
  assert.equal(status, 200);
  await assert.rejects(
    new Promise((resolve, reject) => {
      const old = connect(
        {
          port: edge.https,
          host: '127.0.0.1',
          servername: HOST,
          ca,
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
        () => resolve(old.getProtocol()),
      );
      old.on('error', reject);
    }),
  );
});

test('a certificate of one’s own takes the place of the local one at once, and leaves it again', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  await edge.edge.apply(wanted(edge, ['a.example.com', 'b.example.com'], toy.port), never);
  const { authority, certificates } = await issue([['a.example.com'], ['*.example.com']]);
  const [exact, wildcard] = certificates;
  const reloads = () => edge.events.filter(({ event }) => event === 'edge.reloaded').length;
  const before = reloads();

  const set = await edge.edge.certificates.set('a.example.com', {
    chain: `${exact?.certificate}\r\n\r\n\r\n${authority.certificate}`,
    key: `\n\n${exact?.key}`,
  });
  assert.deepEqual([set.host, set.source, set.names], ['a.example.com', 'own', ['a.example.com']]);
  const ca = authority.certificate;
  assert.equal((await ask({ port: edge.https, host: 'a.example.com', ca })).status, 200);
  await assert.rejects(ask({ port: edge.https, host: 'b.example.com', ca }));
  await edge.edge.certificates.set('*.example.com', { chain: wildcard?.certificate ?? '', key: wildcard?.key ?? '' });
  assert.equal((await ask({ port: edge.https, host: 'b.example.com', ca })).status, 200);
  await edge.edge.certificates.remove('*.example.com');
  await edge.edge.certificates.remove('a.example.com');
  assert.equal(
    (await ask({ port: edge.https, host: 'a.example.com', ca: readFileSync(edge.edge.certificates.rootPath, 'utf8') })).status,
    200,
  );
  assert.equal(reloads(), before);
  await assert.rejects(edge.edge.certificates.remove('a.example.com'), { code: 'EDGE_CERTIFICATE_NOT_FOUND' });
  assert.equal((await edge.edge.apply(wanted(edge, ['a.example.com', 'b.example.com'], toy.port), never)).reloaded, false);
});

test('a fetched certificate that is removed leaves no key behind; a host that is still served has the local one', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  const { certificates } = await issue([['a.example.com', 'b.example.com']]);
  await edge.edge.apply(wanted(edge, ['a.example.com', 'b.example.com'], toy.port), never);
  const pair = { chain: certificates[0]?.certificate ?? '', key: certificates[0]?.key ?? '' };
  await edge.edge.certificates.setIssued(['a.example.com', 'b.example.com'], pair);
  await edge.edge.apply(wanted(edge, ['b.example.com'], toy.port), never);
  const holds = async () => (await exec(['grep', '-rlF', pair.key.split('\n')[2] ?? '', edge.directory])).stdout;
  assert.match(await holds(), /live\/a\.example\.com/);
  await edge.edge.certificates.removeIssued('a.example.com');
  assert.doesNotMatch(await holds(), /a\.example\.com/);
  await edge.edge.certificates.removeIssued('b.example.com');
  await edge.edge.certificates.removeIssued('nobody.example.com');
  assert.equal(await holds(), '');
  assert.match((await shown(edge.https, 'b.example.com')).issuer, /Berth local authority/);
});

test('a chain that is too big for the admin socket is loaded by a reload', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  await edge.edge.apply(wanted(edge, ['a.example.com'], toy.port), never);
  const names = Array.from({ length: 600 }, (_, n) => `host-number-${n}.of-a-long-list.example.com`);
  const { authority, certificates } = await issue([['a.example.com', ...names]]);
  const [big] = certificates;
  assert.ok((big?.certificate.length ?? 0) > 16_000);
  await edge.edge.certificates.set('a.example.com', { chain: big?.certificate ?? '', key: big?.key ?? '' });
  assert.equal((await ask({ port: edge.https, host: 'a.example.com', ca: authority.certificate })).status, 200);
});

test('certificates are checked before they are taken', async (t) => {
  const now = Date.now();
  const { authority, certificates } = await issue([['a.example.com'], ['b.example.com']]);
  const [a, b] = certificates;
  const chain = a?.certificate ?? '';
  const key = a?.key ?? '';
  const expired = (await issue([['a.example.com']], now - 400 * DAY_MS)).certificates[0];
  const cases: readonly { name: string; host?: string; chain?: string; key?: string; why: RegExp }[] = [
    { name: 'the key of another', key: b?.key ?? '', why: /belongs to another/ },
    { name: 'for another host', host: 'c.example.com', why: /it is for a\.example\.com/ },
    { name: 'no certificate', chain: 'hello', why: /no certificate/ },
    {
      name: 'a broken certificate',
      chain: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      why: /cannot be read/,
    },
    { name: 'no key', key: 'hello', why: /private key cannot be read/ },
    { name: 'a chain in the wrong order', chain: `${authority.certificate}\n${chain}`, why: /belongs to another/ },
    { name: 'a chain of strangers', chain: `${chain}\n${b?.certificate}`, why: /did not issue/ },
    { name: 'an expired one', chain: expired?.certificate ?? '', key: expired?.key ?? '', why: /expired on/ },
  ];
  for (const { name, host: asked = 'a.example.com', why, ...parts } of cases) {
    await t.test(name, () =>
      assert.throws(() => checkCertificate(asked, { chain, key, ...parts }, now), {
        code: 'EDGE_CERTIFICATE_INVALID',
        message: why,
      }),
    );
  }
  const taken = checkCertificate('a.example.com', { chain: `comment\n${chain}\n${authority.certificate}`, key }, now);
  assert.doesNotMatch(bundle(taken.chain, taken.key), /comment|\n\n|\r/);
  assert.equal(createPrivateKey(taken.key).asymmetricKeyType, 'ec');
});

test('renewal is due after two thirds of the life of a certificate', () => {
  const certificate = { notBefore: '2030-01-01T00:00:00Z', notAfter: '2030-03-31T00:00:00Z' };
  assert.deepEqual(
    ['2030-02-28T00:00:00Z', '2030-03-02T00:00:00Z'].map((now) => renewalDue(certificate, Date.parse(now))),
    [false, true],
  );
});
