import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { type ResticRun, runRestic } from './restic-process.ts';

const run = (script: string, more: Partial<ResticRun> = {}) =>
  runRestic({
    program: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    signal: undefined,
    stallMs: 60_000,
    ...more,
  });

test('what it answers and complains of is kept, its progress is not', async () => {
  const complaints: string[] = [];
  const script = `echo '{"message_type":"status","x":1}'; echo answer; echo complaint >&2; exit 3`;
  const end = await run(script, { onComplaint: (line) => complaints.push(line) });
  assert.deepEqual(end, { exitCode: 3, stdout: 'answer', stderr: 'complaint', gaveUpAfterMs: null });
  assert.deepEqual(complaints, ['complaint']);
});

test('it has the environment that it is given and no other', async () => {
  const { stdout } = await run('env', { env: { ONLY: 'this' } });
  assert.deepEqual(
    stdout.split('\n').filter((line) => !/^(PWD|_|SHLVL|OLDPWD)=/.test(line)),
    ['ONLY=this'],
  );
});

test('it is interrupted when that is asked for, and has ended when that is told', async () => {
  await using directory = await temporaryDirectory();
  const aborted = new AbortController();
  const [begun, cleaned] = [directory.join('begun'), directory.join('cleaned')];
  // The shell waits for its child, which gets the signal of the shell's end by itself.
  const script = `trap 'touch ${cleaned}; kill $child; exit 1' INT; touch ${begun}; sleep 100 & child=$!; wait`;
  const pending = run(script, { signal: aborted.signal });
  const told = assert.rejects(pending, /enough/);
  await waitUntil(() => existsSync(begun), { what: 'it has begun' });
  aborted.abort(new Error('enough'));
  await told;
  assert.ok(existsSync(cleaned));
});

test('it is given up when it does nothing for too long, and when it takes too long', async () => {
  for (const limit of [{ stallMs: 100 }, { timeoutMs: 100 }]) {
    const end = await run(`trap 'kill $child; exit 1' INT; sleep 100 & child=$!; wait`, limit);
    assert.ok(end.gaveUpAfterMs !== null && end.gaveUpAfterMs < 20_000, JSON.stringify([limit, end]));
  }
});

test('a program that is not there is an error', async () => {
  const end = await run('', { program: '/none/restic' }).catch((error: Error) => error);
  assert.ok(end instanceof Error || end.exitCode !== 0);
});
