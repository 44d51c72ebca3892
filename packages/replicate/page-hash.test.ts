import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { formatChecksum, hashPage, lockPage } from './page-hash.ts';

const hashOf = (page: number, content: Uint8Array): string => {
  const hash = new Uint32Array(2);
  hashPage(page, content, hash);
  return formatChecksum(hash[0] ?? 0, hash[1] ?? 0);
};

const randomPage = (bytes: number, seed: number): Buffer => {
  const random = createRandom(seed);
  return Buffer.from(Array.from({ length: bytes }, () => random.integer(0, 255)));
};

test('the hash stays what it is: checksums are stored', () => {
  assert.equal(hashOf(1, randomPage(512, 1)), '422855187543c9d5');
});

test('a page of zeros is as good as no page, whatever its number', () => {
  for (const page of [1, 2, 4_000_000_000]) assert.equal(hashOf(page, new Uint8Array(4096)), '0000000000000000');
});

test('each bit of a page changes both halves of its hash, and no two give the same', () => {
  const content = randomPage(512, 2);
  const whole = hashOf(7, content);
  const highs = new Set([whole.slice(0, 8)]);
  const lows = new Set([whole.slice(8)]);
  for (let bit = 0; bit < 512 * 8; bit += 1) {
    content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const changed = hashOf(7, content);
    highs.add(changed.slice(0, 8));
    lows.add(changed.slice(8));
    content[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }
  assert.ok(highs.size > 512 * 8 - 2, `${highs.size} different upper halves`);
  assert.ok(lows.size > 512 * 8 - 2, `${lows.size} different lower halves`);
});

test('the number of the page, the order of its words and of its quarters matter', () => {
  const content = randomPage(512, 3);
  const hashes = [hashOf(1, content), hashOf(2, content), hashOf(0x1_0001, content)];
  for (const [a, b, length] of [
    [0, 4, 4],
    [0, 16, 4],
    [0, 16, 16],
    [0, 128, 128],
    [0, 256, 256],
  ] as const) {
    const swapped = Buffer.from(content);
    content.copy(swapped, b, a, a + length);
    content.copy(swapped, a, b, b + length);
    hashes.push(hashOf(1, swapped));
  }
  assert.equal(new Set(hashes).size, hashes.length);
});

test('alignment in memory does not matter', () => {
  const content = randomPage(1024, 4);
  for (const shift of [1, 2, 3])
    assert.equal(hashOf(9, Buffer.concat([Buffer.alloc(shift), content]).subarray(shift)), hashOf(9, content));
});

test('similar pages do not collide', () => {
  const seen = new Set<string>();
  const content = new Uint8Array(512);
  for (let number = 0; number < 100_000; number += 1) {
    new DataView(content.buffer).setUint32((number % 32) * 16, number + 1, true);
    seen.add(hashOf(1 + (number % 3), content));
  }
  assert.equal(seen.size, 100_000);
});

test('the page with the lock byte is known for each page size', () => {
  assert.equal(lockPage(512), 2_097_153);
  assert.equal(lockPage(4096), 262_145);
  assert.equal(lockPage(65_536), 16_385);
});
