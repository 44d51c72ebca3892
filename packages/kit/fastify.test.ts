import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import {
  createHealth,
  createMetrics,
  createRequestId,
  parseTrustedProxies,
  productionPlugin,
  type ProductionOptions,
  securityHeaders,
} from './index.ts';

const HTML = 'text/html,*/*;q=0.8';

const serverWith = async (options: Partial<ProductionOptions> = {}) => {
  const lines: { event: string; fields: Record<string, unknown> }[] = [];
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    lines.push({ event, fields });
  };
  const health = createHealth();
  const metrics = createMetrics({ prefix: 'pad_' });
  metrics.counter('x_total', 'X').increment();
  const app = Fastify({ genReqId: (request) => createRequestId(request.headers['x-request-id']) });
  const log = { warn: note, error: note };
  await app.register(productionPlugin({ log, health, metrics, headers: securityHeaders(), ...options }));
  app.get('/ok', async () => 'ok');
  app.get('/embedded', async (_request, reply) => {
    reply.header('X-Frame-Options', 'SAMEORIGIN');
    return 'ok';
  });
  app.get('/throw/:what', (request) => {
    const thrown = THROWN[(request.params as { what: string }).what];
    throw thrown;
  });
  app.post('/json', async () => 'ok');
  return { app, health, lines };
};

const THROWN: Readonly<Record<string, unknown>> = {
  bug: new Error('the password is hunter2'),
  five: Object.assign(new Error('the password is hunter2'), { statusCode: 500, code: 'PG_FAIL' }),
  told: Object.assign(new Error('told'), { status: 500, code: 'STORE_FAILED', expose: true }),
  conflict: Object.assign(new Error('taken'), { status: 409, code: 'TAKEN' }),
  busy: Object.assign(new Error('restarting'), { statusCode: 503, code: 'BUSY', retryAfterSec: 2 }),
  strange: Object.assign(new Error('the password is hunter2'), { statusCode: 200 }),
  text: 'the password is hunter2',
  nothing: null,
};

test('an application may show people errors in a page of its own', async () => {
  const { app } = await serverWith({ renderErrorPage: ({ status, message }) => `<p>${status}: ${message}</p>` });
  const answer = await app.inject({ url: '/throw/conflict', headers: { accept: HTML } });
  assert.deepEqual([answer.statusCode, answer.body], [409, '<p>409: taken</p>']);
  assert.match((await app.inject('/throw/conflict')).body, /"TAKEN"/, 'programs get JSON');
});

test('every answer has the headers and the id of its request, unless its route says otherwise', async () => {
  const { app } = await serverWith();
  for (const url of ['/ok', '/missing', '/throw/bug', '/healthz']) {
    const { headers } = await app.inject({ url });
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.match(String(headers['x-request-id']), /^[0-9a-f]{16}$/, url);
  }
  assert.equal((await app.inject('/embedded')).headers['x-frame-options'], 'SAMEORIGIN');
  const named = (value: string) => app.inject({ url: '/ok', headers: { 'x-request-id': value } });
  assert.equal((await named('edge-12345678')).headers['x-request-id'], 'edge-12345678');
  assert.match(String((await named('x"} {"level":"fake')).headers['x-request-id']), /^[0-9a-f]{16}$/);
});

for (const { what, status, code, logged } of [
  { what: 'bug', status: 500, code: 'INTERNAL', logged: ['request_failed'] },
  { what: 'five', status: 500, code: 'INTERNAL', logged: ['request_failed'] },
  { what: 'strange', status: 500, code: 'INTERNAL', logged: ['request_failed'] },
  { what: 'text', status: 500, code: 'INTERNAL', logged: ['request_failed'] },
  { what: 'told', status: 500, code: 'STORE_FAILED', logged: ['request_failed'] },
  { what: 'conflict', status: 409, code: 'TAKEN', logged: [] },
  { what: 'busy', status: 503, code: 'BUSY', logged: ['request_refused'] },
])
  test(`a route that throws (${what}) answers ${status} ${code}, as JSON or as a page, and leaks nothing`, async () => {
    const { app, lines } = await serverWith();
    const json = await app.inject({ url: `/throw/${what}` });
    assert.equal(json.statusCode, status);
    const { error } = json.json<{ error: { code: string; requestId: string } }>();
    assert.deepEqual([error.code, error.requestId], [code, json.headers['x-request-id']]);
    assert.deepEqual(
      lines.map(({ event }) => event),
      logged,
    );
    if (lines[0] !== undefined)
      assert.deepEqual([lines[0].fields['requestId'], lines[0].fields['route']], [error.requestId, '/throw/:what']);

    const page = await app.inject({ url: `/throw/${what}`, headers: { accept: HTML } });
    assert.equal(page.statusCode, status);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.doesNotMatch(`${json.body}${page.body}`, /hunter2|at file:/);
    assert.equal(json.headers['retry-after'], what === 'busy' ? '2' : undefined);
  });

test("fastify's own refusals keep their status", async () => {
  const { app } = await serverWith();
  const broken = await app.inject({
    method: 'POST',
    url: '/json',
    headers: { 'content-type': 'application/json' },
    payload: '{',
  });
  assert.equal(broken.statusCode, 400);
  const large = await app.inject({
    method: 'POST',
    url: '/json',
    headers: { 'content-type': 'application/json' },
    payload: `"${'x'.repeat(2_000_000)}"`,
  });
  assert.equal(large.statusCode, 413);
});

test('what does not exist is 404 in the shape that was asked for', async () => {
  const { app } = await serverWith();
  const json = await app.inject('/missing');
  assert.deepEqual([json.statusCode, json.json<{ error: { code: string } }>().error.code], [404, 'NOT_FOUND']);
  const page = await app.inject({ url: '/<script>', headers: { accept: HTML } });
  assert.equal(page.statusCode, 404);
  assert.doesNotMatch(page.body, /<script>/);
  const own = await serverWith({ handleNotFound: false });
  own.app.setNotFoundHandler((_request, reply) => reply.code(200).send('the page'));
  assert.equal((await own.app.inject('/missing')).body, 'the page');
});

test('an API with a shape of its own keeps it', async () => {
  const { app } = await serverWith({ renderErrorBody: ({ message }, status) => ({ error: message, status }) });
  assert.deepEqual((await app.inject('/throw/conflict')).json(), { error: 'taken', status: 409 });
  assert.deepEqual((await app.inject('/missing')).json(), { error: 'This address leads nowhere.', status: 404 });
});

test('readiness answers 503 when a check fails, and tells its reason to operators only', async () => {
  const { app, health } = await serverWith();
  assert.equal((await app.inject('/healthz')).json<{ alive: boolean }>().alive, true);
  assert.deepEqual((await app.inject('/readyz')).json(), { ready: true, checks: [] });
  health.add('store', () => 'disk full at /data');
  const inside = await app.inject('/readyz');
  assert.equal(inside.statusCode, 503);
  assert.equal(inside.json<{ checks: { reason: string }[] }>().checks[0]?.reason, 'disk full at /data');
  const outside = await app.inject({ url: '/readyz', headers: { 'x-forwarded-for': '198.51.100.1' } });
  assert.deepEqual([outside.statusCode, outside.json()], [503, { ready: false }]);
  assert.equal((await app.inject('/healthz')).statusCode, 200);
});

for (const { name, remoteAddress, forwarded, status } of [
  { name: 'the machine itself', remoteAddress: '127.0.0.1', forwarded: undefined, status: 200 },
  { name: 'a client through the proxy', remoteAddress: '127.0.0.1', forwarded: '198.51.100.1', status: 404 },
  {
    name: 'a client that claims to be the machine',
    remoteAddress: '127.0.0.1',
    forwarded: '127.0.0.1, 198.51.100.1',
    status: 404,
  },
  { name: 'another machine', remoteAddress: '198.51.100.1', forwarded: '127.0.0.1', status: 404 },
  { name: 'the monitoring machine', remoteAddress: '10.0.0.9', forwarded: undefined, status: 200 },
])
  test(`/metrics for ${name} answers ${status}`, async () => {
    const { app } = await serverWith({ operators: parseTrustedProxies(['loopback', '10.0.0.9']) });
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const answer = await app.inject({ url: '/metrics', remoteAddress, headers });
    assert.equal(answer.statusCode, status);
    if (status === 200) assert.match(answer.body, /^pad_x_total 1$/m);
    else assert.deepEqual(answer.json<{ error: { code: string } }>().error.code, 'NOT_FOUND');
  });
