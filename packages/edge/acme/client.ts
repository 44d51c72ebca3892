import { createHash } from 'node:crypto';
import { type AccountOptions, ensureAccount, forgetAccountUrl, isAccountUnknown } from './account.ts';
import { createAuthority } from './authority.ts';
import { type DnsOptions, presentRecord } from './dns-records.ts';
import { directoryInvalid, hookMissing } from './errors.ts';
import { fulfilOrder, type IssuedCertificate, type Proof } from './order.ts';
import { certificateId, findRenewalInfo, type RenewalInfo } from './renewal-info.ts';
import { createTransport } from './transport.ts';

export type AcmeOptions = Pick<AccountOptions, 'home' | 'email' | 'termsAgreed'> & {
  /** `letsencrypt`, `letsencrypt-staging` or the URL of a directory. */
  readonly directory: string;
  /** PEM roots that the authority's own TLS is checked against. null: those of Node. */
  readonly ca: string | null;
  /** Makes `answer` what http://NAME/.well-known/acme-challenge/TOKEN says; gives back what ends that. */
  readonly answerHttp: (what: { name: string; token: string; answer: string }) => Promise<() => Promise<void>>;
  /** null: no wildcards. */
  readonly dns: DnsOptions | null;
  readonly version: string;
  readonly now: () => number;
  readonly pollMs?: number;
  readonly withinMs?: number;
  readonly requestMs?: number;
  /** Waits between tries of a request that found nobody, ms. */
  readonly patience?: readonly number[];
};

/** An authority that speaks ACME (RFC 8555). Every failure is a BerthError whose code says what it was. */
export type AcmeClient = {
  /**
   * A certificate for all `names`, each proven over HTTP or, with `proof: 'dns'`, by a DNS record; wildcards want the latter.
   * Goes on with the order of an attempt that was cut off. `renews`: the chain that it takes the place of.
   */
  obtain(
    wanted: { names: readonly string[]; proof: 'http' | 'dns'; renews: string | null },
    signal: AbortSignal,
  ): Promise<IssuedCertificate>;
  /** What the authority says of itself. */
  about(signal: AbortSignal): Promise<{ termsOfService: string | null; caaIdentities: readonly string[] }>;
  /** When the authority wants this certificate renewed; null where it does not say (RFC 9773). */
  renewalInfo(chain: string, signal: AbortSignal): Promise<RenewalInfo | null>;
};

export const createAcmeClient = (options: AcmeOptions): AcmeClient => {
  const { home, email, termsAgreed, ca, version, now, pollMs = POLL_MS, withinMs = WITHIN_MS } = options;
  const directoryUrl = directoryUrlOf(options.directory);
  const authority = createAuthority({
    directoryUrl,
    transport: createTransport({ ca, timeoutMs: options.requestMs ?? REQUEST_MS, userAgent: `berth/${version}` }),
    now,
    ...(options.patience && { patience: options.patience }),
  });
  const accountOptions: AccountOptions = { home, directoryUrl, email, termsAgreed };
  const proofs = { http: httpProof(options), dns: dnsProof(options.dns) };

  return {
    async obtain({ names, proof, renews }, signal) {
      if (proof === 'http' && names.some((name) => name.startsWith('*.'))) throw hookMissing(names);
      const fulfil = async () => {
        const account = await ensureAccount(accountOptions, authority, signal);
        const deps = { home, authority, account, proof: proofs[proof], now, pollMs, withinMs };
        return fulfilOrder(deps, { names, replaces: renews === null ? null : certificateId(renews) }, signal);
      };
      try {
        return await fulfil();
      } catch (error) {
        if (!isAccountUnknown(error)) throw error;
        await forgetAccountUrl(accountOptions);
        return fulfil();
      }
    },
    async about(signal) {
      const { termsOfService, caaIdentities } = await authority.directory(signal);
      return { termsOfService, caaIdentities };
    },
    renewalInfo: (chain, signal) => findRenewalInfo(authority, chain, { nowMs: now(), signal }),
  };
};

const POLL_MS = 500;
/** An authority is asked to be patient with itself for as long as a person would be. */
const WITHIN_MS = 300_000;
const REQUEST_MS = 30_000;

const DIRECTORIES: Readonly<Record<string, string>> = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
};

/** Throws ACME_DIRECTORY_INVALID for what is neither a known name nor a URL of an authority. */
export const directoryUrlOf = (directory: string): string => {
  const known = DIRECTORIES[directory];
  if (known !== undefined) return known;
  if (!URL.canParse(directory)) throw directoryInvalid(directory, 'it is neither a known name nor a URL');
  const url = new URL(directory);
  if (url.protocol !== 'https:') throw directoryInvalid(directory, 'authorities are spoken to by https alone');
  return url.href;
};

const httpProof = ({ answerHttp }: AcmeOptions): Proof => ({
  type: 'http-01',
  prove: ({ name, token, keyAuthorization }) => answerHttp({ name, token, answer: keyAuthorization }),
});

const dnsProof = (dns: DnsOptions | null): Proof => ({
  type: 'dns-01',
  async prove({ name, keyAuthorization }, signal) {
    if (dns === null) throw hookMissing([name]);
    const value = createHash('sha256').update(keyAuthorization).digest('base64url');
    return presentRecord(dns, { domain: name, name: `_acme-challenge.${name}`, value }, signal);
  },
});
