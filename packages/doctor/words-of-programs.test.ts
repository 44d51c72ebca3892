/** How rules understand what programs write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicName } from '@berth/host';
import { isPublicAddress } from './facts/names.ts';
import { allowsNode, deniedPaths, takenPort } from './rules/app-start.ts';
import { parseNumbers } from './rules/numbers.ts';
import { assetsOf, hasHash } from './rules/requests.ts';

const denied: readonly (readonly [line: string, path: string | null])[] = [
  ["Error: EACCES: permission denied, open '/srv/data/a.txt'", '/srv/data/a.txt'],
  ["Error: EROFS: read-only file system, mkdir '/usr/share/x'", '/usr/share/x'],
  ["Error: EPERM: operation not permitted, rename '/srv/a' -> '/srv/b'", '/srv/b'],
  ["PermissionError: [Errno 13] Permission denied: '/var/cache/app'", '/var/cache/app'],
  ['/bin/sh: 1: /opt/run: Permission denied', '/opt/run'],
  ['mkdir: cannot create directory ‘/data’: Read-only file system', '/data'],
  ['{"level":"error","msg":"EACCES: permission denied, open \\"/srv/x.json\\""}', '/srv/x.json'],
  ["opened '/srv/data/a.txt'", null],
  ['Error: kill EPERM', null],
];
for (const [line, path] of denied)
  test(`${path === null ? 'no path was denied' : `the denied path is ${path}`} in: ${line}`, () =>
    assert.deepEqual(deniedPaths(line), path === null ? [] : [path]));

const ports: readonly (readonly [line: string, port: number | null])[] = [
  ['Error: listen EADDRINUSE: address already in use :::3000', 3000],
  ['Error: listen EADDRINUSE: address already in use 127.0.0.1:28090', 28090],
  ["OSError: [Errno 98] Address already in use: ('127.0.0.1', 8000)", 8000],
  ["  code: 'EADDRINUSE',", null],
];
for (const [line, port] of ports) test(`the taken port is ${port} in: ${line}`, () => assert.equal(takenPort(line), port));

const engines: readonly (readonly [range: string, version: string, allowed: boolean | null])[] = [
  ['>=20', '24.21.0', true],
  ['>=99', '24.21.0', false],
  ['^22.1.0', '24.21.0', false],
  ['^24.1.0', '24.21.0', true],
  ['20.x', '24.21.0', false],
  ['18 || >=24', '24.21.0', true],
  ['>=18 <24', '24.21.0', false],
  ['*', '24.21.0', true],
  ['lts/krypton', '24.21.0', null],
];
for (const [range, version, allowed] of engines)
  test(`engines "${range}" ${allowed === null ? 'cannot be told' : allowed ? 'allows' : 'refuses'} ${version}`, () =>
    assert.equal(allowsNode(range, version), allowed));

test('only names that people elsewhere can ask for are public', () => {
  for (const host of ['pad.example.com', 'a.b.de']) assert.equal(isPublicName(host), true, host);
  for (const host of ['localhost', 'pad.localhost', 'nas.local', 'pad.test', '127.0.0.1', 'nas.home.arpa'])
    assert.equal(isPublicName(host), false, host);
  for (const address of ['203.0.113.7', '2001:db8::1', '172.32.0.1', '100.128.0.1'])
    assert.equal(isPublicAddress(address), true, address);
  for (const address of ['10.0.0.1', '172.16.3.4', '192.168.1.1', '100.64.0.1', '169.254.1.1', 'fe80::1', 'fd00::1'])
    assert.equal(isPublicAddress(address), false, address);
});

test('assets are found in pages, and a hash in their names', () => {
  const page =
    '<link rel="stylesheet" href="/style.css?v=3"><script type=module src=/app.js></script><a href="/x.css.html">x</a><script src="https://cdn.example/a.js"></script><link href="//cdn.example/b.css">';
  assert.deepEqual(assetsOf(page), ['/style.css?v=3', '/app.js']);
  for (const path of ['/style.css?v=3', '/app.3f2a91bc.js', '/assets/index-B7xKq2aZ.js', '/9f8e7d6c5b/app.js'])
    assert.equal(hasHash(path), true, path);
  for (const path of ['/style.css', '/app.min.js', '/javascripts/application.js']) assert.equal(hasHash(path), false, path);
});

test('numbers are read with and without a prefix, and not those with labels', () => {
  const numbers = parseNumbers(
    '# HELP kolabpad_goroutine_count x\nkolabpad_goroutine_count 12\npersist_errors_total 3\nhttp_total{path="/"} 9\nkolabpad_uptime_seconds 1.5e3\n',
  );
  assert.deepEqual(['goroutine_count', 'persist_errors_total', 'http_total', 'uptime_seconds'].map(numbers), [12, 3, null, 1500]);
});
