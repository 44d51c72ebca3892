import assert from 'node:assert/strict';
import { test } from 'node:test';
import { securityHeaders } from './index.ts';

test('without options nobody may embed, and nothing foreign is loaded', () => {
  assert.deepEqual(securityHeaders(), {
    'Content-Security-Policy':
      "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'X-Frame-Options': 'DENY',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
});

test('directives are replaced and added', () => {
  const headers = securityHeaders({
    contentSecurityPolicy: { 'default-src': ["'none'"], 'connect-src': ["'self'", 'wss:'], 'upgrade-insecure-requests': [] },
    hsts: true,
  });
  assert.equal(
    headers['Content-Security-Policy'],
    "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'self'; connect-src 'self' wss:; upgrade-insecure-requests; frame-ancestors 'none'",
  );
  assert.equal(headers['Strict-Transport-Security'], 'max-age=31536000; includeSubDomains');
});

for (const { name, frameAncestors, frameOptions } of [
  { name: 'oneself', frameAncestors: ["'self'"], frameOptions: 'SAMEORIGIN' },
  { name: 'a list', frameAncestors: ["'self'", 'https://wiki.example.com'], frameOptions: undefined },
])
  test(`X-Frame-Options for ${name} is ${frameOptions ?? 'left out, since it knows no list'}`, () => {
    const headers = securityHeaders({ frameAncestors });
    assert.equal(headers['X-Frame-Options'], frameOptions);
    assert.ok(headers['Content-Security-Policy']?.endsWith(`frame-ancestors ${frameAncestors.join(' ')}`));
  });

for (const source of ["x; script-src 'unsafe-inline'", 'a b', 'a,b', 'a\r\nSet-Cookie: x', '', '\u0000'])
  test(`the source ${JSON.stringify(source)} cannot smuggle in another directive or header`, () => {
    assert.throws(() => securityHeaders({ contentSecurityPolicy: { 'img-src': [source] } }), TypeError);
    assert.throws(() => securityHeaders({ frameAncestors: [source] }), TypeError);
  });

test('the name of a directive cannot either', () => {
  assert.throws(() => securityHeaders({ contentSecurityPolicy: { 'img-src x; script-src': ['*'] } }), TypeError);
});
