import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitUntil } from '@berth/testing';
import type { LatencySample } from './state.ts';
import { ask } from './testing/client.ts';
import { type EdgeFixture, host, never, route, service, startEdge, state } from './testing/edge-fixture.ts';
import { startToyBackend, type ToyBackend } from './testing/toy-backend.ts';

const HOST = 'pad.example.com';
let edge: EdgeFixture;
let toy: ToyBackend;

before(async () => {
  edge = await startEdge();
  const [a = 0, , listen = 0] = edge.ports;
  toy = await startToyBackend('web', a);
  await edge.edge.apply(
    state(edge, {
      listeners: {
        trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', '2001:db8:ffff::/48'],
        redactQuery: ['token', 'sig[a]'],
        httpsPort: edge.https,
      },
      services: [service({ listen, servers: [{ id: 's1', port: a }] })],
      hosts: [host(HOST, [route('/', 'web')]), host('pad.localhost', [route('/', 'web')])],
    }),
    never,
  );
});

after(async () => {
  await toy[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
});

type Seen = { client: string; proto: string; host?: string };

/** What an application is told of requests that a trusted proxy passes on. */
const cases: readonly { name: string; headers: Record<string, string>; seen: Seen }[] = [
  {
    name: 'one hop',
    headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' },
    seen: { client: '192.0.2.1', proto: 'https' },
  },
  {
    name: 'what the client wrote before the proxy',
    headers: { 'x-forwarded-for': '1.1.1.1, 192.0.2.1', 'x-forwarded-proto': 'https' },
    seen: { client: '192.0.2.1', proto: 'https' },
  },
  {
    name: 'a chain of trusted proxies',
    headers: { 'x-forwarded-for': '1.1.1.1, 192.0.2.1, 10.0.0.9, 10.1.2.3', 'x-forwarded-proto': 'https' },
    seen: { client: '192.0.2.1', proto: 'https' },
  },
  {
    name: 'an IPv6 client with port',
    headers: { 'x-forwarded-for': '[2001:db8::7]:4711', 'x-forwarded-proto': 'https' },
    seen: { client: '2001:db8::7', proto: 'https' },
  },
  {
    name: 'an IPv4 client with port',
    headers: { 'x-forwarded-for': '192.0.2.1:4711', 'x-forwarded-proto': 'https' },
    seen: { client: '192.0.2.1', proto: 'https' },
  },
  {
    name: 'nonsense',
    headers: { 'x-forwarded-for': 'unknown', 'x-forwarded-proto': 'https' },
    seen: { client: '127.0.0.1', proto: 'https' },
  },
  {
    name: 'nonsense behind a trusted hop',
    headers: { 'x-forwarded-for': '1.1.1.1, <script>, 10.0.0.9', 'x-forwarded-proto': 'https' },
    seen: { client: '10.0.0.9', proto: 'https' },
  },
  {
    name: 'an unknown scheme',
    headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil"\\x' },
    seen: { client: '192.0.2.1', proto: 'https', host: HOST },
  },
  {
    name: 'a host',
    headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'public.example.com:8443' },
    seen: { client: '192.0.2.1', proto: 'https', host: 'public.example.com:8443' },
  },
  {
    name: 'Forwarded',
    headers: { forwarded: 'for=192.0.2.60;proto=https;by=203.0.113.43' },
    seen: { client: '192.0.2.60', proto: 'https' },
  },
  {
    name: 'Forwarded in capitals with IPv6, port and host',
    headers: { forwarded: 'For="[2001:db8:cafe::17]:4711"; Proto=HTTPS; Host="public.example.com"' },
    seen: { client: '2001:db8:cafe::17', proto: 'https', host: 'public.example.com' },
  },
  {
    name: 'Forwarded with a chain',
    headers: { forwarded: 'for=1.1.1.1;proto=http, for=192.0.2.43, for="10.0.0.9:80";proto=https' },
    seen: { client: '192.0.2.43', proto: 'https' },
  },
  {
    name: 'Forwarded with a comma in quotes',
    headers: { forwarded: 'for=192.0.2.43;x="a, for=1.1.1.1";proto=https' },
    seen: { client: '192.0.2.43', proto: 'https' },
  },
  {
    name: 'Forwarded with a hidden name',
    headers: { forwarded: 'for=1.1.1.1, for=_hidden;proto=https' },
    seen: { client: '127.0.0.1', proto: 'https' },
  },
  {
    name: 'both (X-Forwarded-For wins)',
    headers: { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=1.1.1.1', 'x-forwarded-proto': 'https' },
    seen: { client: '192.0.2.1', proto: 'https' },
  },
];

for (const { name, headers, seen } of cases) {
  test(`from a trusted proxy: ${name}`, async () => {
    const answer = await ask({ port: edge.http, host: HOST, headers });
    assert.equal(answer.status, 200, answer.body);
    const told = JSON.parse(answer.body).headers;
    assert.deepEqual(
      { client: told['x-forwarded-for'], proto: told['x-forwarded-proto'], host: told['x-forwarded-host'] },
      { host: HOST, ...seen },
    );
  });
}

test('a request id of a trusted proxy is kept, one that is no id is replaced', async () => {
  const proxied = { 'x-forwarded-proto': 'https' };
  const kept = await ask({ port: edge.http, host: HOST, headers: { ...proxied, 'x-request-id': 'abc-123' } });
  assert.deepEqual([kept.headers['x-request-id'], JSON.parse(kept.body).headers['x-request-id']], ['abc-123', 'abc-123']);
  const replaced = await ask({ port: edge.http, host: HOST, headers: { ...proxied, 'x-request-id': 'a b"{}' } });
  assert.match(String(replaced.headers['x-request-id']), /^[0-9a-f-]{36}$/);
});

test('strict transport security is set for names of the world, never for localhost', async () => {
  const headers = { 'x-forwarded-proto': 'https' };
  assert.equal((await ask({ port: edge.http, host: HOST, headers })).headers['strict-transport-security'], 'max-age=31536000');
  assert.equal((await ask({ port: edge.http, host: 'pad.localhost', headers })).headers['strict-transport-security'], undefined);
});

test('plain http is redirected to https with its path and query, unless a trusted proxy has spoken https', async () => {
  const answer = await ask({ port: edge.http, host: `${HOST}:${edge.http}`, path: '/a//b?c=d&e=%20' });
  assert.deepEqual([answer.status, answer.headers.location], [308, `https://${HOST}:${edge.https}/a//b?c=d&e=%20`]);
  assert.equal((await ask({ port: edge.http, host: 'unknown.example.com' })).status, 404);
});

test('the access log is one JSON object per line whatever is asked, with secrets in the query taken out', async () => {
  const log = join(edge.directory, 'access.log');
  const headers = { 'x-forwarded-for': '192.0.2.77', 'x-forwarded-proto': 'https' };
  const ids = ['log-1', 'log-2', 'log-3', 'log-4'];
  const paths = [
    '/a?x=1&token=secret&y=2&sig[a]=secret',
    '/"q\\"/%00?"',
    `/${'é'.length}%ff?tok%65n=secret&TOKEN=secret&z={"a":"\\"}`,
    `/${'long"'.repeat(800)}?${'q"'.repeat(900)}`,
  ];
  for (const [i, path] of paths.entries())
    await ask({ port: edge.http, host: HOST, path, headers: { ...headers, 'x-request-id': ids[i] ?? '' } });
  await ask({ port: edge.http, host: 'bad"host\\', headers });
  // What is behind the last end of a line is just being written.
  const lines = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'));
  await waitUntil(() => lines().some((line) => line.includes('log-4')), { what: 'the last request is in the log' });
  const parsed = lines().map((line) => JSON.parse(line));
  const [first, , third] = ids.map((id) => parsed.find((line) => line.id === id));
  assert.equal(first.query, 'x=1&token=redacted&y=2&sig[a]=redacted');
  assert.equal(third.query, 'tok%65n=redacted&TOKEN=redacted&z={"a":"\\"}');
  assert.doesNotMatch(readFileSync(log, 'utf8'), /secret/);
  assert.deepEqual(
    {
      app: first.app,
      service: first.service,
      server: first.server,
      client: first.client,
      method: first.method,
      path: first.path,
      status: first.status,
      host: first.host,
      http: first.http,
    },
    {
      app: 'pad',
      service: 'web',
      server: 's1',
      client: '192.0.2.77',
      method: 'GET',
      path: '/a',
      status: 200,
      host: HOST,
      http: 'HTTP/1.1',
    },
  );
  assert.ok(Math.abs(first.time * 1000 - Date.now()) < 60_000);
});

test('the log gives samples of what instances answered, each once', async () => {
  edge.edge.samples();
  for (let n = 0; n < 5; n++)
    await ask({ port: edge.http, host: HOST, path: '/?ms=30&status=201', headers: { 'x-forwarded-proto': 'https' } });
  const all: LatencySample[] = [];
  const take = () => all.push(...edge.edge.samples().samples);
  await waitUntil(() => take() >= 5, { what: 'samples are there' });
  assert.equal(all.length, 5);
  assert.ok(
    all.every((sample) => sample.app === 'pad' && sample.server === 's1' && sample.status === 201 && sample.durationMs >= 25),
  );
  assert.deepEqual(edge.edge.samples(), { samples: [], dropped: 0 });
});
