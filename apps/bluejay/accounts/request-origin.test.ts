import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeNext } from './request-origin.ts';

const DASHBOARD = '/admin/dashboard';
const CASES: readonly (readonly [string | undefined, string])[] = [
  [undefined, DASHBOARD],
  ['', DASHBOARD],
  ['/admin/products?page=2', '/admin/products?page=2'],
  ['/products/a/b?preview=true', '/products/a/b?preview=true'],
  ['/', '/'],
  ['admin/products', DASHBOARD],
  ['https://evil.example/', DASHBOARD],
  ['//evil.example/', DASHBOARD],
  ['///evil.example/', DASHBOARD],
  ['/\\evil.example/', DASHBOARD],
  ['/\t/evil.example/', DASHBOARD],
  ['/\n/evil.example/', DASHBOARD],
  ['/.//evil.example/', DASHBOARD],
  ['/a/..//evil.example/', DASHBOARD],
  ['/%2e//evil.example', DASHBOARD],
  ['\\\\evil.example', DASHBOARD],
  ['javascript:alert(1)', DASHBOARD],
  [' /admin', DASHBOARD],
  ['/a\\b', '/a/b'],
  ['/admin/login', DASHBOARD],
  ['/admin/./login/code', DASHBOARD],
  ['/admin/logout', DASHBOARD],
  [`/${'a'.repeat(3_000)}`, DASHBOARD],
];
for (const [next, expected] of CASES)
  test(`after the login, ${JSON.stringify(next?.slice(0, 40))} leads to ${expected}`, () =>
    assert.equal(safeNext(next), expected));
