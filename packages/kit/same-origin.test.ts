import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachOrigin, isAllowedOrigin } from './index.ts';

const allowed = ['https://app.example.com', 'capacitor://localhost', 'HTTPS://Wiki.Example.com:443'];

for (const { origin, host, forwardedHost, may } of [
  { origin: undefined, host: 'pad.example.com', may: true },
  { origin: 'https://pad.example.com', host: 'pad.example.com', may: true },
  { origin: 'https://PAD.example.com', host: 'pad.EXAMPLE.com', may: true },
  { origin: 'http://pad.example.com', host: 'pad.example.com', may: true },
  { origin: 'https://pad.example.com', host: 'pad.example.com:443', may: true },
  { origin: 'http://localhost:3030', host: 'localhost:3030', may: true },
  { origin: 'http://[::1]:3030', host: '[::1]:3030', may: true },
  { origin: 'http://localhost:3031', host: 'localhost:3030', may: false },
  { origin: 'https://pad.example.com', host: 'pad.example.com:80', may: false },
  { origin: 'https://evil.example', host: 'pad.example.com', may: false },
  { origin: 'https://pad.example.com.evil.example', host: 'pad.example.com', may: false },
  { origin: 'https://evilpad.example.com', host: 'pad.example.com', may: false },
  { origin: 'https://pad.example.com@evil.example', host: 'evil.example', may: false },
  { origin: 'https://evil.example', host: 'pad@evil.example', may: false },
  { origin: 'https://pad.example.com/path', host: 'pad.example.com', may: false },
  { origin: 'https://pad.example.com, https://evil.example', host: 'pad.example.com', may: false },
  { origin: 'null', host: 'null', may: false },
  { origin: '', host: '', may: false },
  { origin: 'https://', host: '', may: false },
  { origin: 'https://pad.example.com', host: undefined, may: false },
  { origin: 'file://pad.example.com', host: 'pad.example.com', may: false },
  { origin: 'chrome-extension://pad.example.com', host: 'pad.example.com', may: false },
  { origin: 'https://app.example.com', host: 'pad.example.com', may: true },
  { origin: 'http://app.example.com', host: 'pad.example.com', may: false },
  { origin: 'https://wiki.example.com', host: 'pad.example.com', may: true },
  { origin: 'capacitor://localhost', host: 'pad.example.com', may: true },
  { origin: 'capacitor://otherhost', host: 'pad.example.com', may: false },
  { origin: 'https://pad.example.com', host: '127.0.0.1:3030', forwardedHost: 'pad.example.com', may: true },
  { origin: 'https://pad.example.com', host: '127.0.0.1:3030', forwardedHost: 'pad.example.com, inner', may: true },
  { origin: 'https://evil.example', host: '127.0.0.1:3030', forwardedHost: 'pad.example.com', may: false },
])
  test(`a page of ${origin ?? 'no origin'} may ${may ? '' : 'not '}use ${host ?? 'no host'}${forwardedHost === undefined ? '' : ` for ${forwardedHost}`}`, () => {
    assert.equal(isAllowedOrigin({ origin, host, forwardedHost, allowed }), may);
  });

test('null is an origin like others when it is in the list', () => {
  assert.equal(isAllowedOrigin({ origin: 'null', host: 'x', allowed: ['null'] }), true);
});

for (const item of ['*', 'example.com', 'https://a/', 'https://a/b', 'https://a?x', 'https://u@a', 'https://', 'https://a b'])
  test(`${item} is no origin to allow`, () => {
    assert.match(eachOrigin(item) ?? '', /an origin like/);
  });
