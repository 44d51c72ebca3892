import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate } from '@berth/protocol';
import { renderAwaited, renderCertificates } from './certificates.ts';
import { createStyle } from './style.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const LATER = '2030-02-01T00:00:00Z';
const look = { style: createStyle(false), width: 200 };

const certificate = (host: string, parts: Partial<Certificate>): Certificate => ({
  host,
  kind: 'acme',
  names: [host],
  issuer: 'CN=Test',
  notAfter: LATER,
  renewal: { isRunning: false, at: LATER, failure: null },
  ...parts,
});

test('a table of certificates says what comes next, and below it what went wrong', () => {
  const failure = { at: LATER, code: 'ACME_CONNECTION_FAILED', message: 'port 80 is closed', hint: 'open it' };
  const lines = renderCertificates(
    [
      certificate('a.example.com', {}),
      certificate('example.com', { names: ['example.com', '*.example.com'] }),
      certificate('b.example.com', { kind: 'local', renewal: { isRunning: true, at: LATER, failure: null } }),
      certificate('c.example.com', { kind: 'local', renewal: { isRunning: false, at: LATER, failure } }),
      certificate('d.example.com', { kind: 'own', renewal: null }),
      certificate('e.localhost', { kind: 'local', renewal: null }),
      certificate('f.example.com', { kind: 'local', renewal: { isRunning: false, at: '2030-01-01T00:00:00Z', failure: null } }),
    ],
    NOW,
    look,
  );
  const next = lines
    .slice(1, 8)
    .map((line) => [line.split(/ {2,}/)[0], line.split(/ {2,}/)[3]?.replace(/ [\d-]+ .*/, ' …')].join(': '));
  assert.deepEqual(next, [
    'a.example.com: renewed …',
    'example.com (*.example.com): renewed …',
    'b.example.com: being fetched',
    'c.example.com: tried again …',
    'd.example.com: you renew it',
    'e.localhost: by itself',
    'f.example.com: fetched now',
  ]);
  assert.deepEqual(lines.slice(8), ['', 'Error: c.example.com: port 80 is closed', 'Try: open it', '(ACME_CONNECTION_FAILED)']);
  assert.deepEqual(renderCertificates([], NOW, look), ['no certificates yet']);
});

test('after a deploy only what is awaited for its own hosts is said', () => {
  const waiting = { isRunning: true, at: LATER, failure: null };
  const failure = { at: LATER, code: 'X', message: 'port 80 is closed\nreally', hint: 'open it' };
  const certificates = [
    certificate('a.example.com', {}),
    certificate('b.example.com', { kind: 'local', renewal: waiting }),
    certificate('c.example.com', { kind: 'local', renewal: { ...waiting, failure } }),
    certificate('d.example.com', { kind: 'local', renewal: waiting }),
    certificate('e.localhost', { kind: 'local', renewal: null }),
  ];
  const urls = ['a.example.com', 'b.example.com', 'c.example.com', 'e.localhost'].map((host) => `https://${host}:8443/`);
  assert.deepEqual(renderAwaited(certificates, urls, look), [
    'certificate for b.example.com: being fetched (berth cert)',
    'no certificate yet for c.example.com: port 80 is closed (berth cert check c.example.com)',
  ]);
});
