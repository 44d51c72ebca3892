import { BerthError } from '@berth/core';

/** What an authority says is wrong (RFC 7807); `type` without its prefix. */
export type Problem = {
  /** What it is an answer to: a request of ours, or what the authority did by itself (look at a proof). */
  readonly about: 'request' | 'work';
  readonly type: string;
  readonly detail: string;
  readonly status: number;
  readonly retryAt: Date | null;
};

export const directoryInvalid = (directory: string, why: string) =>
  new BerthError('ACME_DIRECTORY_INVALID', `${directory} is not the directory of an authority: ${why}`, {
    hint: 'give letsencrypt, letsencrypt-staging, or the https:// URL of an ACME directory',
    fields: { directory },
  });

export const unreachable = (url: string, reason: string, { cause, retryAt }: { cause?: unknown; retryAt?: Date | null } = {}) =>
  new BerthError('ACME_UNREACHABLE', `the certificate authority at ${new URL(url).host} cannot be used now: ${reason}`, {
    hint: 'nothing is wrong here as long as this passes by itself; else check that this machine may connect to it (outgoing port 443, DNS, clock, proxy)',
    fields: { url, reason, ...(retryAt && { retryAt: retryAt.toISOString() }) },
    cause,
  });

export const termsNotAgreed = (terms: string) =>
  new BerthError('ACME_TERMS_NOT_AGREED', `the certificate authority wants its terms agreed to: ${terms}`, {
    hint: 'read them, then run: berth cert acme --email you@example.com',
    fields: { terms },
  });

export const accountRefused = (detail: string) =>
  new BerthError('ACME_ACCOUNT_REFUSED', `the certificate authority refused the account: ${detail}`, {
    hint: 'check the e-mail address: berth cert acme --email you@example.com',
    fields: { detail },
  });

export const rateLimited = (names: readonly string[], detail: string, retryAt: Date) =>
  new BerthError(
    'ACME_RATE_LIMITED',
    `the certificate authority takes no more requests${about(names)} until ${retryAt.toISOString()}: ${detail}`,
    {
      hint: 'it is tried again by itself when the limit has ended; use the staging authority for experiments: berth cert acme --staging',
      fields: { names, detail, retryAt: retryAt.toISOString() },
    },
  );

export const caaForbids = (names: readonly string[], detail: string) =>
  new BerthError('ACME_CAA_FORBIDS', `CAA records in DNS forbid this authority to issue${about(names)}: ${detail}`, {
    hint: 'allow it where your DNS is kept, e.g. with the record: CAA 0 issue "letsencrypt.org"',
    fields: { names, detail },
  });

export const dnsFailed = (names: readonly string[], detail: string) =>
  new BerthError('ACME_DNS_FAILED', `the certificate authority could not look up${about(names, '')}: ${detail}`, {
    hint: `check the A and AAAA records, then run: berth cert check ${names[0] ?? 'HOST'}`,
    fields: { names, detail },
  });

export const challengeUnreachable = (names: readonly string[], detail: string) =>
  new BerthError('ACME_CONNECTION_FAILED', `the certificate authority could not connect to port 80${about(names)}: ${detail}`, {
    hint: 'open port 80 in the firewall of this machine and of its provider, and check that every A and AAAA record leads here',
    fields: { names, detail },
  });

export const challengeRefused = (names: readonly string[], detail: string) =>
  new BerthError(
    'ACME_CHALLENGE_FAILED',
    `the certificate authority got a wrong answer to its question${about(names)}: ${detail}`,
    {
      hint: `another machine, a proxy or an old DNS record answers; see: berth cert check ${names[0] ?? 'HOST'}`,
      fields: { names, detail },
    },
  );

export const authorityRefused = (
  names: readonly string[],
  { type, detail, status }: Pick<Problem, 'type' | 'detail' | 'status'>,
) =>
  new BerthError(
    'ACME_REFUSED',
    `the certificate authority refused${about(names, ' the request')}: ${detail} (${type}, ${status})`,
    {
      hint: 'the message is its own; names that it does not issue for need a certificate of your own: berth cert set',
      fields: { names, type, detail, status },
    },
  );

export const timedOut = (names: readonly string[], what: string, seconds: number) =>
  new BerthError('ACME_TIMED_OUT', `the certificate authority did not come to an end${about(names)}: ${what} for ${seconds} s`, {
    hint: 'it is taken up again by itself where it was left',
    fields: { names, what, seconds },
  });

export const hookMissing = (names: readonly string[]) =>
  new BerthError(
    'ACME_DNS_HOOK_MISSING',
    `a wildcard can only be proven by a DNS record${about(names)}, and no DNS hook is set`,
    {
      hint: 'set a command that writes the record: berth cert acme --dns-hook /etc/berth/dns-hook; see docs/certificates.md',
      fields: { names },
    },
  );

export const hookFailed = (argv: readonly string[], output: string, cause?: unknown) =>
  new BerthError(
    'ACME_DNS_HOOK_FAILED',
    `the DNS hook failed: ${argv.join(' ')}\n${output.trim() === '' ? '    it said nothing' : indented(output)}`,
    { hint: 'run it by hand with the same words; it must end with code 0 within its time', fields: { argv, output }, cause },
  );

export const recordNotSeen = (name: string, answers: readonly string[], seconds: number) =>
  new BerthError(
    'ACME_DNS_RECORD_NOT_SEEN',
    `the TXT record ${name} was not seen within ${seconds} s: ${answers.join('; ') || 'no name server answered'}`,
    {
      hint: 'check that the DNS hook writes to the zone that the world sees, and how long its provider takes to publish',
      fields: { name, answers, seconds },
    },
  );

export const requestNotMade = (output: string) =>
  new BerthError('ACME_REQUEST_NOT_MADE', `the request for a certificate could not be made: ${output}`, {
    hint: 'this is a fault in Berth: please report it',
    fields: { output },
  });

/** The error that a problem of the authority stands for; its type decides (RFC 8555 section 6.7). */
export const problemError = (problem: Problem, names: readonly string[], nowMs: number): BerthError => {
  const { type, detail, status } = problem;
  if (type === 'rateLimited' || status === 429)
    return rateLimited(names, detail, problem.retryAt ?? timeIn(detail) ?? new Date(nowMs + RATE_LIMIT_UNKNOWN_MS));
  if (type === 'caa') return caaForbids(names, detail);
  // Some call it a connection that failed when there was no address to connect to.
  if (type === 'dns' || (type === 'connection' && /could not resolve|no such host|NXDOMAIN|SERVFAIL/i.test(detail)))
    return dnsFailed(names, detail);
  if (type === 'connection' || type === 'tls') return challengeUnreachable(names, detail);
  if (type === 'incorrectResponse' || (type === 'unauthorized' && problem.about === 'work'))
    return challengeRefused(names, detail);
  if (ACCOUNT_TYPES.includes(type)) return accountRefused(detail);
  return authorityRefused(names, problem);
};

const ACCOUNT_TYPES = ['invalidContact', 'unsupportedContact', 'userActionRequired', 'externalAccountRequired'];
const RATE_LIMIT_UNKNOWN_MS = 3_600_000;

/** Let's Encrypt says in words when a limit ends: "… retry after 2026-11-21 21:01:53 UTC: …". */
const timeIn = (detail: string): Date | null => {
  const [, date, time] = /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/i.exec(detail) ?? [];
  return date === undefined ? null : new Date(`${date}T${time}Z`);
};

const about = (names: readonly string[], preposition = ' for'): string =>
  names.length === 0 ? '' : `${preposition} ${names.join(', ')}`;

const indented = (output: string): string =>
  output
    .trim()
    .split('\n')
    .slice(-10)
    .map((line) => `    ${line}`)
    .join('\n');
