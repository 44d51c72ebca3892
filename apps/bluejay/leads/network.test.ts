import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from './network.ts';

const cases = [
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:0db8:0001::6', '2001:db8:1::/48'],
  ['2001::6', '2001:0:0::/48'],
  ['::1', '0:0:0::/48'],
  ['somewhere', ''],
  ['', ''],
] as const;

for (const [address, network] of cases)
  test(`of “${address}” is kept “${network}”`, () => {
    assert.equal(networkOf(address), network);
  });
