import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '@berth/testing';
import { ask, openWebSocket, startLoad } from './testing/client.ts';
import { type EdgeFixture, host, never, route, service, startEdge, state } from './testing/edge-fixture.ts';
import { startToyBackend } from './testing/toy-backend.ts';
import type { EdgeService, EdgeState } from './state.ts';

const HOST = 'pad.example.com';

/** One app with one service, whose servers and hold a test changes. */
const oneService = (
  edge: EdgeFixture,
  servers: Parameters<typeof service>[0]['servers'],
  parts: Partial<EdgeService> = {},
): EdgeState =>
  state(edge, {
    services: [service({ listen: edge.ports[9] ?? 0, ...parts, servers })],
    hosts: [host(HOST, [route('/', 'web')])],
  });

/** Another app that comes or goes: its structure makes a reload necessary. */
const withNeighbour = (edge: EdgeFixture, wanted: EdgeState, n: number): EdgeState =>
  n % 2 === 0
    ? wanted
    : { ...wanted, services: [...wanted.services, service({ app: 'neighbour', listen: edge.ports[10] ?? 0, servers: [] })] };

test('instances change place under load and no request is lost, with reloads in between', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0] = edge.ports;
  await using first = await startToyBackend('first', a);
  await using second = await startToyBackend('second', b);
  const backends = [first, second];
  await edge.edge.apply(oneService(edge, [{ id: 's0', port: a }]), never);
  const get = (agent: Parameters<Parameters<typeof startLoad>[0]['ask']>[0]) =>
    ask({ port: edge.http, host: HOST, path: '/?ms=2', agent });
  const busy = startLoad({ clients: 12, ask: get });
  const posting = startLoad({
    clients: 4,
    ask: (agent) => ask({ port: edge.http, host: HOST, method: 'POST', body: 'x'.repeat(5_000), agent }),
  });
  const thinking = startLoad({ clients: 20, pauseMs: () => 300 + Math.random() * 600, ask: get });

  let reloads = 0;
  for (let round = 1; round <= 6; round++) {
    const port = [a, b][round % 2] ?? 0;
    const oldPort = [a, b][(round + 1) % 2] ?? 0;
    const [now, old] = [
      { id: `s${round}`, port },
      { id: `s${round - 1}`, port: oldPort },
    ];
    for (const servers of [
      [old, now],
      [{ ...old, state: 'maint' as const }, now],
    ]) {
      if ((await edge.edge.apply(withNeighbour(edge, oneService(edge, servers), round), never)).reloaded) reloads++;
    }
    assert.equal(await edge.edge.drained({ app: 'pad', service: 'web', id: old.id }, { withinMs: 15_000, signal: never }), true);
    const before = backends[(round + 1) % 2]?.answered();
    await sleep(150);
    assert.equal(backends[(round + 1) % 2]?.answered(), before, 'a drained server serves nobody');
    await edge.edge.apply(withNeighbour(edge, oneService(edge, [now]), round), never);
  }
  const results = [await busy.stop(), await posting.stop(), await thinking.stop()];
  const down = readFileSync(join(edge.directory, 'haproxy.log'), 'utf8').match(/.*is DOWN, reason.*/g);
  assert.deepEqual(results.flatMap(({ failures }) => failures).slice(0, 3), [], `what HAProxy said of servers: ${down}`);
  assert.equal(reloads, 6);
  const sent = results.reduce((sum, { answered }) => sum + answered, 0);
  assert.ok(sent > 2_000, `${sent} requests are too few to show anything`);
  await waitUntil(async () => (await edge.edge.counters())[0]?.served === sent, {
    what: `${sent} requests are counted over ${reloads} reloads`,
    withinMs: 60_000,
  });
  assert.deepEqual(
    (await edge.edge.counters()).map(({ app, failed }) => [app, failed]),
    [
      ['pad', 0],
      ['neighbour', 0],
    ],
  );
});

test('an armed service makes requests wait for its server, bodies included; an unarmed one answers 503 at once', async () => {
  await using edge = await startEdge();
  const [a = 0] = edge.ports;
  const armed = { hold: { armed: true, limitMs: 8_000, maxRequests: 100 } };
  await edge.edge.apply(oneService(edge, []), never);
  const refused = await ask({ port: edge.http, host: HOST });
  assert.deepEqual([refused.status, refused.headers['retry-after'], refused.ms < 200], [503, '5', true]);

  assert.equal((await edge.edge.apply(oneService(edge, [], armed), never)).reloaded, false);
  const body = Buffer.alloc(3_000_000, 'x');
  const waiting = [
    ask({ port: edge.http, host: HOST, path: '/held' }),
    ask({ port: edge.http, host: HOST, method: 'POST', body: 'small' }),
    ask({ port: edge.http, host: HOST, method: 'POST', body }),
    ask({ port: edge.http, host: HOST, method: 'POST', body, headers: { 'transfer-encoding': 'chunked' } }),
    ask({ port: edge.ports[9] ?? 0, host: 'localhost' }),
  ];
  const socket = openWebSocket({ port: edge.http, host: HOST });
  await sleep(700);
  await using toy = await startToyBackend('late', a);
  await edge.edge.apply(oneService(edge, [{ id: 's1', port: a }], armed), never);
  const answers = await Promise.all(waiting);
  (await socket).destroy();
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  assert.deepEqual(
    answers.map(({ body: text }) => JSON.parse(text).bytes),
    [0, 5, 3_000_000, 3_000_000, 0],
  );
  assert.ok(answers.every(({ ms }) => ms > 600 && ms < 3_000));
  const [counted] = await edge.edge.counters();
  assert.deepEqual([counted?.held, counted?.failed, toy.answered()], [6, 1, 5]);
});

test('a held request gets 503 when the limit of time or of number is reached, or when the hold is disarmed', async () => {
  await using edge = await startEdge();
  await edge.edge.apply(oneService(edge, [], { hold: { armed: true, limitMs: 400, maxRequests: 2 } }), never);
  const answers = await Promise.all([1, 2, 3, 4].map(() => ask({ port: edge.http, host: HOST })));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [503, 503, 503, 503],
  );
  const waits = answers.map(({ ms }) => ms).sort((x, y) => x - y);
  assert.ok((waits[1] ?? 0) < 350 && (waits[2] ?? 0) > 350, `waited ${waits}`);
  await edge.edge.apply(oneService(edge, [], { hold: { armed: true, limitMs: 20_000, maxRequests: 10 } }), never);
  const one = ask({ port: edge.http, host: HOST });
  await sleep(300);
  await edge.edge.apply(oneService(edge, []), never);
  const { status, ms } = await one;
  assert.ok(status === 503 && ms < 15_000, `${status} after ${ms} ms`);
});

test('a client that gives up while it is held makes room for another', async () => {
  await using edge = await startEdge();
  await edge.edge.apply(oneService(edge, [], { hold: { armed: true, limitMs: 20_000, maxRequests: 1 } }), never);
  const impatient = connect(edge.http, '127.0.0.1', () => impatient.write(`GET / HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`));
  await sleep(200);
  impatient.destroy();
  const [a = 0] = edge.ports;
  await using toy = await startToyBackend('late', a);
  await sleep(1_000);
  const next = ask({ port: edge.http, host: HOST });
  await sleep(200);
  await edge.edge.apply(
    oneService(edge, [{ id: 's1', port: a }], { hold: { armed: true, limitMs: 20_000, maxRequests: 1 } }),
    never,
  );
  assert.equal((await next).status, 200);
  assert.equal(toy.answered(), 1);
});

test('WebSockets are counted apart and drained() does not wait for them, nor for an old worker that has nothing else', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0] = edge.ports;
  await using _first = await startToyBackend('first', a);
  await using _second = await startToyBackend('second', b);
  await edge.edge.apply(oneService(edge, [{ id: 's1', port: a }]), never);
  const socket = await openWebSocket({ port: edge.http, host: HOST });
  assert.equal(await edge.edge.webSockets({ app: 'pad', service: 'web', id: 's1' }), 1);
  assert.equal((await edge.edge.apply(withNeighbour(edge, oneService(edge, [{ id: 's1', port: a }]), 1), never)).reloaded, true);
  const slow = ask({ port: edge.http, host: HOST, path: '/?ms=800' });
  await sleep(100);
  await edge.edge.apply(
    withNeighbour(
      edge,
      oneService(edge, [
        { id: 's1', port: a, state: 'maint' },
        { id: 's2', port: b },
      ]),
      1,
    ),
    never,
  );
  const began = performance.now();
  assert.equal(await edge.edge.drained({ app: 'pad', service: 'web', id: 's1' }, { withinMs: 100, signal: never }), false);
  assert.equal(await edge.edge.drained({ app: 'pad', service: 'web', id: 's1' }, { withinMs: 10_000, signal: never }), true);
  assert.ok(performance.now() - began > 500);
  assert.match((await slow).body, /"toy":"first"/);
  assert.equal(await edge.edge.webSockets({ app: 'pad', service: 'web', id: 's1' }), 1);
  socket.write('still here');
  assert.equal(String((await once(socket, 'data'))[0]), 'still here');
  assert.match((await ask({ port: edge.http, host: HOST })).body, /"toy":"second"/);
  await edge.edge.apply(withNeighbour(edge, oneService(edge, [{ id: 's2', port: b }]), 1), never);
  socket.destroy();
});

test('a server that is removed while a WebSocket is open on it goes, and the socket with it', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0] = edge.ports;
  await using _first = await startToyBackend('first', a);
  await using _second = await startToyBackend('second', b);
  await edge.edge.apply(oneService(edge, [{ id: 's1', port: a }]), never);
  const socket = await openWebSocket({ port: edge.http, host: HOST });
  const closed = once(socket, 'close');
  assert.equal((await edge.edge.apply(oneService(edge, [{ id: 's2', port: b }]), never)).reloaded, false);
  await closed;
});

test('after a reload an old worker with an idle client holds drained() back until the client has gone', async () => {
  await using edge = await startEdge({ limits: { keepAliveMs: 1_500 } });
  const [a = 0, b = 0] = edge.ports;
  await using _first = await startToyBackend('first', a);
  await using _second = await startToyBackend('second', b);
  await edge.edge.apply(oneService(edge, [{ id: 's1', port: a }]), never);
  const agent = new Agent({ keepAlive: true });
  await ask({ port: edge.http, host: HOST, agent });
  await edge.edge.apply(withNeighbour(edge, oneService(edge, [{ id: 's1', port: a }]), 1), never);
  await edge.edge.apply(
    withNeighbour(
      edge,
      oneService(edge, [
        { id: 's1', port: a, state: 'maint' },
        { id: 's2', port: b },
      ]),
      1,
    ),
    never,
  );
  const began = performance.now();
  assert.equal(await edge.edge.drained({ app: 'pad', service: 'web', id: 's1' }, { withinMs: 10_000, signal: never }), true);
  assert.ok(performance.now() - began > 700, `only ${performance.now() - began} ms`);
  agent.destroy();
});

test('old workers that only have WebSockets are bounded', async () => {
  await using edge = await startEdge({ limits: { oldWorkers: 2 } });
  const [a = 0] = edge.ports;
  await using toy = await startToyBackend('first', a);
  const sockets = [];
  for (let n = 0; n < 5; n++) {
    await edge.edge.apply(withNeighbour(edge, oneService(edge, [{ id: 's1', port: a }]), n), never);
    sockets.push(await openWebSocket({ port: edge.http, host: HOST }));
  }
  // One master, the worker that serves, two old ones and the one that has just become old.
  await waitUntil(async () => (await edge.edge.processes()).filter(({ name }) => name === 'haproxy').length <= 5, {
    what: 'the oldest workers were ended',
  });
  await waitUntil(() => toy.sockets() <= 4, { what: 'their WebSockets are closed' });
  for (const socket of sockets) socket.destroy();
});

test('a single check that fails right after a reload or a switch does not take the only instance out', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0] = edge.ports;
  const check = { check: { kind: 'http' as const, path: '/slow', everyMs: 300, timeoutMs: 100, fails: 20 } };
  await using _first = await startToyBackend('first', a, { slowMs: 400 });
  await using _second = await startToyBackend('second', b, { slowMs: 400 });
  await edge.edge.apply(oneService(edge, [{ id: 's1', port: a }], check), never);
  const load = startLoad({ clients: 2, pauseMs: () => 10, ask: (agent) => ask({ port: edge.http, host: HOST, agent }) });
  await sleep(700);
  await edge.edge.apply(withNeighbour(edge, oneService(edge, [{ id: 's1', port: a }], check), 1), never);
  await sleep(700);
  await edge.edge.apply(
    withNeighbour(
      edge,
      oneService(
        edge,
        [
          { id: 's1', port: a, state: 'maint' },
          { id: 's2', port: b },
        ],
        check,
      ),
      1,
    ),
    never,
  );
  await sleep(700);
  await edge.edge.apply(
    withNeighbour(
      edge,
      oneService(
        edge,
        [
          { id: 's1', port: a },
          { id: 's2', port: b, state: 'maint' },
        ],
        check,
      ),
      1,
    ),
    never,
  );
  await sleep(700);
  const { failures, answered } = await load.stop();
  assert.deepEqual(failures.slice(0, 3), []);
  assert.ok(answered > 50);
});
