import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { test } from 'node:test';
import { giveWay } from './give-way.ts';

const sleeping = async (detached: boolean) => {
  const child = spawn('sleep', ['60'], { detached, stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  return {
    pid,
    niceness: () => getPriority(pid),
    /** How polite its whole session is, where sessions are scheduled as groups. */
    ofSession: () => Number(/nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'latin1'))?.[1]),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};

const hasSessions = existsSync('/proc/self/autogroup');

test('a process gives way, and its session with it when that is its own', {
  skip: !hasSessions && 'no groups of sessions',
}, async () => {
  await using own = await sleeping(true);
  await using ours = await sleeping(false);
  const before = ours.ofSession();
  const niceness = Math.max(10, getPriority());
  for (const { pid } of [own, ours]) giveWay(pid, niceness);
  assert.deepEqual([own.niceness(), ours.niceness()], [niceness, niceness]);
  assert.equal(own.ofSession(), niceness);
  assert.equal(ours.ofSession(), before, 'what others share is left alone');
});

test('one that is more polite stays so', async () => {
  await using process = await sleeping(true);
  setPriority(process.pid, 19);
  giveWay(process.pid, 5);
  assert.equal(process.niceness(), 19);
});

test('one that is gone is no error', async () => {
  const gone = spawn('true', { stdio: 'ignore' });
  await once(gone, 'exit');
  giveWay(gone.pid, 10);
  giveWay(undefined, 10);
});
