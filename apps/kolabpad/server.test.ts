import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createHealth, silentLog } from '@berth/kit';
import type { FastifyInstance } from 'fastify';
import { WebSocket } from 'ws';
import type { Welcome } from './domain/messages.ts';
import { readEnvironment } from './env.ts';
import { openDocuments } from './live/open-documents.ts';
import { silent } from './live/testing.ts';
import { observe } from './metrics.ts';
import { createServer } from './server.ts';
import { createMemoryStore } from './store/memory-store.ts';
import type { Store } from './store/store.ts';

type Running = AsyncDisposable & { readonly app: FastifyInstance; readonly port: number };

async function start(variables: Readonly<Record<string, string>> = {}): Promise<Running> {
  const env = readEnvironment(variables);
  // Memory that passes for a database: tokens and links are not for documents that nobody stores.
  const store: Store = { ...createMemoryStore({ now: () => new Date(), log: () => undefined }), kind: 'sqlite' };
  const { metrics, instruments, stats, stop } = observe(() => documents.stats(), Date.now);
  const documents = openDocuments({ store, settings: env.live, now: Date.now, log: silent, instruments, version: 'test' });
  const health = createHealth();
  const app = await createServer({ env, documents, health, metrics, stats: () => stats(documents.stats()), log: silentLog });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    app,
    port: (app.server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      stop();
      await documents.shutdown(1_000);
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** A participant of `kolabpad.2`, with what the HTTP API asks for. */
async function participant({ port }: Running, path = '/api/socket/d'): Promise<{ socket: WebSocket; actor: object }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['kolabpad.2']);
  const welcome = new Promise<Welcome>((resolve) =>
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as { Welcome?: Welcome };
      if (message.Welcome !== undefined) resolve(message.Welcome);
    }),
  );
  await once(socket, 'open');
  socket.send(JSON.stringify({ Hello: { session: 'a'.repeat(22), epoch: null, revision: 0 } }));
  socket.send(JSON.stringify({ ClientInfo: { name: 'Ann', hue: 1 } }));
  const { user, ticket } = await welcome;
  return { socket, actor: { user_id: user, user_name: 'Ann', ticket } };
}

/** What the server answers to an upgrade that it refuses. */
const upgrade = (port: number, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = httpRequest({
      port,
      path,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    });
    asked.on('error', reject);
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    asked.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.end();
  });

test('a text is put, read, and put again', async () => {
  await using server = await start();
  const put = (payload: string) => server.app.inject({ method: 'PUT', url: '/api/text/a%20b', payload });
  assert.deepEqual([(await put('one\r\ntwo')).statusCode, (await put('one\nthree')).json()], [201, { revision: 2 }]);
  const read = await server.app.inject('/api/text/a%20b');
  assert.deepEqual([read.statusCode, read.body, read.headers['x-revision']], [200, 'one\nthree', '2']);
  assert.match(String(read.headers['content-type']), /^text\/plain/);
  assert.match(String(read.headers['content-security-policy']), /sandbox/);
});

type Call = { readonly method?: 'PUT' | 'POST'; readonly url: string; readonly payload?: string | Buffer };
const refusals: readonly { readonly name: string; readonly call: Call; readonly status: number; readonly body?: string }[] = [
  { name: 'a document that does not exist', call: { url: '/api/text/none' }, status: 404, body: 'document not found\n' },
  {
    name: 'a text without an id',
    call: { method: 'PUT', url: '/api/text/', payload: 'x' },
    status: 400,
    body: 'document ID required\n',
  },
  {
    name: 'a text that is not UTF-8',
    call: { method: 'PUT', url: '/api/text/d', payload: Buffer.from([0xff, 0xfe]) },
    status: 400,
    body: 'invalid request body: the text is not UTF-8\n',
  },
  { name: 'a text that is too large', call: { method: 'PUT', url: '/api/text/d', payload: 'x'.repeat(262_145) }, status: 413 },
  { name: 'a read-only link that does not exist', call: { url: '/api/status/ro-none' }, status: 404 },
  { name: 'an id that is too long', call: { url: `/api/status/${'x'.repeat(257)}` }, status: 400 },
  {
    name: 'an endpoint that does not exist',
    call: { method: 'POST', url: '/api/document/d/unknown', payload: '{}' },
    status: 404,
    body: 'invalid endpoint\n',
  },
  {
    name: 'a method that does not fit',
    call: { method: 'PUT', url: '/api/document/d/protect', payload: '{}' },
    status: 405,
    body: 'method not allowed\n',
  },
  {
    name: 'what is no JSON',
    call: { method: 'POST', url: '/api/document/d/protect', payload: 'x' },
    status: 400,
    body: 'invalid request body\n',
  },
  {
    name: 'somebody who is not connected',
    call: { method: 'POST', url: '/api/document/d/protect', payload: '{"user_id":0,"user_name":"A"}' },
    status: 403,
    body: 'Forbidden: not connected to document\n',
  },
  { name: 'a plain request for a socket', call: { url: '/api/socket/d' }, status: 426 },
];
for (const { name, call, status, body } of refusals)
  test(`${name} is answered with ${status}`, async () => {
    await using server = await start();
    const answer = await server.app.inject(call);
    assert.equal(answer.statusCode, status, answer.body);
    if (body !== undefined) assert.equal(answer.body, body);
    assert.equal(server.app.server.listening, true);
  });

test('whoever asks for JSON is told of errors in JSON, with a code', async () => {
  await using server = await start();
  const answer = await server.app.inject({ url: '/api/text/none', headers: { accept: 'application/json' } });
  assert.deepEqual(answer.json(), { error: { code: 'DOCUMENT_NOT_FOUND', message: 'document not found' } });
});

test('a participant sets token, expiry and read-only link, and deletes the document', async () => {
  await using server = await start();
  const { socket, actor } = await participant(server);
  const call = (method: 'POST' | 'PUT' | 'DELETE', url: string, more: object = {}) =>
    server.app.inject({ method, url, payload: JSON.stringify({ ...actor, ...more }) });
  const { otp } = (await call('POST', '/api/document/d/protect')).json<{ otp: string }>();
  assert.deepEqual((await server.app.inject('/api/status/d')).json(), { access: 'denied', protected: true });
  const withToken = await server.app.inject({ url: '/api/status/d', headers: { authorization: `Bearer ${otp}` } });
  assert.deepEqual(withToken.json(), { access: 'granted', protected: true });
  assert.deepEqual((await call('PUT', '/api/document/d/expiry', { hours: 24 })).json(), { hours: 24, chosen: true });
  assert.equal((await call('PUT', '/api/document/d/expiry', { hours: 0 })).statusCode, 400);
  assert.equal((await call('PUT', '/api/document/d/expiry', { hours: 721 })).statusCode, 400);
  const { id } = (await call('POST', '/api/document/d/view-link')).json<{ id: string }>();
  assert.equal((await upgrade(server.port, `/api/socket/${id}`)).status, 101);
  assert.equal((await call('DELETE', '/api/document/d/view-link')).statusCode, 204);
  assert.equal((await upgrade(server.port, `/api/socket/${id}`)).status, 404);
  assert.equal((await call('DELETE', '/api/document/d/protect', { otp })).statusCode, 204);
  const closed = once(socket, 'close');
  assert.equal((await call('DELETE', '/api/document/d')).statusCode, 204);
  assert.equal((await closed)[0], 4410);
});

test('a socket is refused before the upgrade, in words', async () => {
  await using server = await start();
  const { socket, actor } = await participant(server);
  const protect = await server.app.inject({ method: 'POST', url: '/api/document/d/protect', payload: JSON.stringify(actor) });
  const { otp } = protect.json<{ otp: string }>();
  const ask = (path: string, headers?: Record<string, string>) => upgrade(server.port, path, headers);
  assert.deepEqual(await ask('/api/socket/'), { status: 400, body: 'document ID required\n' });
  assert.deepEqual(await ask('/api/socket/d'), { status: 401, body: 'Invalid or missing OTP\n' });
  assert.deepEqual((await ask('/api/socket/d?otp=wrong')).status, 401);
  assert.equal((await ask(`/api/socket/d?otp=${otp}`)).status, 101);
  assert.equal((await ask('/api/socket/d', { 'Sec-WebSocket-Protocol': `kolabpad.2, otp.${otp}` })).status, 101);
  assert.equal((await ask(`/api/socket/d?otp=${otp}`, { Origin: 'https://evil.example' })).status, 403);
  assert.equal((await ask('/api/elsewhere')).status, 404);
  assert.equal((await ask('/api/socket/%ff')).status, 400);
  socket.terminate();
});

test('a page of another site may neither send nor read, unless it is listed', async () => {
  await using server = await start({ ALLOWED_ORIGINS: 'https://wiki.example.com' });
  const put = (origin: string) => server.app.inject({ method: 'PUT', url: '/api/text/d', payload: 'x', headers: { origin } });
  assert.equal((await put('https://evil.example')).statusCode, 403);
  const listed = await put('https://wiki.example.com');
  assert.deepEqual([listed.statusCode, listed.headers['access-control-allow-origin']], [201, 'https://wiki.example.com']);
  const read = await server.app.inject({ url: '/api/text/d', headers: { origin: 'https://evil.example' } });
  assert.equal(read.headers['access-control-allow-origin'], undefined);
});

test('only operators see figures; for others there is nothing', async () => {
  await using server = await start();
  for (const url of ['/metrics', '/api/stats']) {
    assert.equal((await server.app.inject(url)).statusCode, 200);
    const outside = await server.app.inject({ url, headers: { 'x-forwarded-for': '203.0.113.9' } });
    assert.equal(outside.statusCode, 404, url);
  }
  assert.equal((await server.app.inject('/debug/runtime')).statusCode, 404);
});

test('diagnostics are there where they are asked for', async () => {
  await using server = await start({ DIAGNOSTICS: 'true' });
  assert.ok('memory' in (await server.app.inject('/debug/runtime')).json<object>());
});

test('the sites that may embed a pad are in its headers, and without any nobody may', async () => {
  await using closed = await start();
  assert.equal((await closed.app.inject('/healthz')).headers['x-frame-options'], 'DENY');
  await using open = await start({ EMBED_ORIGINS: 'https://wiki.example.com' });
  const { headers } = await open.app.inject('/healthz');
  assert.equal(headers['x-frame-options'], undefined);
  assert.match(String(headers['content-security-policy']), /frame-ancestors https:\/\/wiki\.example\.com/);
});

test('everything but health lies below the base path', async () => {
  await using server = await start({ BASE_PATH: 'pad/' });
  const put = await server.app.inject({ method: 'PUT', url: '/pad/api/text/d', payload: 'x' });
  assert.equal(put.statusCode, 201);
  assert.equal((await server.app.inject('/api/text/d')).statusCode, 404);
  assert.equal((await upgrade(server.port, '/pad/api/socket/d')).status, 101);
  assert.equal((await server.app.inject('/healthz')).statusCode, 200);
});
