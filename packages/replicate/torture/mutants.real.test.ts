import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

/** Those that are caught soonest; all of them by `node packages/replicate/torture/mutants.ts`. */
const SOON_CAUGHT = ['the reader lets go before the capture', 'the position is saved before the segment'];

test('the torture catches replicators that are broken', async ({ signal }) => {
  const program = join(import.meta.dirname, 'mutants.ts');
  const args = ['--no-control', ...SOON_CAUGHT.flatMap((name) => ['--only', name])];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  const output = await text(child.stdout);
  await exited;
  assert.match(output, /all 2 were caught/, output);
});
