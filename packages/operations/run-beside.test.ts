import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceSpec, RuntimeDriver } from '@berth/runtime';
import { runBeside } from './run-beside.ts';

const spec = { cwd: '/usr', env: { PATH: '/usr/bin:/bin', WORD: 'hello' }, user: null } as unknown as InstanceSpec;
const argv = ['/bin/sh', '-c', 'echo "$WORD"; pwd'];
const beside = (answer: Awaited<ReturnType<RuntimeDriver['beside']>>) => ({ beside: () => Promise.resolve(answer) });

test('without a place of its own a command runs in the directory and environment of the instance', async () => {
  assert.equal((await runBeside(beside(null), spec)(argv, 10_000)).stdout, 'hello\n/usr\n');
});

test('the way to the place of an instance has nothing of its environment', async () => {
  const way = { argv: ['/bin/sh', '-c', 'echo "$WORD"; pwd; cat'], input: 'what the runtime sends' };
  assert.equal((await runBeside(beside(way), spec)(argv, 10_000)).stdout, '\n/\nwhat the runtime sends');
});
