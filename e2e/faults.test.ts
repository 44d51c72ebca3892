/** What goes wrong on a machine gets an error that says so, and what runs goes on running. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { execOk } from '@berth/host';
import { waitUntil } from '@berth/testing';
import { type Home, StoryPlatform } from './harness/platform.ts';
import { processesOfHome } from './harness/processes.ts';
import { archive, readSource } from './harness/source.ts';
import { removeSystemUsers } from './harness/system-users.ts';
import { ask } from './harness/visitor.ts';

const DAEMON = join(import.meta.dirname, '..', 'programs', 'daemon', 'main.ts');
const hello = readSource(join(import.meta.dirname, 'apps', 'hello'));
const needsRoot = process.getuid?.() === 0 ? false : 'mounting a file system needs root';

/** A start that is expected to fail; answers with the error that it reports. */
async function failingStart(home: string, settings: object = {}): Promise<{ code: string; message: string; hint: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'berth-report-'));
  try {
    const report = join(directory, 'report');
    const env = {
      ...process.env,
      BERTH_HOME: home,
      BERTH_START_REPORT: report,
      BERTH_SETTINGS: JSON.stringify(settings),
    };
    const daemon = spawn(process.execPath, [DAEMON], { stdio: 'ignore', env });
    await waitUntil(() => daemon.exitCode !== null, { what: 'the start to fail', withinMs: 30_000 });
    assert.equal(daemon.exitCode, 1);
    const lines = readFileSync(report, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { error?: { code: string; message: string; hint: string } });
    const error = lines.find((line) => line.error)?.error;
    assert.ok(error, 'an error is reported');
    return error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const deployed = async (platform: StoryPlatform) => {
  const receipt = await platform.finished(await platform.client.call('deploy', { body: archive(hello), query: {} }));
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
};
const answers = async (platform: StoryPlatform) => (await ask(platform.httpPort, 'hello.localhost')).status;

test('a second daemon on the same home is refused, and the first does not notice', async () => {
  await using platform = await StoryPlatform.open({ tls: 'off' });
  await deployed(platform);
  assert.equal((await failingStart(platform.home)).code, 'HOME_LOCKED');
  assert.equal(await platform.isAnswering(), true);
  assert.equal(await answers(platform), 200);
});

test('a port that is taken is named with its owner, at the first start and when settings change', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await waitUntil(() => server.listening, { what: 'a taken port', withinMs: 5_000 });
  const { port } = server.address() as { port: number };
  const home = mkdtempSync(join(tmpdir(), 'berth-taken-'));
  try {
    const error = await failingStart(home, { addresses: ['127.0.0.1'], httpPort: port, httpsPort: null });
    assert.equal(error.code, 'EDGE_PORT_TAKEN');
    assert.match(error.message, new RegExp(`port ${port} .*${process.pid}`));
    await waitUntil(() => processesOfHome(home).length === 0, {
      what: 'nothing to be left of the failed start',
      withinMs: 10_000,
    });

    await using platform = await StoryPlatform.open({ tls: 'off' });
    await deployed(platform);
    await assert.rejects(platform.client.call('changeSettings', { body: { httpPort: port } }), (thrown: Error) =>
      thrown.message.includes(String(port)),
    );
    assert.equal((await platform.client.call('settings', {})).httpPort, platform.httpPort);
    assert.equal(await answers(platform), 200);
  } finally {
    server.close();
    await removeSystemUsers(home);
    rmSync(home, { recursive: true, force: true });
  }
});

test('a damaged state database is refused, apps keep answering, and a good copy brings everything back', async () => {
  await using platform = await StoryPlatform.open({ tls: 'off' });
  await deployed(platform);
  await platform.stop();
  const file = join(platform.home, 'journal.db');
  const copy = `${file}.copy`;
  copyFileSync(file, copy);
  writeFileSync(file, 'x'.repeat(50_000));
  const error = await failingStart(platform.home);
  assert.equal(error.code, 'JOURNAL_CORRUPT');
  assert.match(error.hint, /good copy/);
  assert.equal(await answers(platform), 200);
  for (const rest of ['-wal', '-shm']) if (existsSync(file + rest)) unlinkSync(file + rest);
  copyFileSync(copy, file);
  await platform.start();
  await waitUntil(async () => (await platform.client.call('status', {})).apps[0]?.state === 'running', {
    what: 'the app to be adopted',
    withinMs: 10_000,
  });
  assert.equal((await platform.client.call('status', {})).apps[0]?.services[0]?.instances[0]?.restarts, 0);
});

test('a socket and a record left by a killed daemon are in nobody’s way', async () => {
  await using platform = await StoryPlatform.open({ tls: 'off' });
  await platform.kill();
  assert.equal(existsSync(join(platform.home, 'run', 'berthd.sock')), true);
  await platform.start();
  assert.equal(await platform.isAnswering(), true);
});

/** A small disk of its own. */
async function mountSmall(megabytes: number): Promise<Home & { remount(how: 'ro' | 'rw'): Promise<unknown> }> {
  const path = mkdtempSync(join(tmpdir(), 'berth-disk-'));
  await execOk(['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'tmpfs', path]);
  return {
    path,
    remount: (how) => execOk(['mount', '-o', `remount,${how}`, path]),
    async [Symbol.asyncDispose]() {
      await execOk(['umount', path]);
      rmSync(path, { recursive: true });
    },
  };
}

test('a full disk stops a deploy and nothing else, and once there is room it works again', { skip: needsRoot }, async () => {
  await using platform = await StoryPlatform.open({ tls: 'off', home: await mountSmall(900) });
  await deployed(platform);
  const { bavail, bsize } = statfsSync(platform.home);
  const filler = join(platform.home, 'filler');
  mkdirSync(filler);
  await execOk(['fallocate', '-l', String(bavail * bsize - 100_000), join(filler, 'big')]);
  const changed = { ...hello, 'more.txt': 'x'.repeat(2_000_000) };
  // Refused while the archive arrives, or by the check before the build: in either case with a name.
  const error = await platform.client
    .call('deploy', { body: archive(changed), query: {} })
    .then((operation) => platform.finished(operation))
    .then((receipt) => receipt.error)
    .catch((thrown: { code?: string }) => thrown);
  assert.match(error?.code ?? '', /^(DISK_FLOOR|HOME_DISK_FULL)$/);
  assert.equal(await answers(platform), 200);
  rmSync(filler, { recursive: true });
  const receipt = await platform.finished(await platform.client.call('deploy', { body: archive(changed), query: {} }));
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
});

test('a home on a read-only file system is refused by name', { skip: needsRoot }, async () => {
  await using disk = await mountSmall(10);
  await disk.remount('ro');
  assert.equal((await failingStart(disk.path)).code, 'HOME_NOT_WRITABLE');
});
