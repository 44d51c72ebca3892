import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUrl, parseHash, renderHash, renderLink, socketUrl } from './address.ts';

for (const [hash, expected] of [
  ['', null],
  ['#', null],
  ['#?otp=x', null],
  ['#abc', { id: 'abc', token: null }],
  ['#abc?otp=t-k_1', { id: 'abc', token: 't-k_1' }],
  ['#abc?otp=', { id: 'abc', token: null }],
  ['#stand-up%20notes', { id: 'stand-up notes', token: null }],
  ['#team/notes', { id: 'team/notes', token: null }],
  ['#100%', { id: '100%', token: null }],
] as const)
  test(`the hash "${hash}" ${expected === null ? 'names no document' : `names ${expected.id}`}`, () =>
    assert.deepEqual(parseHash(hash), expected));

for (const address of [
  { id: 'abc', token: null },
  { id: 'ümlaut und?frage#', token: 'a&b' },
  { id: 'team/notes', token: 'x' },
])
  test(`a hash is read as it was written: ${address.id}`, () => assert.deepEqual(parseHash(renderHash(address)), address));

for (const [page, link, socket] of [
  ['http://localhost:3030/', 'http://localhost:3030/#d', 'ws://localhost:3030/api/socket/d'],
  ['https://pad.example.com/#old?otp=1', 'https://pad.example.com/#d', 'wss://pad.example.com/api/socket/d'],
  ['https://example.com/tools/pad/', 'https://example.com/tools/pad/#d', 'wss://example.com/tools/pad/api/socket/d'],
  ['https://example.com/pad/index.html?x=1', 'https://example.com/pad/index.html#d', 'wss://example.com/pad/api/socket/d'],
] as const)
  test(`links and the socket follow the page at ${page}`, () => {
    assert.equal(renderLink(page, { id: 'd', token: null }), link);
    assert.equal(socketUrl(page, 'd'), socket);
  });

test('an id cannot leave its place in an address', () => {
  assert.equal(
    apiUrl('https://example.com/pad/', `status/${encodeURIComponent('../x?y')}`),
    'https://example.com/pad/api/status/..%2Fx%3Fy',
  );
});
