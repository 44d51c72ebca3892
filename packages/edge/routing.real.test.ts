import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type EdgeFixture, host, never, route, service, startEdge, state } from './testing/edge-fixture.ts';
import { ask, askRaw } from './testing/client.ts';
import { startToyBackend, type ToyBackend } from './testing/toy-backend.ts';

let edge: EdgeFixture;
let toys: ToyBackend[] = [];

before(async () => {
  edge = await startEdge();
  const [web = 0, api = 0, listenWeb = 0, listenApi = 0] = edge.ports;
  toys = [await startToyBackend('web', web), await startToyBackend('api', api)];
  await edge.edge.apply(
    state(edge, {
      services: [
        service({ listen: listenWeb, servers: [{ id: 'web-1', port: web }] }),
        service({ service: 'api', listen: listenApi, servers: [{ id: 'api-1', port: api }] }),
      ],
      hosts: [
        host(
          'pad.example.com',
          [
            route('/', 'web'),
            route('/api', 'api'),
            route('/api/v2/', 'web', { headers: { 'x-frame-options': 'DENY' } }),
            route('/my docs', 'api'),
            route('/old', { kind: 'redirect', location: '/new?x=1', status: 301 }),
            route('/away', { kind: 'redirect', location: 'https://other.example.com/', status: 302 }),
          ],
          { headers: { 'content-security-policy': "default-src 'self'; img-src *", 'referrer-policy': null } },
        ),
        host('www.pad.example.com', [], { redirectTo: 'pad.example.com' }),
        host('api.example.com', [route('/only/', 'api')]),
      ],
    }),
    never,
  );
});

after(async () => {
  for (const toy of toys) await toy[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
});

const routes: readonly { host: string; path: string; to: string | number }[] = [
  { host: 'pad.example.com', path: '/', to: 'web' },
  { host: 'PAD.Example.com:8080', path: '/', to: 'web' },
  { host: 'pad.example.com.', path: '/', to: 'web' },
  { host: 'pad.example.com.:80', path: '/api', to: 'api' },
  { host: 'pad.example.com', path: '/api', to: 'api' },
  { host: 'pad.example.com', path: '/api?x=/api/v2/', to: 'api' },
  { host: 'pad.example.com', path: '/api/', to: 'api' },
  { host: 'pad.example.com', path: '/api/x/y', to: 'api' },
  { host: 'pad.example.com', path: '/apix', to: 'web' },
  { host: 'pad.example.com', path: '/api.json', to: 'web' },
  { host: 'pad.example.com', path: '/api%3E', to: 'web' },
  { host: 'pad.example.com', path: '/api>', to: 'web' },
  { host: 'pad.example.com', path: '/api/v2', to: 'api' },
  { host: 'pad.example.com', path: '/api/v2/', to: 'web' },
  { host: 'pad.example.com', path: '/api/v2/x', to: 'web' },
  { host: 'pad.example.com', path: '/API/x', to: 'web' },
  { host: 'pad.example.com', path: '//api/x', to: 'api' },
  { host: 'pad.example.com', path: '/./api/x', to: 'api' },
  { host: 'pad.example.com', path: '/%61pi/x', to: 'api' },
  { host: 'pad.example.com', path: '/api%2Fx', to: 'api' },
  { host: 'pad.example.com', path: '/my%20docs/x', to: 'api' },
  { host: 'pad.example.com', path: '/@scope%2fname', to: 'web' },
  { host: 'pad.example.com', path: '/%c3%a9', to: 'web' },
  { host: 'pad.example.com', path: '/100%', to: 'web' },
  { host: 'pad.example.com', path: '/..x/...', to: 'web' },
  { host: 'pad.example.com', path: '/api/../x', to: 400 },
  { host: 'pad.example.com', path: '/api/%2e%2e/x', to: 400 },
  { host: 'pad.example.com', path: '/api/.%2E/x', to: 400 },
  { host: 'pad.example.com', path: '/api/..%2fx', to: 400 },
  { host: 'pad.example.com', path: '/x/..', to: 400 },
  { host: 'pad.example.com', path: '/api\\x', to: 400 },
  { host: 'pad.example.com', path: '/api%00', to: 400 },
  { host: 'pad.example.com', path: '/api%0d%0ax', to: 400 },
  { host: 'api.example.com', path: '/', to: 404 },
  { host: 'api.example.com', path: '/only', to: 404 },
  { host: 'api.example.com', path: '/only/x', to: 'api' },
  { host: 'unknown.example.com', path: '/', to: 404 },
  { host: '127.0.0.1', path: '/', to: 404 },
  { host: '[::1]:80', path: '/', to: 404 },
  { host: 'xpad.example.com', path: '/', to: 404 },
];

for (const { host, path, to } of routes) {
  test(`${host}${path} goes to ${to}, its path untouched`, async () => {
    const answer = await ask({ port: edge.http, host, path });
    if (typeof to === 'number') {
      assert.equal(answer.status, to);
      return;
    }
    const told = JSON.parse(answer.body);
    assert.deepEqual({ toy: told.toy, url: told.url }, { toy: to, url: path });
  });
}

const redirects: readonly { host: string; path: string; status: number; location: string }[] = [
  { host: 'www.pad.example.com', path: '/a/b?c=%20d', status: 308, location: '//pad.example.com:PORT/a/b?c=%20d' },
  { host: 'www.pad.example.com', path: '//evil.example.com', status: 308, location: '//pad.example.com:PORT//evil.example.com' },
  { host: 'pad.example.com', path: '/old', status: 301, location: '/new?x=1' },
  { host: 'pad.example.com', path: '/old/below?y', status: 301, location: '/new?x=1' },
  { host: 'pad.example.com', path: '/away', status: 302, location: 'https://other.example.com/' },
];

for (const { host, path, status, location } of redirects) {
  test(`${host}${path} is redirected (${status}) to ${location}`, async () => {
    const answer = await ask({ port: edge.http, host, path });
    assert.deepEqual([answer.status, answer.headers.location], [status, location.replace('PORT', String(edge.http))]);
  });
}

test('a request in absolute form is routed by its host, and one that names two hosts is refused', async () => {
  const same = await askRaw(
    edge.http,
    'GET http://pad.example.com/api/x HTTP/1.1\r\nhost: pad.example.com\r\nconnection: close\r\n\r\n',
  );
  assert.match(same, /"toy":"api"/);
  const two = await askRaw(
    edge.http,
    'GET / HTTP/1.1\r\nhost: pad.example.com\r\nhost: api.example.com\r\nconnection: close\r\n\r\n',
  );
  assert.match(two, /^HTTP\/1.1 400 /);
});

test('an application is told who asks by the edge alone: what clients say about themselves is taken away', async () => {
  const answer = await ask({
    port: edge.http,
    host: 'pad.example.com',
    headers: {
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/evil',
      forwarded: 'for=1.2.3.4',
      'x-real-ip': '1.2.3.4',
      proxy: 'http://evil',
      'x-berth-root': '/etc',
      'x-request-id': 'mine',
    },
  });
  const { headers } = JSON.parse(answer.body);
  assert.deepEqual(
    Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'connection' && name !== 'x-request-id')),
    {
      host: 'pad.example.com',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'pad.example.com',
      'x-forwarded-port': String(edge.http),
      'x-forwarded-proto': 'http',
    },
  );
  assert.match(headers['x-request-id'], /^[0-9a-f-]{36}$/);
  assert.equal(answer.headers['x-request-id'], headers['x-request-id']);
});

test("secure headers fill in what is missing; a route's win over its host's, which win over the application's", async () => {
  const pick = async (path: string, hostName = 'pad.example.com') => {
    const { headers } = await ask({ port: edge.http, host: hostName, path });
    return [
      'x-content-type-options',
      'x-frame-options',
      'referrer-policy',
      'content-security-policy',
      'strict-transport-security',
    ].map((name) => headers[name] ?? null);
  };
  const csp = "default-src 'self'; img-src *";
  assert.deepEqual(await pick('/'), ['nosniff', 'SAMEORIGIN', null, csp, null]);
  assert.deepEqual(await pick('/api/v2/'), ['nosniff', 'DENY', null, csp, null]);
  assert.deepEqual(await pick('/only/?frame', 'api.example.com'), [
    'nosniff',
    'DENY',
    'strict-origin-when-cross-origin',
    null,
    null,
  ]);
  assert.deepEqual(await pick('/', 'unknown.example.com'), [
    'nosniff',
    'SAMEORIGIN',
    'strict-origin-when-cross-origin',
    null,
    null,
  ]);
});

test('text is compressed for those who accept it', async () => {
  const plain = await ask({ port: edge.http, host: 'pad.example.com', path: '/?pad=5000' });
  const packed = await ask({
    port: edge.http,
    host: 'pad.example.com',
    path: '/?pad=5000',
    headers: { 'accept-encoding': 'gzip' },
  });
  assert.deepEqual([plain.headers['content-encoding'], packed.headers['content-encoding']], [undefined, 'gzip']);
});

test("a service's own address answers on loopback, whatever the host", async () => {
  const [, , , listenApi = 0] = edge.ports;
  assert.match((await ask({ port: listenApi, host: 'anything:99', path: '/x/../y' })).body, /"toy":"api".*"url":"\/x\/..\/y"/);
});

test('refusals are JSON for those who ask for it, and say nothing about what runs', async () => {
  const json = await ask({ port: edge.http, host: 'unknown.example.com', headers: { accept: 'application/json' } });
  assert.deepEqual(JSON.parse(json.body), { error: 'Not found' });
  const plain = await ask({ port: edge.http, host: 'unknown.example.com' });
  assert.equal(plain.body, 'Not found\n');
  assert.doesNotMatch(JSON.stringify(plain.headers), /haproxy|nginx/i);
});
