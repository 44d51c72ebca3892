import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemError, type Problem } from './errors.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');

const cases: readonly { name: string; problem: Partial<Problem>; code: string; says?: RegExp }[] = [
  {
    name: 'a limit with the time it ends',
    problem: { type: 'rateLimited', status: 429, retryAt: new Date(NOW + 60_000) },
    code: 'ACME_RATE_LIMITED',
    says: /until 2030-01-01T00:01:00/,
  },
  {
    name: 'a limit that says so in words',
    problem: { type: 'rateLimited', status: 429, detail: 'too many, retry after 2030-01-08 12:00:00 UTC: see' },
    code: 'ACME_RATE_LIMITED',
    says: /until 2030-01-08T12:00:00/,
  },
  {
    name: 'a limit that says nothing',
    problem: { type: 'unknown', status: 429 },
    code: 'ACME_RATE_LIMITED',
    says: /until 2030-01-01T01:00:00/,
  },
  { name: 'CAA', problem: { type: 'caa', about: 'work' }, code: 'ACME_CAA_FORBIDS' },
  { name: 'DNS', problem: { type: 'dns', about: 'work' }, code: 'ACME_DNS_FAILED' },
  {
    name: 'DNS that is called a connection',
    problem: { type: 'connection', about: 'work', detail: 'lookup: no such host' },
    code: 'ACME_DNS_FAILED',
  },
  {
    name: 'a closed port',
    problem: { type: 'connection', about: 'work', detail: 'Timeout during connect' },
    code: 'ACME_CONNECTION_FAILED',
  },
  { name: 'a wrong answer', problem: { type: 'unauthorized', about: 'work' }, code: 'ACME_CHALLENGE_FAILED' },
  { name: 'a request that is not ours to make', problem: { type: 'unauthorized', status: 403 }, code: 'ACME_REFUSED' },
  { name: 'an address that is none', problem: { type: 'invalidContact', status: 400 }, code: 'ACME_ACCOUNT_REFUSED' },
  {
    name: 'a name that it never issues for',
    problem: { type: 'rejectedIdentifier', status: 400 },
    code: 'ACME_REFUSED',
    says: /rejectedIdentifier, 400/,
  },
  { name: 'what nobody has heard of', problem: { type: 'unknown', status: 418 }, code: 'ACME_REFUSED' },
];

for (const { name, problem, code, says = /a\.example\.com|details/ } of cases) {
  test(`what an authority says stands for: ${name}`, () => {
    const error = problemError(
      { type: 'unknown', detail: 'details', status: 403, about: 'request', retryAt: null, ...problem },
      ['a.example.com'],
      NOW,
    );
    assert.equal(error.code, code);
    assert.match(error.message, says);
  });
}
