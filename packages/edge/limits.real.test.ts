import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec } from '@berth/host';
import { ask, askRaw } from './testing/client.ts';
import { type EdgeFixture, host, never, route, service, startEdge, state } from './testing/edge-fixture.ts';
import { startToyBackend, type ToyBackend } from './testing/toy-backend.ts';

const HOST = 'pad.example.com';
let edge: EdgeFixture;
let toy: ToyBackend;

before(async () => {
  edge = await startEdge({ limits: { maxBodyBytes: 20_000 } });
  const [a = 0, , listen = 0] = edge.ports;
  toy = await startToyBackend('web', a);
  await edge.edge.apply(
    state(edge, {
      listeners: { trustedProxies: ['127.0.0.1/32'], httpsPort: edge.https },
      services: [service({ listen, servers: [{ id: 's1', port: a }] })],
      hosts: [
        host(HOST, [
          route('/', 'web'),
          route('/api/few', 'web', { limit: { requests: 3, perMs: 60_000, burst: 3 } }),
          route('/api/few/free/', 'web'),
          route('/api/steady', 'web', { limit: { requests: 10, perMs: 1_000, burst: 5 } }),
          route('/small', 'web', { maxBodyBytes: 100 }),
          route('/large', 'web', { maxBodyBytes: 50_000 }),
          route('/hasty', 'web', { timeoutMs: 200 }),
        ]),
      ],
    }),
    never,
  );
});

after(async () => {
  await toy[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
});

/** Asks as a proxy in front would, for a client with this address. */
const from = (client: string, path: string) =>
  ask({ port: edge.http, host: HOST, path, headers: { 'x-forwarded-for': client, 'x-forwarded-proto': 'https' } });

test('beyond the burst a client gets 429 with Retry-After, however it spells the path; others are not concerned', async () => {
  const spellings = ['/api/few', '//api/few', '/%61pi/few/x', '/api/few%2fx', '/API/FEW', '/./api/few'];
  const answers = [];
  for (const path of spellings) answers.push(await from('192.0.2.1', path));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 429, 429, 429],
  );
  assert.equal(answers[3]?.headers['retry-after'], '20');
  assert.equal((await from('192.0.2.2', '/api/few')).status, 200);
  assert.equal((await from('192.0.2.1', '/api/few/free/x')).status, 200);
  assert.equal((await from('192.0.2.1', '/')).status, 200);
});

test('a refusal of a request with a body is seen by clients of HTTP/2', async () => {
  const url = `https://${HOST}:${edge.https}/api/few/posted`;
  const once = ['-s', '-o', '/dev/null', '-w', '%{http_code} %{exitcode}\\n', '--data', '{}', url];
  const there = ['--http2', '--insecure', '--resolve', `${HOST}:${edge.https}:127.0.0.1`];
  const seen: string[] = [];
  for (let request = 0; request < 40; request += 1) seen.push((await exec(['curl', ...there, ...once])).stdout.trim());
  assert.deepEqual([...new Set(seen)].toSorted(), ['200 0', '429 0']);
});

test('an IPv6 client is its /64', async () => {
  const statuses = [];
  for (const n of [1, 2, 3, 4]) statuses.push((await from(`2001:db8:1:2::${n}`, '/api/few')).status);
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  assert.equal((await from('2001:db8:1:3::1', '/api/few')).status, 200);
});

test('only requests that were let through count: who keeps asking gets the agreed rate', async () => {
  const began = performance.now();
  let allowed = 0;
  let asking = 0;
  let last = began;
  while (asking < 3_000) {
    if ((await from('192.0.2.3', '/api/steady')).status === 200) allowed++;
    await sleep(10);
    const now = performance.now();
    // A machine that is busy with other things asks for nothing in the meantime.
    asking += Math.min(now - last, 100);
    last = now;
  }
  // 10 a second and 5 at once: of 3 s of asking two thirds at least, and never more than of all the time.
  const most = 5 + (last - began) / 100 + 2;
  assert.ok(allowed >= 24 && allowed <= most, `${allowed} were allowed, ${most} would be too many`);
});

const bodies: readonly { path: string; bytes: number; chunked?: true; status: number }[] = [
  { path: '/small', bytes: 100, status: 200 },
  { path: '/small', bytes: 101, status: 413 },
  { path: '//small/x', bytes: 101, status: 413 },
  { path: '/small', bytes: 10, chunked: true, status: 411 },
  { path: '/small', bytes: 0, status: 200 },
  { path: '/large', bytes: 50_000, status: 200 },
  { path: '/large', bytes: 50_001, status: 413 },
  { path: '/', bytes: 20_000, status: 200 },
  { path: '/', bytes: 20_001, status: 413 },
  { path: '/api/few/free/', bytes: 20_001, status: 413 },
  { path: '/', bytes: 30_000, chunked: true, status: 200 },
];

for (const { path, bytes, chunked, status } of bodies) {
  test(`a body of ${bytes} bytes${chunked ? ' without a length' : ''} to ${path} is answered ${status}`, async () => {
    const answer = await ask({
      port: edge.http,
      host: HOST,
      path,
      method: 'POST',
      body: Buffer.alloc(bytes, 'x'),
      headers: {
        'x-forwarded-proto': 'https',
        ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bytes) }),
      },
    });
    assert.equal(answer.status, status);
  });
}

for (const method of ['POST', 'GET']) {
  test(`a ${method} over HTTP/2 with a body but no length is refused on a limited route, and one without a body is not`, async () => {
    const ca = readFileSync(edge.edge.certificates.rootPath, 'utf8');
    const session = connectHttp2(`https://127.0.0.1:${edge.https}`, { ca, servername: HOST });
    const send = (body: string | null) =>
      new Promise<number>((resolve, reject) => {
        const stream = session.request(
          { ':path': '/small', ':method': method, ':authority': HOST },
          { endStream: body === null },
        );
        stream.on('response', (headers) => resolve(Number(headers[':status'])));
        stream.on('error', reject);
        stream.resume();
        if (body !== null) stream.end(body);
      });
    assert.deepEqual([await send('x'.repeat(50)), await send(null)], [411, 200]);
    session.close();
  });
}

test('a route that sets its own time-out answers 504 after it', async () => {
  const slow = await ask({ port: edge.http, host: HOST, path: '/hasty?ms=1000', headers: { 'x-forwarded-proto': 'https' } });
  assert.equal(slow.status, 504);
  assert.equal(
    (await ask({ port: edge.http, host: HOST, path: '/?ms=400', headers: { 'x-forwarded-proto': 'https' } })).status,
    200,
  );
});

test('a request whose headers do not end is given up', async () => {
  const answer = await askRaw(edge.http, `GET / HTTP/1.1\r\nhost: ${HOST}\r\nx-long: ${'y'.repeat(40_000)}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1.1 400 /);
});
