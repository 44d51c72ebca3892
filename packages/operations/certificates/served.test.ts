import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeCertificate } from '@berth/edge';
import { servedOf } from './served.ts';

const certificate = (line: string): EdgeCertificate => {
  const [host = '', source] = line.split(' ');
  const dates = { notBefore: '2030-01-01T00:00:00Z', notAfter: '2030-04-01T00:00:00Z' };
  return {
    host,
    source: source as EdgeCertificate['source'],
    subject: '',
    issuer: '',
    names: [host],
    fingerprint: line,
    ...dates,
  };
};

test('of each name the certificate is listed that is served', () => {
  const all = [
    'b.example.com own',
    'b.example.com acme',
    'b.example.com local',
    'a.example.com acme',
    'a.example.com local',
    '*.example.net acme',
    'c.example.net local',
    'c.d.example.net local',
    'pad.localhost local',
  ];
  assert.deepEqual(
    servedOf(all.map(certificate)).map(({ fingerprint }) => fingerprint),
    ['*.example.net acme', 'a.example.com acme', 'b.example.com own', 'c.d.example.net local', 'pad.localhost local'],
  );
});
