import { BerthError } from '@berth/core';

/** Public authorities are not asked for this name. */
export const notAutomatic = (host: string, reason: string, hint: string) =>
  new BerthError('CERTIFICATE_NOT_AUTOMATIC', `no certificate is fetched for ${host}: ${reason}`, { hint, fields: { host } });

/** One more try would use up what the authority allows. */
export const triedTooOften = (host: string, until: Date, last: string | null) =>
  new BerthError(
    'CERTIFICATE_TRIED_TOO_OFTEN',
    `${host} was asked for too often; the authority may be asked again at ${until.toISOString()}${last === null ? '' : `: ${last}`}`,
    {
      hint: `mend it meanwhile; this asks nobody and may be run at any time: berth cert check ${host}`,
      fields: { host, until: until.toISOString() },
    },
  );

/** There is no address record. */
export const dnsMissing = (host: string, own: readonly string[]) =>
  new BerthError('CERTIFICATE_DNS_MISSING', `${host} has no A or AAAA record in DNS`, {
    hint: `create one that leads to this machine${addresses(own)}; new records are seen within minutes to hours`,
    fields: { host, own },
  });

/** DNS itself does not answer. */
export const dnsUnanswered = (host: string, reason: string) =>
  new BerthError('CERTIFICATE_DNS_UNANSWERED', `the addresses of ${host} could not be looked up: ${reason}`, {
    hint: 'check the name servers of the domain (their DNSSEC too), and those that this machine asks (/etc/resolv.conf)',
    fields: { host, reason },
  });

/** The name leads to a machine that is not this one. */
export const dnsElsewhere = (host: string, what: { address: string; answer: string; own: readonly string[] }) =>
  new BerthError('CERTIFICATE_DNS_ELSEWHERE', `${host} leads to ${what.address}, which is not this machine (${what.answer})`, {
    hint: `let its ${what.address.includes(':') ? 'AAAA' : 'A'} record lead to this machine${addresses(what.own)}, or remove the record`,
    fields: { host, ...what },
  });

/** An address that only this machine or its network knows. */
export const dnsPrivate = (host: string, what: { address: string; own: readonly string[] }) =>
  new BerthError('CERTIFICATE_DNS_PRIVATE', `${host} leads to ${what.address}, which nobody outside of this network can reach`, {
    hint: `let its record lead to the public address of this machine${addresses(what.own)}, or prove the name by DNS: berth cert acme --dns-hook … --wildcard …`,
    fields: { host, ...what },
  });

/** Nobody listens on the port that authorities ask on. */
export const portClosed = (host: string, what: { address: string; port: number; reason: string }) =>
  new BerthError('CERTIFICATE_PORT_CLOSED', `port ${what.port} of ${what.address} does not answer for ${host}: ${what.reason}`, {
    hint: 'authorities ask on port 80: let Berth listen there (berth up --detach --bind 0.0.0.0 --http 80 --https 443) and open it in every firewall',
    fields: { host, ...what },
  });

/** This machine answers, but it is not Berth that does. */
export const portOfAnother = (host: string, what: { address: string; port: number; answer: string }) =>
  new BerthError(
    'CERTIFICATE_PORT_TAKEN',
    `port ${what.port} of ${what.address} is answered by another program than Berth (${what.answer})`,
    { hint: 'end that program, and give Berth its port: berth up --detach --http 80 --https 443', fields: { host, ...what } },
  );

/** The name cannot be asked from here; from outside it may be fine. */
export const notSeenFromHere = (host: string, what: { address: string; reason: string }) =>
  new BerthError('CERTIFICATE_NOT_SEEN', `${what.address}, where ${host} leads, cannot be asked from here: ${what.reason}`, {
    hint: 'behind a router that is usual; make sure that it passes port 80 on to this machine',
    fields: { host, ...what },
  });

/** DNS says that this authority may not issue. */
export const caaForbidden = (host: string, what: { domain: string; allowed: readonly string[]; wanted: readonly string[] }) =>
  new BerthError(
    'CERTIFICATE_CAA_FORBIDS',
    `CAA records of ${what.domain} allow ${what.allowed.join(', ') || 'nobody'} to issue for ${host}, and not ${what.wanted.join(' or ')}`,
    { hint: `add the record: ${what.domain} CAA 0 issue "${what.wanted[0]}"`, fields: { host, ...what } },
  );

const addresses = (own: readonly string[]): string => (own.length === 0 ? '' : ` (${own.join(', ')})`);
