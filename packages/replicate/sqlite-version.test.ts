import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSqliteSafe } from './sqlite-version.ts';

const cases = [
  { version: '3.53.4', safe: true },
  { version: '3.51.3', safe: true },
  { version: '3.51.2', safe: false },
  { version: '3.51.0', safe: false },
  { version: '3.50.7', safe: true },
  { version: '3.50.4', safe: false },
  { version: '3.49.9', safe: false },
  { version: '3.44.6', safe: true },
  { version: '3.44.5', safe: false },
  { version: '3.40.1', safe: false },
  { version: '4.0.0', safe: true },
  { version: '0', safe: false },
] as const;

for (const { version, safe } of cases)
  test(`SQLite ${version} is ${safe ? 'safe' : 'refused'}`, () => assert.equal(isSqliteSafe(version), safe));

test('the SQLite of this Node.js is safe', () => assert.ok(isSqliteSafe(process.versions.sqlite ?? '0')));
