/** Faults of the platform and of the machine below it, made for real. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { execOk } from '@berth/host';
import { createS3Server, S3_TEST_CREDENTIALS, temporaryDirectory, waitUntil } from '@berth/testing';
import { berth } from '../../../e2e/harness/command.ts';
import { processesOfHome } from '../../../e2e/harness/processes.ts';
import { Patient, says } from '../testing/patient.ts';

let patient: Patient;
before(async () => {
  patient = await Patient.open();
});
after(() => patient[Symbol.asyncDispose]());

const isRoot = process.getuid?.() === 0;

test('home-permissions: somebody opened the secrets to all', async () => {
  await patient.cured('home-permissions');
  const secrets = join(patient.home, 'secrets');
  chmodSync(secrets, 0o755);
  if (isRoot) chownSync(join(patient.home, 'journal.db'), 1, 1);
  const { findings } = await patient.look({}, 'home-permissions');
  assert.equal(findings.length, isRoot ? 2 : 1);
  says(await patient.finding('home-permissions'), secrets, '0755', 'chmod 0700');
  await berth(patient.home, ['doctor', '--fix']);
  assert.equal(statSync(secrets).mode & 0o777, 0o700);
  await patient.cured('home-permissions');
});

test('no-target, kit-missing: data that would be lost with the machine', async () => {
  says(await patient.finding('no-target'), 'patient/db', 'berth target add');
  await using directory = await temporaryDirectory();
  await patient.platform.client.call('addTarget', { body: { url: `dir:${directory.path}`, name: 'away' } });
  await patient.cured('no-target');
  says(await patient.finding('kit-missing'), 'no recovery kit was ever written');
  await patient.platform.client.call('kit', {});
  await patient.cured('kit-missing');
  await patient.platform.client.call('removeTarget', { params: { target: 'away' } });
});

test('target-failing, store-unprotected, clock-off: an S3 endpoint that refuses, and whose clock is another', async () => {
  await using s3 = await createS3Server({ buckets: ['backups'] });
  await using front = await otherClock(s3.endpoint);
  const credentials = { accessKeyId: S3_TEST_CREDENTIALS.accessKeyId, secretAccessKey: S3_TEST_CREDENTIALS.secretAccessKey };
  const url = `s3://backups/patient?endpoint=${front.endpoint}`;
  await patient.platform.client.call('addTarget', { body: { url, name: 'far', credentials } });
  await patient.cured('clock-off');
  front.aheadMs = 3_600_000;
  says(await patient.finding('clock-off'), '1h', front.endpoint, 'slow');
  front.aheadMs = 0;
  await patient.cured('target-failing', { withinMs: 60_000 });
  s3.setCredentials([]);
  await patient.order('fill', { rows: 5 });
  says(await patient.finding('target-failing', { withinMs: 120_000 }), 'far', /TARGET_DENIED|denies/, 'access keys');
  says(await patient.finding('store-unprotected', { withinMs: 120_000 }), 'far', 'berth backup patient');
  await patient.order('empty');
  await patient.platform.client.call('removeTarget', { params: { target: 'far' } });
  await patient.cured('clock-off');
});

test('drill-overdue, drill-failed: a backup that was never rehearsed, and one that cannot be restored', async () => {
  await using directory = await temporaryDirectory();
  const { client } = patient.platform;
  await client.call('addTarget', { body: { url: `dir:${directory.path}`, name: 'away' } });
  await patient.platform.finished(await client.call('backup', { params: { app: 'patient' }, body: {} }));
  await patient.cured('drill-overdue');
  const later = { now: () => new Date(Date.now() + 10 * 86_400_000) };
  says(await patient.finding('drill-overdue', later), 'never rehearsed', 'berth drill patient');

  await patient.deploy({ manifest: (text) => `${text}backup: { check: exit 9 }\n` });
  await patient.platform.finished(await client.call('drill', { params: { app: 'patient' }, body: { target: 'away' } }));
  says(await patient.finding('drill-failed'), 'away', 'berth drill patient');
  await patient.deploy();
  await patient.platform.finished(await client.call('drill', { params: { app: 'patient' }, body: { target: 'away' } }));
  await patient.cured('drill-failed');
  await client.call('removeTarget', { params: { target: 'away' } });
});

test('disk-full, inodes-full: a file system without space', { skip: isRoot ? false : 'only root may mount' }, async () => {
  await using directory = await temporaryDirectory();
  await execOk(['mount', '-t', 'tmpfs', '-o', 'size=96m,nr_inodes=400', 'none', directory.path]);
  const { client } = patient.platform;
  try {
    await client.call('addTarget', { body: { url: `dir:${directory.path}`, name: 'small' } });
    await patient.cured('disk-full');
    const fill = join(directory.path, 'video.bin');
    writeFileSync(fill, Buffer.alloc(88 << 20));
    says(await patient.finding('disk-full'), directory.path, 'target small', 'video.bin 92 MB');
    unlinkSync(fill);
    await patient.cured('disk-full');
    await client.call('removeTarget', { params: { target: 'small' } });
    await client.call('addTarget', { body: { url: `dir:${directory.path}`, name: 'small', takeOver: true } });
    for (let at = 0; at < 380; at += 1)
      try {
        writeFileSync(join(directory.path, `thumbnail-${at}`), '');
      } catch {
        break; // so many are there by now
      }
    says(await patient.finding('inodes-full'), directory.path, 'of 400 inodes');
    await client.call('removeTarget', { params: { target: 'small' } });
  } finally {
    await execOk(['umount', '-l', directory.path]);
  }
});

test('memory-low, daemon-memory: where the bound is put below what this machine and this daemon use', async () => {
  await patient.cured('memory-low');
  await patient.cured('daemon-memory');
  says(await patient.finding('memory-low', { bounds: { memoryAvailableShare: 1.01 } }), 'memory can still be had', 'largest:');
  says(await patient.finding('daemon-memory', { bounds: { daemonMemoryBytes: 1 } }), 'MB');
});

test('public-listener: a program that can be reached from outside', async () => {
  await patient.cured('public-listener');
  await patient.order('open', { port: 0 });
  says(await patient.finding('public-listener'), 'every address', 'HOST');
  await patient.deploy();
  await patient.cured('public-listener');
});

test('daemon-silent, edge-silent: a daemon and an edge that hang', async () => {
  const { daemon, edge } = await patient.platform.client.call('status', {});
  await patient.cured('edge-silent');
  const haproxy = edge.processes.filter(({ name }) => name.startsWith('haproxy')).map(({ pid }) => pid);
  assert.ok(haproxy.length > 0, JSON.stringify(edge.processes));
  const stopped = [daemon.pid, ...(await withWorkers(haproxy))];
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  try {
    says(await patient.finding('daemon-silent'), `process ${daemon.pid}`, 'SIGSTOP', `kill -9 ${daemon.pid}`);
    says(await patient.finding('edge-silent'), 'was not answered', 'kill -CONT');
  } finally {
    for (const pid of stopped.toReversed()) process.kill(pid, 'SIGCONT');
  }
  await patient.cured('daemon-silent');
  await patient.cured('edge-silent');
});

test('daemon-down, edge-down, edge-port-taken: what a power cut and a hasty neighbour leave', async () => {
  const { edge } = await patient.platform.client.call('status', {});
  await patient.platform.kill();
  says(await patient.finding('daemon-down'), 'berth up', 'serve on');
  await patient.cured('edge-down');
  for (const { pid } of edge.processes) process.kill(pid, 'SIGKILL');
  for (const pid of await withWorkers([])) process.kill(pid, 'SIGKILL');
  says(await patient.finding('edge-down'), 'no process of the edge', 'berth up');

  const script = 'require("node:http").createServer().listen(Number(process.argv[1]), "127.0.0.1", () => console.log("here"))';
  const neighbour = spawn(process.execPath, ['-e', script, String(patient.platform.httpPort)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(neighbour.stdout, 'data');
    says(await patient.finding('edge-port-taken'), `port ${patient.platform.httpPort}`, `process ${neighbour.pid}`);
    const whole = await patient.look();
    assert.deepEqual(whole.blind, []);
    assert.ok(whole.findings.some(({ rule }) => rule === 'daemon-down'));
  } finally {
    await ended(neighbour);
  }
  await patient.platform.start();
  await patient.cured('daemon-down');
  await patient.cured('edge-down');
  await patient.cured('edge-port-taken');
});

/** Processes of HAProxy of this home: the master and those that serve. */
const withWorkers = async (known: readonly number[]): Promise<readonly number[]> => {
  const { stdout } = await execOk(['ps', '-eo', 'pid=,comm=']);
  const haproxy = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, name]) => name === 'haproxy')
    .map(([pid]) => Number(pid));
  const ours = new Set([...processesOfHome(patient.home), ...known]);
  return haproxy.filter((pid) => ours.has(pid));
};

const ended = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL');
  await waitUntil(() => child.signalCode !== null, { what: 'it ended', withinMs: 5_000 });
};

/** Passes everything on, and says another time. */
const otherClock = async (endpoint: string): Promise<AsyncDisposable & { readonly endpoint: string; aheadMs: number }> => {
  const server = createServer((asked, answer) => {
    const passed = request(
      endpoint,
      { method: asked.method ?? 'GET', path: asked.url ?? '/', headers: asked.headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 500, {
          ...response.headers,
          date: new Date(Date.now() + clock.aheadMs).toUTCString(),
        });
        response.pipe(answer);
      },
    );
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clock = {
    aheadMs: 0,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return clock;
};
