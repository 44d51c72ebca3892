import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { removeLeftovers } from './leftovers.ts';

const skip = process.platform === 'linux' ? false : 'asks /proc of Linux';

test('what a process left that has ended goes, though its parent never asks about it; what one at work writes stays', {
  skip,
}, async () => {
  await using directory = await temporaryDirectory();
  // The shell becomes a program that does not know of its child. Until then it would ask about it, so the child may not end before.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = said.toString().trim();
    await waitUntil(() => readFileSync(`/proc/${parent.pid}/comm`, 'latin1') === 'sleep\n', { what: 'the shell is gone' });
    process.kill(Number(zombie), 'SIGKILL');
    await waitUntil(() => /\) Z /.test(readFileSync(`/proc/${zombie}/stat`, 'latin1')), { what: 'it has ended' });
    const names = [`a.part-${zombie}-1`, `a.part-${parent.pid}-1`, `a.part-${process.pid}-1`, 'a.part-x', `b.part-${zombie}-1`];
    for (const name of names) writeFileSync(directory.join(name), '');
    await removeLeftovers(directory.path, 'a.part-');
    assert.deepEqual(readdirSync(directory.path).sort(), names.slice(1).sort());
  } finally {
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  }
});
