import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { parseDatabaseUri } from './database-uri.ts';

const paths: readonly (readonly [string, string | null])[] = [
  ['', null],
  ['  ', null],
  [':memory:', null],
  ['file::memory:?cache=shared', null],
  ['/data/kolabpad.db', '/data/kolabpad.db'],
  ['./data/kolabpad.db', resolve('data/kolabpad.db')],
  ['kolabpad.db', resolve('kolabpad.db')],
  ['/data/odd: name?.db', '/data/odd: name?.db'],
  ['file:kolabpad.db?_busy_timeout=5000', resolve('kolabpad.db')],
  ['file:/data/kolabpad.db', '/data/kolabpad.db'],
  ['file:///data/my%20pads.db?mode=rwc', '/data/my pads.db'],
  ['sqlite:///data/kolabpad.db', '/data/kolabpad.db'],
  ['sqlite:////data/kolabpad.db', '/data/kolabpad.db'],
  ['sqlite://data/kolabpad.db', resolve('data/kolabpad.db')],
  ['sqlite3:kolabpad.db', resolve('kolabpad.db')],
];
for (const [uri, path] of paths)
  test(`${JSON.stringify(uri)} means ${path === null ? 'memory only' : path}`, () => assert.equal(parseDatabaseUri(uri), path));

for (const uri of ['/data/', 'file:', 'sqlite://', 'postgres://db/pads', 'file:///data/%zz', '/data/\0.db'])
  test(`${JSON.stringify(uri)} is refused`, () => {
    assert.throws(() => parseDatabaseUri(uri), { code: 'STORE_URI_INVALID', message: /SQLITE_URI/ });
  });
