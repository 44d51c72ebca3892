import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { torture } from './torture.ts';
import { FAULT_WINDOWS } from './window-list.ts';

test('whatever dies and whenever, every sampled state comes back byte for byte', async (t) => {
  await using scratch = await temporaryDirectory('replicate-torture-');
  const lines: string[] = [];
  const failures = await torture({
    rounds: 4,
    // Another one each time: what was played is printed, and is played again with `torture/main.ts --rounds 1 --seed N`.
    seed: Math.floor(Math.random() * 1_000_000),
    workMs: 3_000,
    windows: FAULT_WINDOWS,
    allWindows: false,
    goOn: true,
    writersSqlite: {},
    scratch: scratch.path,
    signal: t.signal,
    say: (line) => {
      lines.push(line);
    },
  });
  for (const line of lines) t.diagnostic(line);
  assert.equal(failures, 0, lines.join('\n'));
});
