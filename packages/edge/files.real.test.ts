import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type TemporaryDirectory, temporaryDirectory } from '@berth/testing';
import { ask } from './testing/client.ts';
import { type EdgeFixture, host, never, route, startEdge, state } from './testing/edge-fixture.ts';

const HOST = 'site.example.com';
let edge: EdgeFixture;
let site: TemporaryDirectory;

before(async () => {
  edge = await startEdge();
  site = await temporaryDirectory('berth-files-');
  for (const directory of [
    'r1/js',
    'r2/js',
    'r2/.git',
    'r2/.well-known/.x',
    'r2/docs',
    'r2/empty',
    'uploads/with space',
    'secret',
  ]) {
    await mkdir(site.join(directory), { recursive: true });
  }
  const contents: Record<string, string> = {
    'r1/js/app.old.js': 'old script',
    'r1/index.html': 'old page',
    'r2/js/app.new.js': 'new script '.repeat(200),
    'r2/index.html': '<h1>Grüße</h1>',
    'r2/docs/index.html': 'docs',
    'r2/.env': 'SECRET=1',
    'r2/.git/config': 'secret',
    'r2/.well-known/security.txt': 'contact',
    'r2/.well-known/.x/y': 'secret',
    'r2/a b%20c.txt': 'odd name',
    'r2/pic.png': '\x89PNG',
    'r2/font.woff2': 'x',
    'r2/noextension': 'x',
    'uploads/with space/photo.jpg': '0123456789',
    'secret/key': 'secret',
    outside: 'secret',
  };
  for (const [name, text] of Object.entries(contents)) await writeFile(site.join(name), text);
  await writeFile(site.join('r2/js/app.new.js.gz'), gzipSync('precompressed'));
  await symlink(site.join('secret'), site.join('r2/link'));
  await symlink(site.join('secret/key'), site.join('r2/file-link'));
  await symlink(site.join('r2'), site.join('current'));
  await edge.edge.apply(wanted('current'), never);
});

after(async () => {
  await edge[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

// The nearest of the earlier releases has been removed.
const wanted = (release: string, earlier: readonly string[] = ['removed', 'r1']) =>
  state(edge, {
    hosts: [
      host(HOST, [
        route('/', { kind: 'files', directory: site.join(release), cache: { kind: 'none' } }),
        route('/assets/', {
          kind: 'files',
          directory: site.join(release),
          cache: { kind: 'immutable' },
          earlier: earlier.map((name) => site.join(name)),
        }),
        route('/media/of/users', { kind: 'files', directory: site.join('uploads'), cache: { kind: 'age', seconds: 3_600 } }),
      ]),
    ],
  });

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  ask({ port: edge.http, host: HOST, path, headers, method });

const answers: readonly { path: string; status: number; body?: string; type?: string; cache?: string }[] = [
  { path: '/', status: 200, body: '<h1>Grüße</h1>', type: 'text/html; charset=utf-8', cache: 'no-cache' },
  { path: '/index.html', status: 200, body: '<h1>Grüße</h1>' },
  { path: '/docs/', status: 200, body: 'docs' },
  { path: '/a%20b%2520c.txt', status: 200, body: 'odd name', type: 'text/plain; charset=utf-8' },
  { path: '/pic.png', status: 200, type: 'image/png' },
  { path: '/font.woff2', status: 200, type: 'font/woff2' },
  { path: '/noextension', status: 200, type: 'application/octet-stream' },
  { path: '/js/app.new.js', status: 200, type: 'text/javascript; charset=utf-8' },
  { path: '/assets/js/app.new.js', status: 200, cache: 'public, max-age=31536000, immutable' },
  { path: '/assets/js/app.old.js', status: 200, body: 'old script', cache: 'public, max-age=31536000, immutable' },
  { path: '/js/app.old.js', status: 404 },
  {
    path: '/media/of/users/with%20space/photo.jpg',
    status: 200,
    body: '0123456789',
    type: 'image/jpeg',
    cache: 'public, max-age=3600',
  },
  { path: '//media/./of/users//with%20space/photo.jpg', status: 200, body: '0123456789' },
  { path: '/media/of/users', status: 404 },
  { path: '/.well-known/security.txt', status: 200, body: 'contact' },
  { path: '/missing', status: 404 },
  { path: '/empty/', status: 404 },
  { path: '/.env', status: 404 },
  { path: '/%2eenv', status: 404 },
  { path: '/.git/config', status: 404 },
  { path: '/assets/.env', status: 404 },
  { path: '/.well-known/.x/y', status: 404 },
  { path: '/docs/../.env', status: 400 },
  { path: '/assets/../../outside', status: 400 },
  { path: '/assets/%2e%2e/%2e%2e/outside', status: 400 },
  { path: '/assets/..%2f..%2foutside', status: 400 },
  { path: '/assets/%252e%252e/outside', status: 404 },
  { path: '/link/key', status: 404 },
  { path: '/file-link', status: 404 },
  { path: '/index.html%00.png', status: 400 },
  { path: '/js/app.new.js/', status: 404 },
];

for (const { path, status, body, type, cache } of answers) {
  test(`GET ${path} is answered ${status}`, async () => {
    const answer = await get(path);
    assert.equal(answer.status, status, answer.body);
    if (body !== undefined) assert.equal(answer.body, body);
    if (type !== undefined) assert.equal(answer.headers['content-type'], type);
    if (cache !== undefined) assert.equal(answer.headers['cache-control'], cache);
    if (status !== 200) assert.doesNotMatch(`${answer.body}${JSON.stringify(answer.headers)}`, /nginx|secret/i);
  });
}

test('a directory without its slash is redirected below the route that it was asked under', async () => {
  assert.equal((await get('/docs')).headers.location, '/docs/');
  assert.equal((await get('/assets/docs')).headers.location, '/assets/docs/');
});

test('a part of a file is served, and a file that has not changed is not sent again', async () => {
  const path = '/media/of/users/with%20space/photo.jpg';
  const part = await get(path, { range: 'bytes=2-4' });
  assert.deepEqual([part.status, part.body, part.headers['content-range']], [206, '234', 'bytes 2-4/10']);
  assert.equal((await get(path, { range: 'bytes=99-' })).status, 416);
  const whole = await get(path);
  assert.equal((await get(path, { 'if-none-match': String(whole.headers.etag) })).status, 304);
});

test('a file that was compressed beforehand is sent to those who accept it', async () => {
  const packed = await get('/js/app.new.js', { 'accept-encoding': 'gzip' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.match(String(packed.headers.vary), /accept-encoding/i);
  const plain = await get('/js/app.new.js');
  assert.equal(plain.body.length, 2_200);
});

test('only GET and HEAD are answered, and a client cannot name a directory', async () => {
  const posted = await get('/', {}, 'POST');
  assert.deepEqual([posted.status, posted.headers.allow], [405, 'GET, HEAD']);
  assert.equal((await get('/', {}, 'HEAD')).status, 200);
  // As HAProxy tells nginx.
  const named = await get('/key', { 'x-berth-root': `immutable|${site.join('secret')}|${site.join('secret')}` });
  assert.equal(named.status, 404);
});

test('another release is served after a change without a reload', async () => {
  assert.equal((await edge.edge.apply(wanted('r1', []), never)).reloaded, false);
  assert.equal((await get('/')).body, 'old page');
  assert.equal((await edge.edge.apply(wanted('current'), never)).reloaded, false);
  assert.equal((await get('/')).body, '<h1>Grüße</h1>');
});
