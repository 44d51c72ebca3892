import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { BerthError } from '@berth/core';
import { argvHeader, contract, createClient, type RouteName, type RouteRow } from '@berth/protocol';
import { createApi } from './api.ts';
import { createFakePlatform, type FakePlatform } from './fake-platform.ts';
import { listenOnSocket } from './listen.ts';
import { deployed, openApi, raw, source } from './testing.ts';

test('a deploy goes from its upload through events to a receipt', async (t) => {
  const api = await openApi(t);
  const operation = await api.client.call('deploy', { query: { force: true }, body: source('app: shop\n') });
  assert.equal(operation.by, 'ada');
  const names: string[] = [];
  for await (const event of api.client.stream('events', { query: { operation: operation.id, follow: true } }))
    names.push(event.name);
  assert.equal(names.at(-1), 'operation.finished');
  const receipt = await api.client.call('receipt', { params: { app: 'shop', operation: operation.id } });
  assert.deepEqual([receipt.ok, receipt.release], [true, 1]);
  assert.deepEqual(api.platform.asked, ['deploy shop by ada forced']);
});

test('a commit is 40 hexadecimal digits, and only a commit can have changes', async (t) => {
  const api = await openApi(t);
  const deploy = (query: { commit?: string; dirty?: boolean }) =>
    api.client.call('deploy', { query, body: source('app: shop\n') });
  const hash = '3fa2c1d4e5f60718293a4b5c6d7e8f9001122334';
  for (const query of [{ commit: hash }, { commit: hash, dirty: true }, { commit: hash + hash.slice(0, 24) }, {}])
    await deploy(query);
  const expected = [' at 3fa2c1d', ' at 3fa2c1d+', ' at 3fa2c1d', ''].map((end) => `deploy shop by ada${end}`);
  assert.deepEqual(api.platform.asked, expected);
  for (const commit of ['', 'HEAD', '3fa2c1d', hash.toUpperCase(), `${hash}\n`, `${hash}0`, `${hash} A=1`])
    await assert.rejects(deploy({ commit }), { code: 'API_BAD_REQUEST' }, JSON.stringify(commit));
  await assert.rejects(deploy({ dirty: true }), { code: 'API_BAD_REQUEST', message: /dirty: says nothing without `commit`/ });
  assert.deepEqual(api.platform.asked, expected);
});

test('every JSON answer is what the contract says', async (t) => {
  const api = await openApi(t);
  await deployed(api);
  await api.client.call('changeEnvironment', { params: { app: 'shop' }, body: { changes: { B: '2', A: '1' } } });
  await api.client.call('changeSecrets', { params: { app: 'shop' }, body: { generate: ['KEY'] } });
  const answers: Partial<Record<RouteName, unknown>> = {
    status: await api.client.call('status', {}),
    settings: await api.client.call('settings', {}),
    app: await api.client.call('app', { params: { app: 'shop' } }),
    releases: await api.client.call('releases', { params: { app: 'shop' } }),
    receipts: await api.client.call('receipts', { params: { app: 'shop' } }),
    receipt: await api.client.call('receipt', { params: { app: 'shop', operation: 'latest' } }),
    operations: await api.client.call('operations', { query: { app: 'shop', limit: 2 } }),
    operation: await api.client.call('operation', { params: { id: 1 } }),
    environment: await api.client.call('environment', { params: { app: 'shop' } }),
    secrets: await api.client.call('secrets', { params: { app: 'shop' } }),
    revealSecrets: await api.client.call('revealSecrets', { params: { app: 'shop' } }),
    certificates: await api.client.call('certificates', {}),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const row: RouteRow = contract[name as RouteName];
    assert.deepEqual(row.response?.parse(answer), answer, name);
  }
  assert.deepEqual(answers.environment, {
    variables: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
  });
  assert.equal((await api.client.call('secrets', { params: { app: 'shop' } })).secrets[0]?.value, null);
  assert.match(await api.client.call('metrics', {}), /berth_edge_up 1/);
});

test('an error arrives at the client as it was thrown', async (t) => {
  const { client } = await openApi(t);
  await assert.rejects(client.call('rollback', { params: { app: 'shop' }, body: {} }), (error) => {
    assert.ok(error instanceof BerthError);
    assert.deepEqual([error.code, error.hint], ['APP_NOT_FOUND', 'berth ps lists all apps']);
    return true;
  });
});

const badRequests = [
  {
    name: 'a body field of the wrong type',
    method: 'POST',
    path: '/v1/apps/shop/scale',
    body: '{"services":{"web":"3"}}',
    field: 'body.services.web',
  },
  { name: 'an unknown body field', method: 'POST', path: '/v1/apps/shop/rollback', body: '{"version":3}', field: 'body' },
  { name: 'a query value out of range', method: 'GET', path: '/v1/operations?limit=0', field: 'query.limit' },
  { name: 'a parameter that is no number', method: 'GET', path: '/v1/operations/one', field: 'params.id' },
  { name: 'an app name that cannot be one', method: 'GET', path: '/v1/apps/Shop!', field: 'params.app' },
  { name: 'a missing header', method: 'POST', path: '/v1/apps/shop/run', field: 'headers.x-berth-argv' },
  { name: 'a body that is not JSON', method: 'PATCH', path: '/v1/settings', body: '{"domain":', field: 'body' },
];
for (const { name, method, path, body, field } of badRequests) {
  test(`${name} is answered with 400 and the field`, async (t) => {
    const { socket } = await openApi(t);
    const answer = await raw(socket, method, path, body);
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error.code, 'API_BAD_REQUEST');
    assert.equal(answer.body.error.fields.issues[0].field, field);
  });
}

const statuses = [
  ['APP_NOT_FOUND', 404],
  ['MANIFEST_INVALID', 422],
  ['OPERATION_CONFLICT', 409],
  ['APP_BUSY', 409],
  ['DISK_FULL', 500],
] as const;
for (const [code, status] of statuses) {
  test(`${code} becomes status ${status}`, async (t) => {
    const overrides = { app: () => Promise.reject(new BerthError(code, 'no', { hint: 'none' })) };
    const { socket } = await openApi(t, { overrides });
    const answer = await raw(socket, 'GET', '/v1/apps/shop');
    assert.deepEqual([answer.status, answer.body.error.code], [status, code]);
  });
}

test('a fault in Berth is answered with 500 and logged with its cause, which is not sent', async (t) => {
  const overrides = { app: () => Promise.reject(new TypeError('x is not a function')) };
  const { socket, logged } = await openApi(t, { overrides });
  const answer = await raw(socket, 'GET', '/v1/apps/shop');
  assert.deepEqual([answer.status, answer.body.error.code], [500, 'INTERNAL']);
  assert.doesNotMatch(JSON.stringify(answer.body), /api\.test\.ts/);
  assert.match(logged.join('\n'), /api\.failed.*api\.test\.ts/);
});

const unknown = [
  { path: '/v1/state', nearest: 'GET /v1/status' },
  { path: '/v1/apps/shop/release', nearest: 'GET /v1/apps/:app/releases' },
  { path: '/v1/apps/shop/receipts/1/steps', nearest: 'GET /v1/apps/:app/receipts/:operation' },
];
for (const { path, nearest } of unknown) {
  test(`${path} is not found, and ${nearest} is suggested`, async (t) => {
    const { socket } = await openApi(t);
    const answer = await raw(socket, 'GET', path);
    assert.deepEqual([answer.status, answer.body.error.code], [404, 'API_ROUTE_NOT_FOUND']);
    assert.match(answer.body.error.hint, new RegExp(`did you mean ${nearest}\\?`));
  });
}

test('a path with another method says which it takes', async (t) => {
  const { socket } = await openApi(t);
  const answer = await raw(socket, 'PUT', '/v1/settings');
  assert.deepEqual([answer.status, answer.headers.allow], [405, 'GET, PATCH']);
});

test('a JSON body over its limit is refused', async (t) => {
  const { socket } = await openApi(t);
  const answer = await raw(socket, 'PATCH', '/v1/settings', JSON.stringify({ domain: 'x'.repeat(1_100_000) }));
  assert.deepEqual([answer.status, answer.body.error.code], [413, 'API_BODY_TOO_LARGE']);
});

test('an upload that is refused early still gets its answer while the client goes on sending', async (t) => {
  const overrides = {
    deploy: async (sent: Readable) => {
      await once(sent, 'data');
      sent.destroy();
      throw new BerthError('MANIFEST_INVALID', 'no app', { hint: 'name it' });
    },
  };
  const { client } = await openApi(t, { overrides });
  const large = Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(64 * 1024, 1)));
  await assert.rejects(client.call('deploy', { body: large }), { code: 'MANIFEST_INVALID' });
});

test('a client that goes away in the middle of an upload fails the deploy', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<unknown>();
  const overrides = {
    deploy: async (sent: Readable): Promise<never> => {
      arrived.resolve();
      const cause = await text(sent).catch((thrown) => thrown);
      failed.resolve(cause);
      throw cause;
    },
  };
  const { client } = await openApi(t, { overrides });
  const leaving = new AbortController();
  const body = new PassThrough();
  body.write('the first bytes');
  const call = client.call('deploy', { body, signal: leaving.signal });
  await Promise.all([assert.rejects(call, { name: 'AbortError' }), arrived.promise.then(() => leaving.abort())]);
  assert.match(String(await failed.promise), /went away|aborted/);
});

test('an error of the source that is being sent is the error of the call', async (t) => {
  const { client } = await openApi(t);
  const body = Readable.from(
    (async function* () {
      yield Buffer.from('some');
      throw new BerthError('SOURCE_SYMLINK_OUTSIDE', 'a link leaves the directory', { hint: 'remove it' });
    })(),
  );
  await assert.rejects(client.call('deploy', { body }), { code: 'SOURCE_SYMLINK_OUTSIDE' });
});

test('a stream ends at the platform when its client disconnects', async (t) => {
  const ended = Promise.withResolvers<void>();
  const overrides: Partial<FakePlatform> = {
    events: async function* (_query, signal) {
      yield { seq: 1, at: '2030-01-02T03:04:05.000Z', name: 'a', app: null, operation: null, fields: {} };
      await once(signal, 'abort');
      ended.resolve();
    },
  };
  const { client } = await openApi(t, { overrides });
  for await (const event of client.stream('events', { query: { follow: true } })) {
    assert.equal(event.seq, 1);
    break;
  }
  await ended.promise;
});

test('a stream is produced no faster than its client reads', async (t) => {
  let produced = 0;
  const overrides: Partial<FakePlatform> = {
    logs: async function* () {
      for (; produced < 100_000; produced += 1) {
        yield {
          at: '2030-01-02T03:04:05.000Z',
          app: 'shop',
          service: 'web',
          instance: 'i',
          level: null,
          text: 'x'.repeat(1_000),
        };
      }
    },
  };
  const { socket } = await openApi(t, { overrides });
  const connection = connect(socket);
  connection.write('GET /v1/apps/shop/logs HTTP/1.1\r\nhost: berth\r\n\r\n');
  await once(connection, 'readable');
  let before = -1;
  while (before !== produced) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(produced < 10_000, `${produced} lines of 1 KB were produced for a client that read none`);
  connection.destroy();
});

test('a stream that breaks off in the middle throws its error after the items before', async (t) => {
  const overrides: Partial<FakePlatform> = {
    logs: async function* () {
      yield { at: '2030-01-02T03:04:05.000Z', app: 'shop', service: 'web', instance: 'i', level: null, text: 'one' };
      await new Promise((resolve) => setTimeout(resolve, 60));
      throw new BerthError('LOG_UNREADABLE', 'the segment is damaged', { hint: 'restore it' });
    },
  };
  const { client } = await openApi(t, { overrides });
  const texts: string[] = [];
  await assert.rejects(
    async () => {
      for await (const line of client.stream('logs', { params: { app: 'shop' } })) texts.push(line.text);
    },
    { code: 'LOG_UNREADABLE' },
  );
  assert.deepEqual(texts, ['one']);
});

test('a stream that fails at once is answered with the status of its error', async (t) => {
  const { socket } = await openApi(t);
  assert.equal((await raw(socket, 'GET', '/v1/apps/nobody/logs')).status, 404);
});

test('a one-off command gets arguments word for word and its input while it runs', async (t) => {
  const api = await openApi(t);
  await deployed(api);
  const argv = ['lines', 'a b', '', '"quoted"', 'Grüße 🚢', '\n'];
  const stdin = new PassThrough();
  const frames: unknown[] = [];
  stdin.write('one');
  for await (const frame of api.client.stream('run', {
    params: { app: 'shop' },
    headers: { 'x-berth-argv': argvHeader(argv) },
    body: stdin,
  })) {
    frames.push(frame);
    if (frames.length === 1) stdin.end('two');
  }
  assert.deepEqual(frames, [
    { kind: 'stdout', data: 'PiBvbmU=' },
    { kind: 'stdout', data: 'PiB0d28=' },
    { kind: 'exit', code: 0 },
  ]);
  assert.equal(api.platform.asked.at(-1), `run ${JSON.stringify(argv)}`);
  assert.doesNotMatch(api.logged.join(), /quoted/);
});

test('a command that ends before its input does not keep the client waiting', async (t) => {
  const api = await openApi(t);
  await deployed(api);
  const stdin = new PassThrough();
  const frames: unknown[] = [];
  for await (const frame of api.client.stream('run', {
    params: { app: 'shop' },
    headers: { 'x-berth-argv': '["false"]' },
    body: stdin,
  }))
    frames.push(frame);
  assert.deepEqual(frames.at(-1), { kind: 'exit', code: 7 });
});

test('without input a command has none', async (t) => {
  const api = await openApi(t);
  await deployed(api);
  const frames: unknown[] = [];
  for await (const frame of api.client.stream('run', {
    params: { app: 'shop' },
    headers: { 'x-berth-argv': '["cat"]' },
    body: null,
  }))
    frames.push(frame);
  assert.deepEqual(frames[0], { kind: 'stdout', data: '' });
});

test('shutdown is answered before it happens', async (t) => {
  const stopped = Promise.withResolvers<{ everything: boolean }>();
  const { client } = await openApi(t, { onShutdown: stopped.resolve });
  assert.deepEqual(await client.call('shutdown', { body: { everything: true } }), { stopping: true });
  assert.deepEqual(await stopped.promise, { everything: true });
});

test('closing the API ends its streams properly', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-api-'));
  t.after(() => rm(directory, { recursive: true }));
  const socket = join(directory, 's');
  const api = createApi(createFakePlatform(), { version: '0.1.0', log: { info: () => {}, error: () => {} } });
  await listenOnSocket(api.server, socket);
  const client = createClient({ socketPath: socket, by: 'ada' });
  const ended = (async () => {
    for await (const _ of client.stream('events', { query: { follow: true } }));
  })();
  await client.call('status', {});
  await api.close();
  await ended;
  await assert.rejects(client.call('status', {}), { code: 'PLATFORM_NOT_RUNNING' });
});

test('the document of the API is served by itself', async (t) => {
  const { socket } = await openApi(t);
  const { body } = await raw(socket, 'GET', '/v1/openapi.json');
  assert.equal(body.openapi, '3.1.0');
  assert.ok(body.paths['/v1/apps/{app}/receipts/{operation}'].get);
});

test('the socket belongs to its owner alone', async (t) => {
  const { socket } = await openApi(t);
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
});

test('a socket that nobody answers on is replaced', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-api-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 's');
  const { execFile } = await import('node:child_process');
  // A process that ends without closing leaves its socket behind.
  const child = execFile(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  await once(child, 'exit');
  assert.ok((await stat(path)).isSocket());
  const server = createServer();
  await listenOnSocket(server, path);
  server.close();
});

test('a socket that is answered on is left alone', async (t) => {
  const { socket } = await openApi(t);
  await assert.rejects(listenOnSocket(createServer(), socket), { code: 'API_SOCKET_IN_USE' });
  assert.equal((await raw(socket, 'GET', '/v1/status')).status, 200);
});

const blocked = [
  { name: 'a file in its place', path: 'taken', code: 'API_SOCKET_BLOCKED' },
  { name: 'a missing directory', path: 'none/s', code: 'API_SOCKET_NOT_OPENED' },
  { name: 'a path that is too long', path: 'x'.repeat(110), code: 'API_SOCKET_PATH_TOO_LONG' },
];
for (const { name, path, code } of blocked) {
  test(`${name} gives ${code}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'berth-api-'));
    t.after(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'taken'), '');
    await chmod(join(directory, 'taken'), 0o600);
    await assert.rejects(listenOnSocket(createServer(), join(directory, path)), { code });
  });
}
