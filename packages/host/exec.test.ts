import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { exec, execOk } from './exec.ts';
import { isSame, readProcess } from './processes.ts';
import { findUser } from './users.ts';

const asRoot = process.getuid?.() === 0 ? {} : { skip: 'only root can change user' };

test('tells how a command ended and what it wrote', async () => {
  assert.deepEqual(await exec(['/bin/sh', '-c', 'echo out; echo err >&2; exit 3']), {
    exitCode: 3,
    signal: null,
    stdout: 'out\n',
    stderr: 'err\n',
  });
});

test('tells which signal ended a command', async () => {
  const { exitCode, signal } = await exec(['/bin/sh', '-c', 'kill -TERM $$']);
  assert.deepEqual({ exitCode, signal }, { exitCode: null, signal: 'SIGTERM' });
});

test('words are passed as they are', async () => {
  const words = ['a b', '$HOME', "it's", '', '*', '\n'];
  const { stdout } = await exec([process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', ...words]);
  assert.deepEqual(JSON.parse(stdout), words);
});

test('gives input, directory and environment, and nothing else of ours', async () => {
  await using directory = await temporaryDirectory();
  const { stdout } = await exec(['/bin/sh', '-c', 'cat; pwd; /usr/bin/env | grep -v ^PWD='], {
    input: 'hello\n',
    cwd: directory.path,
    env: { A: '1', B: undefined },
  });
  assert.equal(stdout, `hello\n${directory.path}\nA=1\n`);
});

test('a command that does not read its input is no failure', async () => {
  assert.equal((await exec(['true'], { input: 'x'.repeat(1_000_000) })).exitCode, 0);
});

test('of a long output the end is kept', async () => {
  const { stdout } = await exec(['/bin/sh', '-c', 'head -c 30000000 /dev/zero; echo end']);
  assert.equal(stdout.length, 4 * 1024 * 1024);
  assert.ok(stdout.endsWith('end\n'));
});

test('a timeout ends the command and what it has started', async () => {
  await using directory = await temporaryDirectory();
  const pidFile = directory.join('pid');
  const script = `sleep 60 & echo $! >${pidFile}; wait`;
  await assert.rejects(exec(['/bin/sh', '-c', script], { timeoutMs: 300 }), { code: 'COMMAND_TIMED_OUT' });
  const pid = Number((await exec(['cat', pidFile])).stdout);
  assert.ok(pid > 0);
  await waitUntil(() => readProcess(pid)?.state === 'Z' || readProcess(pid) === null, { what: 'the child has ended' });
});

test('an abort ends the command and is thrown', async () => {
  const aborted = new AbortController();
  const pending = exec(['sleep', '60'], { signal: aborted.signal });
  aborted.abort(new Error('enough'));
  await assert.rejects(pending, /enough/);
  await assert.rejects(exec(['true'], { signal: aborted.signal }), /enough/);
});

test('a process left in the background is not waited for', async () => {
  const startedAt = performance.now();
  const { stdout } = await exec(['/bin/sh', '-c', 'sleep 20 & echo $!']);
  assert.ok(performance.now() - startedAt < 5_000);
  const left = readProcess(Number(stdout));
  assert.ok(left !== null && isSame(left.pid, left.startTime));
  process.kill(left.pid, 'SIGKILL');
});

describe('what cannot be started', () => {
  const cases = [
    {
      name: 'a command that is not there',
      argv: ['/etc/not-there/x'],
      options: {},
      message: /\/etc\/not-there\/x could not be started: it was not found/,
    },
    { name: 'a file that may not be executed', argv: ['/etc/passwd'], options: {}, message: /may not be executed/ },
    {
      name: 'a directory that is not there',
      argv: ['true'],
      options: { cwd: '/etc/not-there' },
      message: /the directory \/etc\/not-there was not found/,
    },
  ];
  for (const { name, argv, options, message } of cases)
    test(name, async () => {
      await assert.rejects(exec(argv, options), { code: 'COMMAND_NOT_STARTED', message });
    });
});

test('a failure tells command, code and the last lines, and no arguments', async () => {
  const script = 'for i in $(seq 30); do echo line $i >&2; done; exit 4';
  const failed = execOk(['/bin/sh', '-c', script, 'top-secret']);
  await assert.rejects(failed, (error: Error & { code: string; fields: object }) => {
    assert.equal(error.code, 'COMMAND_FAILED');
    assert.match(error.message, /^\/bin\/sh ended with code 4:\nline 21\n[^]*line 30$/);
    assert.ok(!JSON.stringify(error).includes('top-secret'));
    return true;
  });
});

test('runs as another user, without our groups', asRoot, async () => {
  const nobody = await findUser('nobody');
  assert.ok(nobody);
  const { stdout } = await execOk(['/bin/sh', '-c', 'id -u; id -g; id -G'], { user: nobody });
  assert.equal(stdout, `${nobody.uid}\n${nobody.gid}\n${nobody.gid}\n`);
});
