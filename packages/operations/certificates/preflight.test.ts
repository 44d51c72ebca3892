import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnswerAt, judge, type Observation } from './preflight.ts';

const HOST = 'pad.example.com';
const HERE = '203.0.113.7';
const at = (address: string, kind: AnswerAt['kind'], detail = 'it says so', isHere = false): AnswerAt => ({
  address,
  kind,
  detail,
  isHere,
});
const seen = (parts: Partial<Observation>): Observation => ({
  host: HOST,
  port: 80,
  addresses: [],
  dnsError: null,
  own: [HERE],
  caa: null,
  ...parts,
});

const cases: readonly { name: string; seen: Partial<Observation>; found: string[]; says?: RegExp }[] = [
  { name: 'everything leads here', seen: { addresses: [at(HERE, 'ours', '', true)] }, found: [] },
  { name: 'no record', seen: {}, found: ['error CERTIFICATE_DNS_MISSING'], says: /leads to this machine \(203\.0\.113\.7\)/ },
  { name: 'DNS is broken', seen: { dnsError: 'ESERVFAIL' }, found: ['error CERTIFICATE_DNS_UNANSWERED'], says: /ESERVFAIL/ },
  {
    name: 'another machine answers',
    seen: { addresses: [at('198.51.100.9', 'other', 'it answers 404 by nginx')] },
    found: ['error CERTIFICATE_DNS_ELSEWHERE'],
    says: /leads to 198\.51\.100\.9.*404 by nginx.*A record lead to this machine \(203\.0\.113\.7\)/s,
  },
  {
    name: 'a machine that is silent and not this one',
    seen: { addresses: [at('198.51.100.9', 'silent')] },
    found: ['error CERTIFICATE_DNS_ELSEWHERE'],
  },
  {
    name: 'the old AAAA record was forgotten',
    seen: { own: [HERE, '2001:db8::7'], addresses: [at(HERE, 'ours', '', true), at('2001:db8::bad', 'silent')] },
    found: ['error CERTIFICATE_DNS_ELSEWHERE'],
    says: /AAAA record/,
  },
  {
    name: 'nobody listens on port 80',
    seen: { addresses: [at(HERE, 'silent', 'the connection was refused', true)] },
    found: ['error CERTIFICATE_PORT_CLOSED'],
    says: /port 80 of 203\.0\.113\.7.*refused/,
  },
  {
    name: 'another program has port 80',
    seen: { addresses: [at(HERE, 'other', 'it answers 200 by nginx', true)] },
    found: ['error CERTIFICATE_PORT_TAKEN'],
    says: /nginx/,
  },
  {
    name: 'a router that does not lead back',
    seen: { own: [], addresses: [at('198.51.100.9', 'silent')] },
    found: ['warning CERTIFICATE_NOT_SEEN'],
  },
  {
    name: 'a proxy in front, of which one address cannot be reached from here',
    seen: { addresses: [at('198.51.100.1', 'ours'), at('2001:db8::1', 'silent')] },
    found: ['warning CERTIFICATE_NOT_SEEN'],
  },
  {
    name: 'something in front sends on to https',
    seen: { addresses: [at('198.51.100.1', 'moved')] },
    found: ['warning CERTIFICATE_NOT_SEEN'],
  },
  {
    name: 'CAA allows it',
    seen: { addresses: [at(HERE, 'ours')], caa: { domain: 'example.com', allowed: ['letsencrypt.org'] } },
    found: [],
  },
  {
    name: 'CAA allows another',
    seen: { addresses: [at(HERE, 'ours')], caa: { domain: 'example.com', allowed: ['pki.goog'] } },
    found: ['error CERTIFICATE_CAA_FORBIDS'],
    says: /allow pki\.goog.*not letsencrypt\.org.*example\.com CAA 0 issue "letsencrypt\.org"/s,
  },
  {
    name: 'CAA allows nobody',
    seen: { addresses: [at(HERE, 'ours')], caa: { domain: HOST, allowed: [] } },
    found: ['error CERTIFICATE_CAA_FORBIDS'],
    says: /allow nobody/,
  },
];

for (const { name, seen: parts, found, says } of cases) {
  test(`before asking: ${name}`, () => {
    const findings = judge(seen(parts), { identities: ['letsencrypt.org'], isOutside: true });
    assert.deepEqual(
      findings.map(({ level, error }) => `${level} ${error.code}`),
      found,
    );
    if (says) assert.match(findings.map(({ error }) => `${error.message}; ${error.hint}`).join(), says);
  });
}

test('an authority that does not say what CAA knows it by is not compared', () => {
  assert.deepEqual(
    judge(seen({ addresses: [at(HERE, 'ours')], caa: { domain: HOST, allowed: ['pki.goog'] } }), {
      identities: [],
      isOutside: true,
    }),
    [],
  );
});
