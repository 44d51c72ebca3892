import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../ports.ts';
import { answers, Program } from '../program.ts';
import type { Endpoint } from './connection.ts';
import type { LoadShape } from './load.ts';
import { LoadProcess } from './load-process.ts';

const shape: LoadShape = {
  busy: 8,
  busyPerSecond: 400,
  thinking: 20,
  posting: 2,
  postBytes: 20_000,
  slow: 2,
  slowMs: 1000,
  webSockets: 10,
};

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-load-'));
});
after(() => rmSync(directory, { recursive: true }));

const plainHaproxy = (front: number, back: number): string => `
global
  maxconn 2000
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 1800ms
frontend in
  bind 127.0.0.1:${front}
  default_backend app
backend app
  server one 127.0.0.1:${back}
`;

async function startTarget(port: number): Promise<Program> {
  const target = new Program([process.execPath, join(import.meta.dirname, 'target/server.js')], {
    env: { PORT: String(port) },
    logFile: join(directory, 'target.log'),
  });
  await target.until(() => answers(port));
  return target;
}

async function startProxy(front: number, back: number): Promise<Program> {
  const file = join(directory, `haproxy-${front}.cfg`);
  writeFileSync(file, plainHaproxy(front, back));
  const proxy = new Program(['haproxy', '-db', '-f', file], { logFile: join(directory, 'haproxy.log') });
  await proxy.until(() => answers(front));
  return proxy;
}

const endpoint = (port: number): Endpoint => ({ secure: false, address: '127.0.0.1', port, host: 'localhost', ca: null });

test('behind a proxy that closes idle connections within the think time, no request of a healthy server fails', async () => {
  const [front, back] = (await freePorts(2)) as [number, number];
  await using target = await startTarget(back);
  await using _proxy = await startProxy(front, back);
  await using load = new LoadProcess(endpoint(front), shape);
  await sleep(6000); // long enough for three rounds of thinking clients
  const report = await load.stop();
  assert.equal(target.running, true);
  assert.deepEqual(report.reasons, {});
  assert.equal(report.failed, 0);
  assert.ok(report.requests > 1500, `${report.requests} requests`);
  assert.ok(report.reconnects > 10, `${report.reconnects} idle connections were closed by the proxy`);
  assert.equal(report.webSockets.opened, shape.webSockets);
  assert.ok(report.webSockets.messages >= 30);
  for (const kind of ['busy', 'thinking', 'posting', 'slow'] as const) assert.ok(report.latencyMs[kind].count > 0, kind);
});

test('a killed server is counted as failures of every kind, with time and reason', async () => {
  const [front, back] = (await freePorts(2)) as [number, number];
  await using target = await startTarget(back);
  await using _proxy = await startProxy(front, back);
  await using load = new LoadProcess(endpoint(front), shape);
  await until(() => load.progress.requests > 300 && load.progress.webSocketsOpen === shape.webSockets);
  await target.stop('SIGKILL');
  await sleep(3500);
  const report = await load.stop();
  assert.ok(report.failed > 50, `${report.failed} failures`);
  for (const kind of ['busy', 'thinking', 'posting', 'slow', 'webSocket']) {
    assert.ok(
      Object.keys(report.reasons).some((key) => key.startsWith(`${kind}: `)),
      `${kind} in ${JSON.stringify(report.reasons)}`,
    );
  }
  assert.ok((report.reasons['busy: status 503'] ?? 0) > 10);
  assert.ok(report.failures.every(({ at, reason }) => Date.parse(at) > 0 && reason !== ''));
});

test('a WebSocket that is told to leave and let in again has moved, not failed', async () => {
  const [front, first, second] = (await freePorts(3)) as [number, number, number];
  await using old = await startTarget(first);
  await using _next = await startTarget(second);
  const file = join(directory, 'two.cfg');
  const checks = '  default-server check inter 50ms fall 1\n  option redispatch 1\n';
  writeFileSync(
    file,
    `${plainHaproxy(front, first).replace('\nbackend app\n', `\nbackend app\n${checks}`)}  server two 127.0.0.1:${second} backup\n`,
  );
  await using proxy = new Program(['haproxy', '-db', '-f', file], { logFile: join(directory, 'haproxy.log') });
  await proxy.until(() => answers(front));
  await using load = new LoadProcess(endpoint(front), { ...shape, busy: 0, thinking: 0, posting: 0, slow: 0 });
  await until(() => load.progress.webSocketsOpen === shape.webSockets);
  await old.stop('SIGTERM');
  await until(() => load.progress.webSocketsMoved === shape.webSockets && load.progress.webSocketsOpen === shape.webSockets);
  const report = await load.stop();
  assert.deepEqual(report.reasons, {});
  assert.deepEqual({ opened: report.webSockets.opened, moved: report.webSockets.moved }, { opened: 20, moved: 10 });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('the load did not get going');
    await sleep(50);
  }
}
