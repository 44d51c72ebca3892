/** A public host name gets a certificate of an authority by itself, and keeps it through renewals and deaths of the daemon. */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { startPebble, waitUntil, whyNoPebble } from '@berth/testing';
import { StoryPlatform } from './harness/platform.ts';
import { archive } from './harness/source.ts';
import { ask, Visitor } from './harness/visitor.ts';

const HOST = 'shop.example.com';
const skip = whyNoPebble() ?? false;

const files = {
  'berth.yaml': `app: shop\nservices:\n  web:\n    run: exec node server.js\n    health: /healthz\nroutes:\n  ${HOST}: web\n  www.${HOST}: { redirect: ${HOST} }\n`,
  'server.js': `
require('node:http').createServer((request, response) => response.end('hello')).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`,
};

/** One request over TLS, verified against the root; gives the serial number of the certificate that was shown. */
const visit = (port: number, ca: string, agent?: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    let serial = '';
    const asking = request(
      { host: '127.0.0.1', port, servername: HOST, headers: { host: HOST }, ca, agent: agent ?? false, timeout: 30_000 },
      (response) => {
        serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
        response.resume();
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200 ? resolve(serial) : reject(new Error(`it answered ${response.statusCode}`)),
        );
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end();
  });

test('a public name gets its certificate by itself; renewals and a killed daemon cost no request', { skip }, async (t) => {
  await using platform = await StoryPlatform.open({ tls: 'on' });
  await using pebble = await startPebble({ httpPort: platform.httpPort, nonceReject: 15 });
  const { client, httpsPort } = platform;
  assert.ok(httpsPort !== null);
  const receipt = await platform.finished(await client.call('deploy', { body: archive(files), query: {} }));
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  const certificates = async () =>
    (await client.call('certificates', {})).certificates.filter(({ host }) => host.endsWith('example.com'));
  assert.deepEqual(
    (await certificates()).map(({ kind, renewal }) => [kind, renewal]),
    [
      ['local', null],
      ['local', null],
    ],
  );

  const began = Date.now();
  await client.call('changeSettings', { body: { acme: pebble.settings } });
  await waitUntil(async () => (await certificates()).every(({ kind }) => kind === 'acme'), {
    what: 'both names have certificates',
    withinMs: 60_000,
  });
  t.diagnostic(`certificates for 2 names within ${Date.now() - began} ms of the setting`);
  const ca = await pebble.root();
  const first = await visit(httpsPort, ca);
  assert.match(await client.call('metrics', {}), /cert_expiry_seconds\{host="shop\.example\.com",source="acme"\} \d{7,}/);
  assert.equal((await ask(platform.httpPort, HOST)).status, 308, 'http leads to https as before');

  const seen = new Set([first]);
  {
    const agent = new Agent({ keepAlive: true });
    await using fresh = new Visitor(async () => void seen.add(await visit(httpsPort, ca)));
    await using kept = new Visitor(async () => void (await visit(httpsPort, ca, agent)));
    for (let n = 0; n < 4; n += 1) await client.call('renewCertificate', { params: { host: HOST } });
    // Five within an hour are what an authority bears.
    await assert.rejects(client.call('renewCertificate', { params: { host: HOST } }), { code: 'CERTIFICATE_TRIED_TOO_OFTEN' });

    // Killed while the authority thinks, it goes on with the order that was begun.
    const www = { params: { host: `www.${HOST}` } };
    pebble.front.fail({ kind: 'hang' }, { path: '/authZ/' });
    const asked = pebble.front.asked.length;
    const pending = client.call('renewCertificate', www).catch(() => 'the daemon died');
    await waitUntil(() => pebble.front.asked.slice(asked).some((line) => line.includes('/authZ/')), {
      what: 'the order is made',
    });
    await platform.kill();
    assert.equal(await pending, 'the daemon died');
    pebble.front.heal();
    await platform.start();
    const before = pebble.front.orders;
    await client.call('renewCertificate', www);
    assert.equal(pebble.front.orders, before);
    await waitUntil(() => kept.requests > 50 && fresh.requests > 50, { what: 'there were visitors', withinMs: 30_000 });
    assert.deepEqual([fresh.failures, kept.failures], [[], []]);
    t.diagnostic(`${fresh.requests + kept.requests} requests during 5 renewals and a kill, 0 failed`);
    agent.destroy();
  }
  seen.add(await visit(httpsPort, ca));
  assert.ok(seen.size >= 3, `new connections are shown new certificates: ${seen.size}`);

  // Off again: what there is is served on.
  await client.call('changeSettings', { body: { acme: null } });
  assert.deepEqual(
    (await certificates()).map(({ kind, renewal }) => [kind, renewal]),
    [
      ['acme', null],
      ['acme', null],
    ],
  );
});

test('a failure names its cause, and leaves the site as it was', { skip }, async () => {
  await using platform = await StoryPlatform.open({ tls: 'on' });
  await using pebble = await startPebble({ httpPort: platform.httpPort });
  const { client } = platform;
  await pebble.dns.setAddresses(HOST, { v4: ['127.0.0.9'] });
  await pebble.dns.fail(`www.${HOST}`);
  await client.call('changeSettings', { body: { acme: pebble.settings } });
  await platform.finished(await client.call('deploy', { body: archive(files), query: {} }));
  const failures = async () =>
    (await client.call('certificates', {})).certificates
      .filter(({ host }) => host.endsWith('example.com'))
      .map(({ kind, renewal }) => `${kind} ${renewal?.failure?.code}`);
  await waitUntil(async () => (await failures()).every((line) => !line.endsWith('undefined')), {
    what: 'both have failed',
    withinMs: 30_000,
  });
  assert.deepEqual(await failures(), ['local CERTIFICATE_PORT_CLOSED', 'local CERTIFICATE_DNS_UNANSWERED']);
  const check = await client.call('checkCertificate', { params: { host: HOST } });
  assert.deepEqual(
    [check.ok, check.addresses, check.findings.map(({ code }) => code)],
    [false, ['127.0.0.9'], ['CERTIFICATE_PORT_CLOSED']],
  );
  assert.equal(pebble.front.asked.filter((line) => line === 'POST /order-plz').length, 0, 'the authority was not bothered');
  assert.equal((await ask(platform.httpPort, HOST)).status, 308);

  await pebble.dns.setAddresses(HOST, { v4: ['127.0.0.1'] });
  const renewed = await client.call('renewCertificate', { params: { host: HOST } });
  assert.deepEqual([renewed.kind, renewed.renewal?.failure], ['acme', null]);
  await assert.rejects(client.call('changeSettings', { body: { acme: { ...pebble.settings, caFile: '/nowhere' } } }), {
    code: 'SETTING_INVALID',
  });
});
