import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasHash } from './requests.ts';

for (const [path, isHashed] of [
  ['/app.3f2a91bc.js', true],
  ['/9f8e7d6c5b/app.js', true],
  ['/app.js?v=12', true],
  ['/public/site-BHXjPUQW.css', true],
  ['/assets/index-B_x-9kQe.js', true],
  ['/style.css', false],
  ['/main-navigation.css', false],
  ['/vendor-bootstrap.min.css', false],
] as const)
  test(`${path} ${isHashed ? 'has' : 'has no'} hash in its name`, () => assert.equal(hasHash(path), isHashed));
