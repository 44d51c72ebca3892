/** The README's example, run as it stands there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(new URL('README.md', import.meta.url), 'utf8'))?.[1] ?? '';

const start = (environment: Readonly<Record<string, string>>) =>
  spawn(process.execPath, ['--input-type=module-typescript', '--eval', example], {
    cwd: import.meta.dirname,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

test('the example serves, and ends with 0 when told to', async (t) => {
  const server = start({ PORT: '0', LOG_LEVE: 'debug', BERTH_RELEASE: '7' });
  t.after(() => server.kill('SIGKILL'));
  const exited = once(server, 'exit');
  const lines: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: server.stdout })) {
    const entry = JSON.parse(line) as Record<string, unknown>;
    lines.push(entry);
    if (entry['msg'] === 'listening') {
      const address = String(entry['address']);
      const answer = await fetch(address);
      assert.equal(((await answer.json()) as { release: string }).release, '7');
      assert.equal(answer.headers.get('x-frame-options'), 'DENY');
      assert.match(await (await fetch(`${address}/metrics`)).text(), /^example_greetings_total 1$/m);
      assert.equal((await fetch(`${address}/readyz`)).status, 200);
      server.kill('SIGTERM');
    }
  }
  assert.deepEqual(await exited, [0, null]);
  assert.deepEqual(
    lines.map((line) => line['msg']),
    ['configuration_warning', 'listening', 'shutdown_started', 'shutdown_finished'],
  );
});

test('the example survives a reader of its log that goes away', async (t) => {
  const server = start({ PORT: '0' });
  t.after(() => server.kill('SIGKILL'));
  const exited = once(server, 'exit');
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  server.stdout.destroy();
  const { address } = JSON.parse(line) as { address: string };
  assert.equal((await fetch(address)).status, 200);
  server.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});

test('the example refuses a wrong variable in one sentence', async () => {
  const server = start({ PORT: '80a' });
  const [message, [code]] = await Promise.all([text(server.stderr), once(server, 'exit')]);
  assert.equal(code, 1);
  assert.ok(readFileSync(new URL('README.md', import.meta.url), 'utf8').includes(message));
});
