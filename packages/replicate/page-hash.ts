import { wordsOf } from './wal-format.ts';

/**
 * The 64-bit hash of a page and its number, as two unsigned 32-bit words written to `into`. Against damage and mistakes, not
 * against an attacker (segments have SHA-256 for that). A page of zeros has the hash 0, 0: in a file, a page that was never
 * written and a page of zeros are the same.
 */
export const hashPage = (page: number, content: Uint8Array, into: Uint32Array): void => {
  const words = wordsOf(content);
  if (isZero(words)) {
    into[0] = 0;
    into[1] = 0;
    return;
  }
  // Two hashes of different build over the same words. In each, four lanes go side by side, which keeps the processor busy;
  // every step is a bijection of its lane, so that a single changed word always changes the result.
  let a0 = page ^ 0x9e3779b9;
  let a1 = page ^ 0x85ebca6b;
  let a2 = page ^ 0xc2b2ae35;
  let a3 = page ^ 0x27d4eb2f;
  let b0 = (page + 0x165667b1) | 0;
  let b1 = (page + 0x61c88647) | 0;
  let b2 = (page + 0x2545f491) | 0;
  let b3 = (page + 0x4f6cdd1d) | 0;
  for (let at = 0; at < words.length; at += 4) {
    const w0 = words[at] as number;
    const w1 = words[at + 1] as number;
    const w2 = words[at + 2] as number;
    const w3 = words[at + 3] as number;
    a0 = Math.imul(a0 ^ w0, 0x9e3779b1);
    a0 ^= a0 >>> 15;
    a1 = Math.imul(a1 ^ w1, 0x85ebca77);
    a1 ^= a1 >>> 15;
    a2 = Math.imul(a2 ^ w2, 0xc2b2ae3d);
    a2 ^= a2 >>> 15;
    a3 = Math.imul(a3 ^ w3, 0x27d4eb2f);
    a3 ^= a3 >>> 15;
    b0 = Math.imul(((b0 << 13) | (b0 >>> 19)) + w2, 0xcc9e2d51);
    b0 ^= b0 >>> 13;
    b1 = Math.imul(((b1 << 13) | (b1 >>> 19)) + w3, 0x1b873593);
    b1 ^= b1 >>> 13;
    b2 = Math.imul(((b2 << 13) | (b2 >>> 19)) + w0, 0xe6546b65);
    b2 ^= b2 >>> 13;
    b3 = Math.imul(((b3 << 13) | (b3 >>> 19)) + w1, 0x2c1b3c6d);
    b3 ^= b3 >>> 13;
  }
  const high = avalanche(a0 ^ avalanche(a1 ^ avalanche(a2 ^ avalanche(a3))));
  const low = avalanche(b0 + avalanche(b1 + avalanche(b2 + avalanche(b3 + words.length))));
  into[0] = high;
  into[1] = low;
};

/** A checksum as it is written: 16 hexadecimal digits. */
export const formatChecksum = (high: number, low: number): string =>
  (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');

/** The byte at which SQLite keeps its locks; the page that holds it is never written. */
const LOCK_BYTE = 0x4000_0000;

/** The number of the page that is no part of the content. */
export const lockPage = (pageSize: number): number => LOCK_BYTE / pageSize + 1;

const isZero = (words: Int32Array): boolean => {
  for (let at = 0; at < words.length; at += 1) if (words[at] !== 0) return false;
  return true;
};

/** The finalizer of MurmurHash3: every bit of the input changes half of the output. */
const avalanche = (word: number): number => {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
};
