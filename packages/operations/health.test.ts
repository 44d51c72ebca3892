import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Health } from '@berth/core';
import { exec } from '@berth/host';
import { freePorts } from '@berth/testing';
import { checkHealth } from './health.ts';

const health = (check: Health['check'], timeoutMs = 2_000): Health => ({
  check,
  everyMs: 5_000,
  timeoutMs,
  fails: 3,
  startMs: 30_000,
});
const target = (port: number | null, runningForMs = 0) => ({
  port,
  runningForMs,
  runner: async () => (argv: readonly string[], timeoutMs: number) =>
    exec(argv, { env: { PATH: '/usr/bin:/bin', WORD: 'hello' }, timeoutMs }),
});

async function serving(listener: RequestListener, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const http: { name: string; listener: RequestListener; expected: RegExp | null; limitMs?: number }[] = [
  { name: 'a 204 is healthy', listener: (_, response) => response.writeHead(204).end(), expected: null },
  { name: 'a redirect is healthy', listener: (_, response) => response.writeHead(302, { location: '/x' }).end(), expected: null },
  {
    name: 'a 500 is told with its path',
    listener: (_, response) => response.writeHead(500).end(),
    expected: /^answered 500 to \/healthz$/,
  },
  { name: 'a 404 is told', listener: (_, response) => response.writeHead(404).end(), expected: /^answered 404/ },
  {
    name: 'silence is told with its time',
    listener: () => undefined,
    expected: /^no answer to \/healthz within 100 ms$/,
    limitMs: 100,
  },
];
for (const { name, listener, expected, limitMs = 10_000 } of http) {
  test(`over HTTP ${name}`, () =>
    serving(listener, async (port) => {
      const answer = await checkHealth(health({ kind: 'http', path: '/healthz' }, limitMs), target(port));
      if (expected === null) assert.equal(answer, null);
      else assert.match(answer ?? '', expected);
    }));
}

test('a port that nobody listens on is named', async () => {
  const [port = 0] = await freePorts(1);
  for (const check of [{ kind: 'http', path: '/' }, { kind: 'tcp' }] as const) {
    assert.equal(await checkHealth(health(check), target(port)), `nothing listens on port ${port}`);
  }
});

test('over TCP a connection is enough', () =>
  serving(
    () => undefined,
    async (port) => assert.equal(await checkHealth(health({ kind: 'tcp' }), target(port)), null),
  ));

test('a command is healthy when it exits with 0 in the environment of the instance', async () => {
  assert.equal(await checkHealth(health({ kind: 'command', run: 'test "$WORD" = hello' }), target(null)), null);
  const answer = await checkHealth(health({ kind: 'command', run: 'echo queue is stuck; exit 3' }), target(null));
  assert.equal(answer, 'its health command exited with 3: queue is stuck');
});

test('a program with nothing to ask is healthy when it has stayed alive for a moment', async () => {
  assert.equal(await checkHealth(health({ kind: 'alive' }), target(null, 2_000)), null);
  assert.equal(await checkHealth(health({ kind: 'alive' }), target(null, 10)), 'has only just started');
});
