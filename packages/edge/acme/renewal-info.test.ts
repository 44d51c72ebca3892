import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { AuthorityKeyIdentifierExtension, X509CertificateGenerator } from '@peculiar/x509';
import { certificateId, parseRenewalInfo } from './renewal-info.ts';
import { retryAt } from './retry-after.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const NOW = Date.parse('2030-01-01T00:00:00Z');

const certificate = async (serialNumber: string, issuerKey: string | null): Promise<string> => {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber,
    name: 'CN=a.example.com',
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: issuerKey === null ? [] : [new AuthorityKeyIdentifierExtension(issuerKey)],
  });
  return made.toString('pem');
};

test('a certificate is known by the key of its issuer and its serial number', async () => {
  // The example of RFC 9773 section 4.1.
  assert.equal(
    certificateId(await certificate('0087654321', '69885b6b87464041e1b37b847ba0ae2cde01c8d4')),
    'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE',
  );
  assert.equal(certificateId(await certificate('07', '0102')), 'AQI.Bw');
  assert.equal(certificateId(await certificate('07', null)), null);
});

test('a window is read as it is said, and asked for again within bounds', () => {
  const window = { start: '2030-02-01T00:00:00Z', end: '2030-02-02T00:00:00Z' };
  const askAgain = (until: Date | null) => parseRenewalInfo({ suggestedWindow: window }, until, NOW)?.askAgainAt.toISOString();
  assert.deepEqual(parseRenewalInfo({ suggestedWindow: window, explanationURL: 'https://why' }, null, NOW), {
    start: new Date(window.start),
    end: new Date(window.end),
    askAgainAt: new Date('2030-01-01T06:00:00Z'),
    explanation: 'https://why',
  });
  assert.equal(askAgain(new Date(NOW)), '2030-01-01T00:01:00.000Z', 'not more often than every minute');
  assert.equal(askAgain(new Date('2031-01-01T00:00:00Z')), '2030-01-02T00:00:00.000Z', 'not less often than every day');
  for (const broken of [
    {},
    { suggestedWindow: { start: window.end, end: window.start } },
    { suggestedWindow: { start: 'x', end: 'y' } },
  ])
    assert.equal(parseRenewalInfo(broken, null, NOW), null);
});

test('Retry-After is seconds or a date', () => {
  const at = (text: string | undefined) => retryAt(text === undefined ? {} : { 'retry-after': text }, NOW)?.toISOString() ?? null;
  assert.deepEqual(
    [at('120'), at('Tue, 01 Jan 2030 01:00:00 GMT'), at('soon'), at(''), at(undefined)],
    ['2030-01-01T00:02:00.000Z', '2030-01-01T01:00:00.000Z', null, null, null],
  );
});
