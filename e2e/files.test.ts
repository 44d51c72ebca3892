/** Files at the edge: from releases and from a store, and names that old pages still ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoryPlatform } from './harness/platform.ts';
import { archive, type SourceFiles } from './harness/source.ts';
import { ask } from './harness/visitor.ts';

const manifest = `
app: site
build: mkdir -p dist/assets && cp source/* dist/assets/ && cp page.html dist/index.html && ln -s /etc/passwd dist/assets/leak.txt
services:
  web:
    run: exec node server.js
    stop: { within: 5s }
stores:
  uploads: { files: uploads }
routes:
  site:
    /: { files: dist }
    /assets/: { files: dist/assets, cache: immutable }
    /uploads/: { files: "\${stores.uploads}", cache: 1h }
    /api/: web
`;
const server = `
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');
createServer((request, response) => {
  writeFileSync(process.env.STORE_UPLOADS + '/photo.txt', 'uploaded');
  writeFileSync(process.env.STORE_UPLOADS + '/.hidden', 'secret');
  response.end('api');
}).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;
const files = (version: string): SourceFiles => ({
  'berth.yaml': manifest,
  'server.js': server,
  'page.html': `<h1>${version}</h1>`,
  [`source/app-${version}.js`]: `export default '${version}'`,
});

test('files come from the release that serves, from a store, and for a while from releases before', async () => {
  await using platform = await StoryPlatform.open({ tls: 'off' });
  const get = (path: string) => ask(platform.httpPort, 'site.localhost', { path });
  const deploy = async (version: string) => {
    const receipt = await platform.finished(await platform.client.call('deploy', { body: archive(files(version)), query: {} }));
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  };
  await deploy('one');
  assert.deepEqual(await get('/'), { status: 200, body: '<h1>one</h1>' });
  assert.equal((await get('/assets/app-one.js')).status, 200);
  assert.equal((await get('/api/anything')).body, 'api');
  assert.equal((await get('/uploads/photo.txt')).body, 'uploaded');

  await deploy('two');
  assert.equal((await get('/')).body, '<h1>two</h1>');
  assert.equal((await get('/assets/app-two.js')).status, 200);
  assert.equal((await get('/assets/app-one.js')).body, "export default 'one'", 'an old page finds what it asks for');
  assert.equal((await get('/uploads/photo.txt')).body, 'uploaded', 'a store survives deploys');

  for (const path of [
    '/uploads/.hidden',
    '/assets/leak.txt',
    '/berth.yaml',
    '/server.js',
    '/assets/../../server.js',
    '/uploads/..%2f..%2fserver.js',
  ]) {
    const answer = await get(path);
    assert.ok([400, 404].includes(answer.status), `${path} answered ${answer.status}`);
    assert.doesNotMatch(answer.body, /secret|root:|createServer/);
  }
});
