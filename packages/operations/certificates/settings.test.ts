import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AcmeSettings } from '@berth/protocol';
import { temporaryDirectory } from '@berth/testing';
import { checkAcmeSettings } from './settings.ts';

const acme: AcmeSettings = {
  directory: 'letsencrypt',
  email: 'ann@example.com',
  termsAgreed: true,
  caFile: null,
  dnsHook: null,
  wildcards: [],
  resolver: null,
  challengePort: 80,
};

test('settings that could never work are refused before they are kept', async (t) => {
  await using directory = await temporaryDirectory();
  const empty = directory.join('empty.pem');
  writeFileSync(empty, '');
  const hook = ['/etc/berth/dns-hook'];
  const cases: readonly { name: string; change: Partial<AcmeSettings>; code: string | null }[] = [
    { name: 'as they are', change: {}, code: null },
    { name: 'staging', change: { directory: 'letsencrypt-staging' }, code: null },
    { name: 'a directory of one’s own', change: { directory: 'https://ca.internal/acme/directory' }, code: null },
    { name: 'a wildcard with its hook', change: { wildcards: ['example.com'], dnsHook: hook }, code: null },
    { name: 'an unknown name', change: { directory: 'letsencrpyt' }, code: 'ACME_DIRECTORY_INVALID' },
    { name: 'an authority in clear text', change: { directory: 'http://ca.internal/dir' }, code: 'ACME_DIRECTORY_INVALID' },
    { name: 'a root that is not there', change: { caFile: directory.join('none.pem') }, code: 'SETTING_INVALID' },
    { name: 'a root without a certificate', change: { caFile: empty }, code: 'SETTING_INVALID' },
    { name: 'a wildcard without a hook', change: { wildcards: ['example.com'] }, code: 'SETTING_INVALID' },
    { name: 'a wildcard of a private domain', change: { wildcards: ['home.lan'], dnsHook: hook }, code: 'SETTING_INVALID' },
    { name: 'a hook that depends on where we stand', change: { dnsHook: ['./hook'] }, code: 'SETTING_INVALID' },
  ];
  for (const { name, change, code } of cases) {
    await t.test(name, async () => {
      const checked = checkAcmeSettings({ ...acme, ...change });
      await (code === null ? checked : assert.rejects(checked, { code }));
    });
  }
});
