/** `berth cert acme`: options become settings, what is not said stays. */
import { resolve } from 'node:path';
import type { AcmeSettings } from '@berth/protocol';
import { usage } from './errors.ts';

export type AcmeOptions = {
  /** false: none is given. */
  email?: string | false;
  staging?: true;
  directory?: string;
  ca?: string;
  dnsHook?: string;
  wildcard?: string[];
  resolver?: string;
  challengePort?: number;
  off?: true;
};

/** undefined: nothing was asked for but to look. */
export const changedAcme = (
  now: AcmeSettings | null,
  options: AcmeOptions,
  { onServer }: { onServer: boolean },
): AcmeSettings | null | undefined => {
  const { off, ...wanted } = options;
  if (off) {
    if (Object.keys(wanted).length > 0) throw usage('--off stands alone', 'leave out the other options');
    return null;
  }
  if (Object.keys(wanted).length === 0) return undefined;
  const { email, staging, directory, ca, dnsHook, wildcard, resolver, challengePort } = wanted;
  if (now === null && email === undefined)
    throw usage('the authority wants an address to write to', 'give --email you@example.com, or --no-email to do without');
  if (staging && directory !== undefined) throw usage('--staging is a directory itself', 'give either --staging or --directory');
  return {
    ...(now ?? FIRST),
    ...(email !== undefined && { email: email === false ? null : email }),
    ...(staging ? { directory: 'letsencrypt-staging' } : directory !== undefined && { directory }),
    // On a server it is the server's file.
    ...(ca !== undefined && { caFile: ca === '' ? null : onServer ? ca : resolve(ca) }),
    ...(dnsHook !== undefined && { dnsHook: dnsHook.trim() === '' ? null : dnsHook.trim().split(/\s+/) }),
    ...(wildcard && { wildcards: wildcard.filter((domain) => domain !== '').map((domain) => domain.replace(/^\*\./, '')) }),
    ...(resolver !== undefined && { resolver: resolver === '' ? null : resolver }),
    ...(challengePort !== undefined && { challengePort }),
  };
};

const FIRST: AcmeSettings = {
  directory: 'letsencrypt',
  email: null,
  termsAgreed: true,
  caFile: null,
  dnsHook: null,
  wildcards: [],
  resolver: null,
  challengePort: 80,
};
