import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { bootId, isSame, readProcess, silentLogger } from '@berth/host';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import type { InstanceSpec } from '../driver.ts';
import { createProcessDriver } from './driver.ts';
import { checkLaunchable, planLaunch } from './launch.ts';
import { parseShellCode } from '../ending.ts';
import { createRecords } from './records.ts';

const uid = process.getuid?.() ?? 0;

const specIn = (directory: string, changes: Partial<InstanceSpec> = {}): InstanceSpec => ({
  id: 'one',
  argv: ['sleep', '60'],
  cwd: directory,
  env: { PATH: '/usr/bin:/bin', SECRET: 'not-to-be-seen' },
  user: null,
  limits: { memoryBytes: null, cpu: null, files: 1_024 },
  kind: 'instance',
  app: null,
  service: null,
  writable: [],
  secretFiles: {},
  shared: false,
  stop: { signal: 'SIGTERM', withinMs: 1_000 },
  logFile: `${directory}/log`,
  priority: 'normal',
  ...changes,
});

const never = new AbortController().signal;

describe('an adopted instance is the process that was started and no other', () => {
  const cases = [
    { name: 'the pid now belongs to a process with another start time', startTimeChange: 1, boot: bootId(), state: 'exited' },
    { name: 'the machine was started again since', startTimeChange: 0, boot: 'an earlier boot', state: 'exited' },
    { name: 'it is that very process', startTimeChange: 0, boot: bootId(), state: 'running' },
  ];
  for (const { name, startTimeChange, boot, state } of cases)
    test(`${state} when ${name}`, async () => {
      await using directory = await temporaryDirectory();
      const innocent = spawn('sleep', ['60'], { stdio: 'ignore' });
      try {
        const { pid = 0, startTime = 0 } = readProcess(innocent.pid ?? 0) ?? {};
        const records = createRecords(directory.path);
        await records.write('one', {
          version: 1,
          run: 1,
          bootId: boot,
          memoryBytes: null,
          cgroup: null,
          logFile: directory.join('log'),
        });
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(` ${startTime} `, ` ${startTime + startTimeChange} `);
        for (const file of ['1.shim', '1.program']) writeFileSync(`${records.directory('one')}/${file}`, stat);

        const driver = createProcessDriver({ directory: directory.path, cgroups: null, log: silentLogger, uid });
        assert.equal((await driver.status('one')).state, state);
        if (state === 'running') return;
        await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 100 });
        await driver.forget('one');
        assert.equal(readProcess(pid)?.startTime, startTime, 'the innocent process lives');
      } finally {
        innocent.kill('SIGKILL');
      }
    });
});

test('a zombie counts as gone', async () => {
  await using directory = await temporaryDirectory();
  // The shell does not wait for its child, which therefore stays a zombie.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (chunk) => resolve(Number(String(chunk)))));
    while (readProcess(pid)?.state !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
    const records = createRecords(directory.path);
    await records.write('one', {
      version: 1,
      run: 1,
      bootId: bootId(),
      memoryBytes: null,
      cgroup: null,
      logFile: directory.join('log'),
    });
    for (const file of ['1.shim', '1.program'])
      writeFileSync(`${records.directory('one')}/${file}`, readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const driver = createProcessDriver({ directory: directory.path, cgroups: null, log: silentLogger, uid });
    assert.deepEqual(await driver.status('one'), { state: 'exited', exitCode: null, signal: null, outOfMemory: false });
  } finally {
    parent.kill('SIGKILL');
  }
});

test('no value of the environment is in the arguments or in the records', async () => {
  await using directory = await temporaryDirectory();
  const driver = createProcessDriver({ directory: directory.path, cgroups: null, log: silentLogger, uid });
  const spec = specIn(directory.path);
  await driver.start(spec, never);
  try {
    assert.ok(!planLaunch(spec, { directory: '/x', run: 1, cgroup: null, uid }).argv.join(' ').includes('not-to-be-seen'));
    const records = readdirSync(directory.join('one')).map((name) => readFileSync(directory.join('one', name), 'utf8'));
    assert.ok(records.length >= 3 && !records.join().includes('not-to-be-seen'));
  } finally {
    await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 1_000 });
  }
});

test('an instance whose shim was killed runs on, can be stopped, and can be started again', async () => {
  await using directory = await temporaryDirectory();
  const driver = createProcessDriver({ directory: directory.path, cgroups: null, log: silentLogger, uid });
  const spec = specIn(directory.path, { argv: ['/bin/sh', '-c', 'echo $$; sleep 60 & wait'] });
  const pidsSaid = () => readFileSync(directory.join('log'), 'utf8').match(/\d+\n/g)?.length ?? 0;
  await driver.start(spec, never);
  const first = await driver.status('one');
  assert.ok(first.state === 'running');
  // It runs as soon as it is sure to become the program, which may be before that has said anything.
  await waitUntil(() => pidsSaid() === 1, { what: 'the first run says its pid' });
  const shim = readProcess(first.pid)?.ppid;
  assert.ok(shim !== undefined && shim > 1);
  process.kill(shim, 'SIGKILL');
  await waitUntil(() => readProcess(first.pid)?.ppid !== shim, { what: 'the shim has gone' });
  await driver.start(spec, never);
  assert.equal((await driver.status('one')).state, 'running');
  await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 5_000 });
  assert.deepEqual(await driver.status('one'), { state: 'exited', exitCode: null, signal: null, outOfMemory: false });
  assert.ok(!isSame(first.pid, readProcess(first.pid)?.startTime ?? 0));
  await driver.start(spec, never);
  assert.equal((await driver.status('one')).state, 'running');
  await waitUntil(() => pidsSaid() === 2, { what: 'the second run says its pid' });
  await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 5_000 });
});

test('a log that is a link is refused, since root would write where an app points', async () => {
  await using directory = await temporaryDirectory();
  const driver = createProcessDriver({ directory: directory.path, cgroups: null, log: silentLogger, uid });
  const { symlinkSync, existsSync } = await import('node:fs');
  symlinkSync(directory.join('elsewhere'), directory.join('log'));
  await assert.rejects(driver.start(specIn(directory.path), never), { code: 'RUNTIME_START_FAILED' });
  assert.ok(!existsSync(directory.join('elsewhere')));
  assert.equal((await driver.status('one')).state, 'absent');
});

describe('what cannot be started is refused before anything happens', () => {
  const cases = [
    { name: 'a variable whose name is not one', changes: { env: { 'a-b': 'x' } }, code: 'RUNTIME_ENV_INVALID' },
    { name: 'a variable of the shim', changes: { env: { berth__0: 'x' } }, code: 'RUNTIME_ENV_INVALID' },
    { name: 'an id with a slash', changes: { id: 'a/b' }, code: 'RUNTIME_ID_INVALID' },
  ];
  for (const { name, changes, code } of cases)
    test(name, async () => {
      await using directory = await temporaryDirectory();
      const driver = createProcessDriver({ directory: directory.path, cgroups: null, log: silentLogger, uid });
      await assert.rejects(driver.start(specIn(directory.path, changes), never), { code });
      assert.deepEqual(readdirSync(directory.path), []);
    });
  test('another user, without root', () => {
    const spec = specIn('/tmp', { user: { name: 'berth-pad', uid: 901, gid: 901 } });
    assert.throws(() => checkLaunchable(spec, 1000), {
      code: 'RUNTIME_USER_NEEDS_ROOT',
    });
  });
});

test('a watched memory limit counts shared pages once', async () => {
  await using directory = await temporaryDirectory();
  const driver = createProcessDriver({ directory: directory.path, cgroups: null, log: silentLogger, uid });
  const one = `${process.execPath} -e "setTimeout(() => {}, 60000)"`;
  await driver.start(specIn(directory.path, { argv: ['/bin/sh', '-c', `${one} & ${one} & ${one} & wait`] }), never);
  try {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const status = await driver.status('one');
    assert.ok(status.state === 'running');
    const { allProcesses } = await import('@berth/host');
    const resident = allProcesses()
      .filter(({ sid }) => sid === status.pid)
      .reduce((sum, { rssBytes }) => sum + rssBytes, 0);
    assert.ok(status.memoryBytes < 0.9 * resident, `${status.memoryBytes} of ${resident} resident`);
  } finally {
    await driver.stop('one', { stopSignal: 'SIGTERM', withinMs: 1_000 });
  }
});

describe('how a program ended', () => {
  const cases = [
    { code: 0, exitCode: 0, signal: null },
    { code: 3, exitCode: 3, signal: null },
    { code: 127, exitCode: 127, signal: null },
    { code: 137, exitCode: null, signal: 'SIGKILL' },
    { code: 143, exitCode: null, signal: 'SIGTERM' },
    { code: 134, exitCode: null, signal: 'SIGABRT' },
    { code: 255, exitCode: 255, signal: null },
  ];
  for (const { code, exitCode, signal } of cases)
    test(`${code} means ${signal ?? `code ${exitCode}`}`, () => assert.deepEqual(parseShellCode(code), { exitCode, signal }));
});
