import { isAbsolute } from 'node:path';
import { readFile } from 'node:fs/promises';
import { asBerthError } from '@berth/core';
import { directoryUrlOf } from '@berth/edge';
import { isPublicName } from '@berth/host';
import type { AcmeSettings } from '@berth/protocol';
import { settingInvalid } from '../errors.ts';

/** Throws for what could never work, before it is kept. */
export async function checkAcmeSettings(acme: AcmeSettings | null): Promise<void> {
  if (acme === null) return;
  directoryUrlOf(acme.directory);
  await readAuthorityRoot(acme);
  const [command] = acme.dnsHook ?? [];
  if (command !== undefined && !isAbsolute(command))
    throw settingInvalid('acme.dnsHook', command, 'the command must be an absolute path');
  for (const domain of acme.wildcards) {
    if (!isPublicName(domain))
      throw settingInvalid('acme.wildcards', domain, 'it is not a public domain (written without the star)');
    if (command === undefined) throw settingInvalid('acme.wildcards', domain, 'wildcards want a DNS hook');
  }
}

/** The PEM that the authority's own TLS is checked against; null: Node's roots. */
export async function readAuthorityRoot({ caFile }: Pick<AcmeSettings, 'caFile'>): Promise<string | null> {
  if (caFile === null) return null;
  const text = await readFile(caFile, 'utf8').catch((cause: unknown) => {
    throw settingInvalid('acme.caFile', caFile, `it cannot be read: ${asBerthError(cause).message}`);
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw settingInvalid('acme.caFile', caFile, 'there is no certificate in it');
  return text;
}
