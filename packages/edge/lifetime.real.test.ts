import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { descendants, readProcess } from '@berth/host';
import { waitUntil } from '@berth/testing';
import { ask } from './testing/client.ts';
import { BINARIES, type EdgeFixture, host, never, route, service, startEdge, state } from './testing/edge-fixture.ts';
import { startToyBackend } from './testing/toy-backend.ts';
import type { Edge } from './state.ts';
import { openEdge } from './open-edge.ts';

const HOST = 'pad.example.com';

const twoServers = (edge: EdgeFixture, first: 'ready' | 'maint' = 'ready') => {
  const [a = 0, b = 0, , , , , , , , listen = 0] = edge.ports;
  return state(edge, {
    services: [
      service({
        listen,
        servers: [
          { id: 's1', port: a, state: first },
          { id: 's2', port: b },
        ],
      }),
    ],
    hosts: [host(HOST, [route('/', 'web')])],
  });
};

const toysOf = async (edge: EdgeFixture, times: number): Promise<readonly string[]> => {
  const answers = await Promise.all(Array.from({ length: times }, () => ask({ port: edge.http, host: HOST })));
  return [...new Set(answers.map(({ headers }) => String(headers['x-toy'])))].sort();
};

test('after a crash the edge comes back with what it had, servers in maintenance included', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0] = edge.ports;
  await using _first = await startToyBackend('first', a);
  await using _second = await startToyBackend('second', b);
  await edge.edge.apply(twoServers(edge), never);
  assert.deepEqual(await toysOf(edge, 10), ['first', 'second']);
  assert.equal((await edge.edge.apply(twoServers(edge, 'maint'), never)).reloaded, false);
  await edge.edge.counters();

  for (const { pid } of await edge.edge.processes()) process.kill(pid, 'SIGKILL');
  await waitUntil(async () => !(await edge.edge.alive()), { what: 'the edge is seen to be dead' });
  await edge.edge.start(never);
  assert.equal(await edge.edge.alive(), true);
  assert.deepEqual(await toysOf(edge, 10), ['second']);
  assert.equal((await edge.edge.apply(twoServers(edge, 'maint'), never)).reloaded, false);
  assert.equal((await edge.edge.counters())[0]?.served, 20);
});

test('the workers of an nginx whose master was killed do not stay behind', async () => {
  await using edge = await startEdge();
  const masters = (await edge.edge.processes()).filter(({ name, pid }) => name === 'nginx' && readProcess(pid)?.sid === pid);
  const orphans = masters.flatMap(({ pid }) => descendants(pid).map((worker) => worker.pid));
  assert.ok(orphans.length > 0);
  for (const { pid } of masters) process.kill(pid, 'SIGKILL');
  await waitUntil(async () => !(await edge.edge.alive()), { what: 'the edge is seen to be dead' });
  await edge.edge.start(never);
  assert.deepEqual(
    orphans.filter((pid) => readProcess(pid) !== null && readProcess(pid)?.state !== 'Z'),
    [],
  );
});

test('apply() brings HAProxy back by itself when only that has died', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0] = edge.ports;
  await using _first = await startToyBackend('first', a);
  await using _second = await startToyBackend('second', b);
  await edge.edge.apply(twoServers(edge), never);
  for (const { name, pid } of await edge.edge.processes()) if (name === 'haproxy') process.kill(pid, 'SIGKILL');
  await waitUntil(async () => !(await edge.edge.alive()), { what: 'the edge is seen to be dead' });
  await edge.edge.apply(twoServers(edge), never);
  assert.deepEqual(await toysOf(edge, 10), ['first', 'second']);
});

test('another object for the same directory adopts what runs, and changes it without a reload', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0] = edge.ports;
  await using _first = await startToyBackend('first', a);
  await using _second = await startToyBackend('second', b);
  await edge.edge.apply(twoServers(edge), never);
  await toysOf(edge, 4);
  await edge.edge.counters();
  const masters = async (found: Edge) =>
    (await found.processes()).filter((one, i, all) => all.findIndex(({ name }) => name === one.name) === i);
  const before = await masters(edge.edge);
  await edge.edge.close();

  const adopted = await edge.reopen();
  await adopted.start(never);
  assert.deepEqual(await masters(adopted), before);
  assert.equal((await adopted.apply(twoServers(edge, 'maint'), never)).reloaded, false);
  assert.deepEqual(await toysOf(edge, 6), ['second']);
  assert.equal((await adopted.counters())[0]?.served, 10);
  assert.equal(await adopted.drained({ app: 'pad', service: 'web', id: 's1' }, { withinMs: 1_000, signal: never }), true);
});

test('two edges live side by side, and one does not take the other’s port', async () => {
  await using one = await startEdge();
  await using two = await startEdge();
  await using toy = await startToyBackend('one', one.ports[0] ?? 0);
  const only = (edge: EdgeFixture, http = edge.http) =>
    state(
      { http },
      {
        services: [service({ listen: edge.ports[9] ?? 0, servers: [{ id: 's1', port: toy.port }] })],
        hosts: [host(HOST, [route('/', 'web')])],
      },
    );
  await one.edge.apply(only(one), never);
  await two.edge.apply(only(two), never);
  await assert.rejects(two.edge.apply(only(two, one.http), never), {
    code: 'EDGE_PORT_TAKEN',
    message: new RegExp(`${one.http}.*haproxy`),
  });
  assert.equal((await ask({ port: two.http, host: HOST })).status, 200);
  assert.equal((await ask({ port: one.http, host: HOST })).status, 200);
});

test('a port that somebody else uses is refused by name, and the old configuration goes on', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('one', edge.ports[0] ?? 0);
  const blocker = createServer();
  await new Promise<void>((done) => blocker.listen(edge.ports[5] ?? 0, '127.0.0.1', done));
  const wanted = (listen: number) =>
    state(edge, {
      services: [service({ listen, servers: [{ id: 's1', port: toy.port }] })],
      hosts: [host(HOST, [route('/', 'web')])],
    });
  await edge.edge.apply(wanted(edge.ports[9] ?? 0), never);
  await assert.rejects(edge.edge.apply(wanted(edge.ports[5] ?? 0), never), {
    code: 'EDGE_PORT_TAKEN',
    message: /node|MainThread/,
  });
  assert.equal((await ask({ port: edge.http, host: HOST })).status, 200);
  blocker.close();
});

test('a configuration that HAProxy refuses is not loaded, and the last good one stays on disk too', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('one', edge.ports[0] ?? 0);
  const good = state(edge, {
    services: [service({ listen: edge.ports[9] ?? 0, servers: [{ id: 's1', port: toy.port }] })],
    hosts: [host(HOST, [route('/', 'web')])],
  });
  await edge.edge.apply(good, never);
  const text = await readFile(join(edge.directory, 'live/haproxy.cfg'), 'utf8');
  const bad = { ...good, listeners: { ...good.listeners, trustedProxies: ['999.1.1.1/99'] } };
  await assert.rejects(edge.edge.apply(bad, never), { code: 'EDGE_CONFIGURATION_REFUSED', message: /999\.1\.1\.1/ });
  assert.equal(await readFile(join(edge.directory, 'live/haproxy.cfg'), 'utf8'), text);
  assert.equal((await ask({ port: edge.http, host: HOST })).status, 200);
  assert.equal((await edge.edge.apply(good, never)).reloaded, false);
});

test('a HAProxy that is too old is refused', async () => {
  await using edge = await startEdge();
  const { writeFile } = await import('node:fs/promises');
  const old = join(edge.directory, '../haproxy-old');
  await writeFile(old, '#!/bin/sh\necho "HAProxy version 2.4.24-0ubuntu0.22.04.1 2024/01/01 - https://haproxy.org/"\n', {
    mode: 0o755,
  });
  const another = await openEdge({
    directory: join(edge.directory, '../other'),
    binaries: { ...BINARIES, haproxy: old },
    user: null,
    log: () => undefined,
    now: Date.now,
  });
  await assert.rejects(another.start(never), { code: 'EDGE_HAPROXY_TOO_OLD', message: /2\.4\.24/ });
});

test('hosts, routes and headers of an app are changed without a reload; a new service needs one', async () => {
  await using edge = await startEdge();
  const [a = 0, b = 0, listen = 0, listenTwo = 0] = edge.ports;
  await using _first = await startToyBackend('first', a);
  await using _second = await startToyBackend('second', b);
  const services = [
    service({ listen, servers: [{ id: 's1', port: a }] }),
    service({ service: 'api', listen: listenTwo, servers: [{ id: 's2', port: b }] }),
  ];
  const csp = (value: string) => ({ headers: { 'content-security-policy': value } });
  await edge.edge.apply(state(edge, { services, hosts: [host(HOST, [route('/', 'web')], csp("default-src 'self'"))] }), never);
  const changed = state(edge, {
    services,
    hosts: [
      host(HOST, [route('/', 'web'), route('/api', 'api')], csp("default-src 'none'; frame-ancestors https://a.example.com")),
      host('new.example.com', [], { redirectTo: HOST }),
      ...Array.from({ length: 300 }, (_, n) =>
        host(`h${n}.example.com`, [
          route('/', 'api'),
          route('/files/', { kind: 'files', directory: '/nowhere at all', cache: { kind: 'none' } }),
        ]),
      ),
    ],
  });
  assert.equal((await edge.edge.apply(changed, never)).reloaded, false);
  const answer = await ask({ port: edge.http, host: HOST, path: '/api/x' });
  assert.deepEqual(
    [answer.headers['x-toy'], answer.headers['content-security-policy']],
    ['second', "default-src 'none'; frame-ancestors https://a.example.com"],
  );
  assert.equal((await ask({ port: edge.http, host: 'new.example.com' })).status, 308);
  assert.equal((await ask({ port: edge.http, host: 'h299.example.com' })).status, 200);
  assert.equal(
    (await edge.edge.apply(state(edge, { services, hosts: [host('h7.example.com', [route('/', 'web')])] }), never)).reloaded,
    true,
    'a header name less is another structure',
  );
  assert.deepEqual(
    [
      (await ask({ port: edge.http, host: HOST })).status,
      (await ask({ port: edge.http, host: 'h7.example.com' })).headers['x-toy'],
    ],
    [404, 'first'],
  );
});

test('nothing in the edge directory can be read by others but the root certificate', {
  skip: process.getuid?.() !== 0 && 'needs root',
}, async () => {
  await using edge = await startEdge({ user: { name: 'nobody', uid: 65534, gid: 65534 } });
  await using toy = await startToyBackend('one', edge.ports[0] ?? 0);
  await edge.edge.apply(
    state(edge, {
      listeners: { httpsPort: edge.https },
      services: [service({ listen: edge.ports[9] ?? 0, servers: [{ id: 's1', port: toy.port }] })],
      hosts: [host(HOST, [route('/', 'web')])],
    }),
    never,
  );
  const { readdir } = await import('node:fs/promises');
  const open: string[] = [];
  for (const entry of await readdir(edge.directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await stat(path)).mode & 0o007) open.push(path);
    if (entry.isDirectory() && (await stat(path)).mode & 0o006) open.push(path);
  }
  assert.deepEqual(open, [edge.edge.certificates.rootPath]);
  for (const { pid } of await edge.edge.processes()) {
    assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), /^Uid:\t65534\t65534/m);
  }
  assert.equal(((await stat(join(edge.directory, 'authority/root.key'))).mode & 0o777).toString(8), '600');
});
