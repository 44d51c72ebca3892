/** Faults of an app, made for real on one platform after the other's cure. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { execOk } from '@berth/host';
import { freePorts, temporaryDirectory, waitUntil } from '@berth/testing';
import { berth } from '../../../e2e/harness/command.ts';
import { Patient, says } from '../testing/patient.ts';

let patient: Patient;
before(async () => {
  patient = await Patient.open();
});
after(() => patient[Symbol.asyncDispose]());

test('a platform that is well gets no finding, and every rule looks', async (t) => {
  await using target = await temporaryDirectory();
  const { client } = patient.platform;
  await client.call('addTarget', { body: { url: `dir:${target.path}`, name: 'away' } });
  await client.call('kit', {});
  await patient.instance();
  const isProtected = async (): Promise<boolean> => (await patient.status()).stores.every(({ state }) => state === 'protected');
  await waitUntil(isProtected, { what: 'its stores were protected', withinMs: 60_000, everyMs: 200 });

  const { findings, blind, ms } = await patient.look();
  assert.deepEqual(findings, []);
  assert.deepEqual(blind, []);
  t.diagnostic(`it took ${ms} ms`);

  const typed = await berth(patient.home, ['doctor', '--json']);
  assert.equal(typed.code, 0, typed.stdout + typed.stderr);
  assert.equal((JSON.parse(typed.stdout) as { ok: boolean }).ok, true);
  await client.call('removeTarget', { params: { target: 'away' } });
});

test('wrong-port: a program that listens on a port of its own', async () => {
  const [port = 0] = await freePorts(1);
  const receipt = await patient.deploy({ manifest: (text) => text.replace('exec node', `WRONG_PORT=${port} exec node`) });
  assert.equal(receipt.ok, false);
  says(await patient.finding('wrong-port'), `listened on ${port}`, 'PORT');
  // By itself, and with the receipt.
  assert.ok(
    receipt.findings?.some(({ rule }) => rule === 'wrong-port'),
    JSON.stringify(receipt.findings),
  );
  assert.equal((await patient.deploy()).ok, true);
  await patient.cured('wrong-port');
});

test('wrong-port: the very first deploy of an app', async () => {
  const [port = 0] = await freePorts(1);
  const manifest = (text: string): string =>
    text
      .replace('app: patient', 'app: firstborn')
      .replace('patient: web', 'firstborn: web')
      .replace('exec node', `WRONG_PORT=${port} exec node`);
  const receipt = await patient.deploy({ manifest });
  const finding = receipt.findings?.find(({ rule }) => rule === 'wrong-port');
  assert.equal(finding?.app, 'firstborn', JSON.stringify(receipt));
  const typed = await berth(patient.home, ['receipt', 'firstborn']);
  assert.match(typed.stdout, /firstborn: a deploy fails because[^]*wrong-port/);
  const { client } = patient.platform;
  await patient.platform.finished(await client.call('remove', { params: { app: 'firstborn' }, query: { purge: true } }));
});

test('port-in-use: a program that wants a port that another has', async () => {
  await using neighbour = createServer().listen(0, '127.0.0.1');
  await once(neighbour, 'listening');
  const { port } = neighbour.address() as AddressInfo;
  const receipt = await patient.deploy({ manifest: (text) => text.replace('exec node', `WRONG_PORT=${port} exec node`) });
  const finding = receipt.findings?.find(({ rule }) => rule === 'port-in-use');
  assert.ok(finding, JSON.stringify(receipt.findings));
  says(finding, 'EADDRINUSE', `port ${port} is held by`, String(process.pid));
  await patient.deploy();
});

test('path-denied: a program that writes where it may not', async () => {
  await using forbidden = await temporaryDirectory();
  const write = `require('node:fs').mkdirSync('${forbidden.path}/uploads');`;
  const server = await readFile(new URL('../testing/patient/server.js', import.meta.url), 'utf8');
  if (process.getuid?.() !== 0) await execOk(['chmod', '0500', forbidden.path]);
  const receipt = await patient.deploy({ files: { 'server.js': write + server } });
  const finding = receipt.findings?.find(({ rule }) => rule === 'path-denied');
  assert.ok(finding, JSON.stringify(receipt));
  says(finding, 'EACCES', `${forbidden.path}/uploads`, 'nowhere else', 'stores');
  await patient.deploy();
  await patient.cured('path-denied');
});

test('release-command-failed: a migration that ends half way', async () => {
  const command = "release: { run: node -e 'process.exit(7)', when: before }\n";
  assert.equal((await patient.deploy({ manifest: (text) => text + command })).ok, false);
  says(await patient.finding('release-command-failed'), 'code 7', 'restore point p', 'berth restore patient --to p');
  await patient.deploy();
  await patient.cured('release-command-failed');
});

test('node-version: an app that asks for another Node', async () => {
  await patient.deploy({ files: { 'package.json': '{"name":"patient","engines":{"node":">=99"}}' } });
  says(await patient.finding('node-version'), '>=99', process.versions.node);
  await patient.deploy();
  await patient.cured('node-version');
});

test('descriptors-near-limit: a program that never closes what it opens', async () => {
  await patient.deploy({ manifest: (text) => text.replace('memory: 400MB', 'memory: 400MB, files: 256') });
  await patient.order('descriptors', { count: 200 });
  says(await patient.finding('descriptors-near-limit'), 'it may have 256');
  await patient.deploy();
  await patient.cured('descriptors-near-limit');
});

test('memory-near-limit, out-of-memory: a program that takes more than it may', async () => {
  await patient.order('memory', { bytes: 330_000_000 });
  says(await patient.finding('memory-near-limit', { bounds: { memoryLimitShare: 0.7 } }), '400 MB');
  await patient.order('memory', { bytes: 200_000_000 }).catch(() => undefined);
  says(await patient.finding('out-of-memory'), 'killed 1 times', 'web may use 400 MB');
  await patient.cured('memory-near-limit');
  await patient.deploy();
  await patient.cured('out-of-memory');
});

test('killed-hard: somebody kills the program', async () => {
  const { pid, id } = await patient.instance();
  process.kill(pid, 'SIGKILL');
  says(await patient.finding('killed-hard'), id, 'SIGKILL');
});

test('not-healthy: a program that runs and does not pass its check', async () => {
  await patient.order('health', { status: 503 });
  says(await patient.finding('not-healthy'), '503');
});

test('left-over-process: a process of an instance that is gone', async () => {
  const { id } = await patient.instance();
  const env = { BERTH_INSTANCE: id, HOME: `${patient.home}/apps/patient/home` };
  const child = spawn('/bin/sleep', ['600'], { env, stdio: 'ignore' });
  await using _end = { [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') };
  await patient.cured('left-over-process');
  await patient.deploy();
  says(await patient.finding('left-over-process'), id, '/bin/sleep 600', `kill ${child.pid}`);
  const fixed = await berth(patient.home, ['doctor', '--fix', '--json']);
  assert.match(fixed.stdout, /left over by/);
  await waitUntil(() => child.signalCode === 'SIGTERM', { what: 'it was ended', withinMs: 5_000 });
  await patient.cured('left-over-process');
});

test('crash-loop: a program that dies after every start', async () => {
  for (let death = 0; death < 5; death += 1) {
    await patient.order('log', { text: `TypeError: cannot read the menu ${death}` });
    const { id, pid } = await patient.instance();
    await patient.order('exit');
    await waitUntil(async () => (await patient.status()).services[0]?.instances.find((it) => it.id === id)?.pid !== pid, {
      what: 'it died',
      withinMs: 10_000,
    });
  }
  says(await patient.finding('crash-loop', { withinMs: 60_000 }), 'died 5 times', 'TypeError: cannot read the menu');
  await patient.deploy();
  await patient.cured('crash-loop');
});
