/** As root, an app is a user of its own: it sees its own files and nothing of the others, of the builds or of Berth. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoryPlatform } from './harness/platform.ts';
import { archive } from './harness/source.ts';

const skip = process.getuid?.() === 0 ? false : 'system users need root';

test('an app can read its own files, and neither another app’s nor Berth’s', { skip }, async () => {
  await using platform = await StoryPlatform.open({ tls: 'off' });
  const manifest = (app: string) => `app: ${app}
build: id -un > builder && (cat ${join(platform.home, 'secrets', 'key.txt')} > stolen 2>/dev/null; env > environment; true)
services:
  web: { run: exec node server.js, secrets: { TOKEN: { generate: true, as: both } }, stop: { within: 5s } }
stores: { db: { sqlite: data.db } }
`;
  const server = `
    require('node:fs').writeFileSync(process.env.STORE_DB, 'mine');
    require('node:http').createServer((q, s) => s.end('ok')).listen(process.env.PORT);
    process.on('SIGTERM', () => process.exit(0));`;
  for (const app of ['alpha', 'beta']) {
    const source = archive({ 'berth.yaml': manifest(app), 'server.js': server });
    const receipt = await platform.finished(await platform.client.call('deploy', { body: source, query: {} }));
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  }
  const run = async (app: string, script: string) => {
    let output = '';
    let code = -1;
    const argv = JSON.stringify(['/bin/sh', '-c', script]);
    for await (const frame of platform.client.stream('run', { params: { app }, headers: { 'x-berth-argv': argv }, body: null })) {
      if (frame.kind === 'stdout' || frame.kind === 'stderr') output += Buffer.from(frame.data, 'base64').toString();
      if (frame.kind === 'exit') code = frame.code;
    }
    return { output, code };
  };
  const alpha = join(platform.home, 'apps', 'alpha');
  assert.equal((await run('alpha', 'cat "$STORE_DB"')).output, 'mine');
  assert.notEqual((await run('alpha', 'cat builder')).output, (await run('alpha', 'id -un')).output, 'builds are somebody else');
  assert.equal((await run('alpha', 'cat stolen')).output, '', 'a build cannot read keys');
  assert.doesNotMatch((await run('alpha', 'cat environment')).output, /TOKEN/, 'a build is given no secret');
  assert.notEqual((await run('alpha', 'touch server.js')).code, 0, 'a release cannot be changed by its app');

  for (const path of [
    join(alpha, 'stores', 'db', 'data.db'),
    `${alpha}/builds/*/server.js`,
    `${alpha}/secrets/*/TOKEN`,
    join(platform.home, 'journal.db'),
    join(platform.home, 'berthd.log'),
    join(platform.home, 'secrets', 'key.txt'),
    join(platform.home, 'edge', 'authority', 'root.key'),
    join(platform.home, 'edge', 'access.log'),
  ]) {
    const { output, code } = await run('beta', `cat ${path}`);
    assert.notEqual(code, 0, `beta read ${path}: ${output.slice(0, 100)}`);
  }
  const socket = join(platform.home, 'run', 'berthd.sock');
  const connect = `require('node:net').connect('${socket}').on('connect', () => process.exit(0)).on('error', () => process.exit(7))`;
  assert.equal((await run('beta', `node -e "${connect}"`)).code, 7, 'the control socket is closed to apps');
});
