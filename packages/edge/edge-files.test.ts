import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, temporaryDirectory, waitUntil } from '@berth/testing';
import { createEdgeFiles } from './edge-files.ts';

const USER = { name: 'nobody', uid: 65_534, gid: 65_534, home: '/' };
const skip = process.getuid?.() === 0 ? false : 'only root can give files to another group';
const KILLS = 25;
const FIRST = 'one\n'.repeat(5_000);
const SECOND = 'two\n'.repeat(5_000);

/** Writes and copies without a pause until it is killed. */
const WRITER = `
const { createEdgeFiles } = await import(${JSON.stringify(new URL('edge-files.ts', import.meta.url).href)});
const [directory, user] = process.argv.slice(1);
const files = createEdgeFiles({ directory, user: JSON.parse(user) });
for (;;) for (const line of ['one\\n', 'two\\n']) {
  await files.write('live/haproxy.cfg', line.repeat(5_000), 'edge');
  await files.copy('live/haproxy.cfg', 'next/haproxy.cfg');
}`;

test('who is killed while he writes leaves whole files that the edge may read', { skip, timeout: 120_000 }, async (t) => {
  await using directory = await temporaryDirectory();
  const files = createEdgeFiles({ directory: directory.path, user: USER });
  await files.prepare();
  const seed = Date.now() % 100_000;
  t.diagnostic(`seed ${seed}`);
  const random = createRandom(seed);
  const names = ['live/haproxy.cfg', 'next/haproxy.cfg'];
  for (const name of names) await files.write(name, '', 'edge');
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { mtimeMs } = statSync(files.path(names[1] ?? ''));
    const argv = ['--input-type=module', '-e', WRITER, directory.path, JSON.stringify(USER)];
    const writer = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(writer, 'exit');
    await waitUntil(() => statSync(files.path(names[1] ?? '')).mtimeMs > mtimeMs, { what: 'it writes', everyMs: 5 });
    await sleep(random.integer(0, 20));
    writer.kill('SIGKILL');
    await ended;
    for (const name of names) {
      const { gid, mode } = statSync(files.path(name));
      assert.deepEqual([gid, mode & 0o777], [USER.gid, 0o640], `${name} after kill ${kill}`);
      const text = readFileSync(files.path(name), 'utf8');
      assert.ok(text === FIRST || text === SECOND, `${name} has ${text.length} bytes after kill ${kill}`);
    }
  }
  await files.prepare();
  assert.deepEqual([await files.list('live'), await files.list('next')], [['haproxy.cfg'], ['haproxy.cfg']]);
});

test('what the edge could not read any more it can after the next start', { skip }, async () => {
  await using directory = await temporaryDirectory();
  const files = createEdgeFiles({ directory: directory.path, user: USER });
  await files.prepare();
  await files.write('live/haproxy.cfg', 'x', 'edge');
  const path = files.path('live/haproxy.cfg');
  chownSync(path, 0, 0);
  chmodSync(path, 0o600);
  writeFileSync(`${path}.0123.tmp`, 'half');
  await files.prepare();
  assert.deepEqual([statSync(path).gid, statSync(path).mode & 0o777], [USER.gid, 0o640]);
  assert.throws(() => statSync(`${path}.0123.tmp`), { code: 'ENOENT' });
});
