import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base32, createTotpSecret, matchTotp, totpAddress, totpCode, totpStep } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890');

/** RFC 6238, appendix B, the rows of SHA-1. */
const VECTORS: readonly (readonly [number, string])[] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];
for (const [seconds, code] of VECTORS)
  test(`the code of second ${seconds} is the one that RFC 6238 prints`, () => {
    const step = totpStep(seconds * 1_000);
    assert.equal(totpCode(SECRET, step, 8), code);
    assert.equal(totpCode(SECRET, step), code.slice(2));
    assert.equal(matchTotp({ secret: SECRET, code: code.slice(2), nowMs: seconds * 1_000, lastStep: 0 }), step);
  });

const NOW_MS = 1_234_567_890_000;
const STEP = totpStep(NOW_MS);
const OFFSETS = [
  { offset: -2, isTaken: false },
  { offset: -1, isTaken: true },
  { offset: 0, isTaken: true },
  { offset: 1, isTaken: true },
  { offset: 2, isTaken: false },
];
for (const { offset, isTaken } of OFFSETS)
  test(`the code of ${offset} steps from now is ${isTaken ? 'taken' : 'refused'}`, () => {
    const code = totpCode(SECRET, STEP + offset);
    assert.equal(matchTotp({ secret: SECRET, code, nowMs: NOW_MS, lastStep: 0 }), isTaken ? STEP + offset : undefined);
  });

test('a code is refused once it, or a later one, was used', () => {
  for (const lastStep of [STEP, STEP + 1])
    assert.equal(matchTotp({ secret: SECRET, code: totpCode(SECRET, STEP), nowMs: NOW_MS, lastStep }), undefined);
});

test('blanks in a code do not matter; anything else does', () => {
  const code = totpCode(SECRET, STEP);
  const match = (typed: string) => matchTotp({ secret: SECRET, code: typed, nowMs: NOW_MS, lastStep: 0 });
  assert.equal(match(`${code.slice(0, 3)} ${code.slice(3)} `), STEP);
  for (const typed of ['', '0', `${code}0`, code.slice(1), `-${code}`, code.replace(/.$/, 'x')])
    assert.equal(match(typed), undefined);
});

/** RFC 4648, chapter 10, without the padding. */
const ENCODED: readonly (readonly [string, string])[] = [
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
];
for (const [text, encoded] of ENCODED)
  test(`${JSON.stringify(text)} in base32 is ${JSON.stringify(encoded)}`, () => assert.equal(base32(Buffer.from(text)), encoded));

test('the address for apps carries the secret and whose it is', () => {
  const address = new URL(totpAddress(SECRET, 'jay+1@example.com'));
  assert.equal(address.protocol, 'otpauth:');
  assert.equal(address.searchParams.get('secret'), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  assert.equal(decodeURIComponent(address.pathname).replace(/^\/+(?:totp\/)?/, ''), 'Bluejay:jay+1@example.com');
  assert.equal(createTotpSecret().length, 20);
});
