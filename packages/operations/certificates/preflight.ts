import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { request } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { BerthError } from '@berth/core';
import type { Edge } from '@berth/edge';
import {
  caaForbidden,
  dnsElsewhere,
  dnsMissing,
  dnsPrivate,
  dnsUnanswered,
  notSeenFromHere,
  portClosed,
  portOfAnother,
} from './errors.ts';

/** `error`: the authority would fail as well. `warning`: it cannot be told from here. */
export type Finding = { readonly level: 'error' | 'warning'; readonly error: BerthError };

/** What was found out about a name. */
export type Observation = {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly AnswerAt[];
  /** Why the addresses could not be looked up: the code of the resolver. */
  readonly dnsError: string | null;
  /** Addresses of this machine that the world can reach. */
  readonly own: readonly string[];
  /** The closest CAA records that say who may issue; null: anybody. */
  readonly caa: { readonly domain: string; readonly allowed: readonly string[] } | null;
};

/** `ours`: what we put there came back. */
export type AnswerAt = {
  readonly address: string;
  readonly kind: 'ours' | 'other' | 'moved' | 'silent';
  readonly detail: string;
  /** It is one of an interface of this machine. */
  readonly isHere: boolean;
};

export type PreflightOptions = {
  readonly edge: Pick<Edge, 'challenges'>;
  /** null: the machine's own. */
  readonly resolver: string | null;
  readonly port: number;
};

/** Looks the name up and asks each of its addresses for something that only our edge can know. */
export async function observe(host: string, options: PreflightOptions, signal: AbortSignal): Promise<Observation> {
  const resolver = new Resolver({ timeout: DNS_MS, tries: 2 });
  if (options.resolver !== null) resolver.setServers([options.resolver]);
  const [found, caa] = await Promise.all([lookUp(resolver, host), findCaa(resolver, host)]);
  const token = `berth-probe-${randomBytes(12).toString('hex')}`;
  const answer = randomBytes(16).toString('hex');
  const here = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  await options.edge.challenges.answer({ host, token, answer });
  try {
    const addresses = await Promise.all(
      found.addresses.map(async (address) => ({
        address,
        ...(await ask(address, { host, port: options.port, token, answer }, signal)),
        isHere: here.includes(address) || isLoopback(address),
      })),
    );
    return { host, port: options.port, ...found, addresses, own: here.filter((address) => isPublicAddress(address)), caa };
  } finally {
    await options.edge.challenges.withdraw({ host, token });
  }
}

/**
 * What it means. `identities`: what CAA records know the authority by; none: they are not compared. `isOutside`: the authority
 * asks from the internet, and not from within a network of one's own.
 */
export function judge(
  seen: Observation,
  { identities, isOutside }: { identities: readonly string[]; isOutside: boolean },
): Finding[] {
  const { host, addresses, own, caa } = seen;
  const findings: Finding[] = [];
  const fail = (error: BerthError) => void findings.push({ level: 'error', error });
  const warn = (error: BerthError) => void findings.push({ level: 'warning', error });
  if (seen.dnsError !== null) fail(dnsUnanswered(host, seen.dnsError));
  else if (addresses.length === 0) fail(dnsMissing(host, own));
  // A proxy in front has addresses of its own: one that brings us our answer shows that they are right.
  const isProxied = addresses.some(({ kind, isHere }) => kind === 'ours' && !isHere);
  for (const { address, kind, detail, isHere } of addresses) {
    const isOfUs = own.some((each) => isIPv6(each) === isIPv6(address));
    if (isOutside && !isPublicAddress(address)) fail(dnsPrivate(host, { address, own }));
    else if (kind === 'ours') continue;
    else if (kind === 'moved') warn(notSeenFromHere(host, { address, reason: detail }));
    else if (kind === 'other' && isHere) fail(portOfAnother(host, { address, port: seen.port, answer: detail }));
    else if (kind === 'other') fail(dnsElsewhere(host, { address, answer: detail, own }));
    else if (isHere) fail(portClosed(host, { address, port: seen.port, reason: detail }));
    else if (isOfUs && !isProxied) fail(dnsElsewhere(host, { address, answer: detail, own }));
    else warn(notSeenFromHere(host, { address, reason: detail }));
  }
  if (caa !== null && identities.length > 0 && !identities.some((identity) => caa.allowed.includes(identity)))
    fail(caaForbidden(host, { ...caa, wanted: identities }));
  return findings;
}

const DNS_MS = 3_000;
const ANSWER_MS = 5_000;

async function lookUp(resolver: Resolver, host: string): Promise<Pick<Observation, 'dnsError'> & { addresses: string[] }> {
  const results = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const codes = results.flatMap((result) => (result.status === 'rejected' ? [codeOf(result.reason)] : []));
  const trouble = codes.find((code) => !IS_ABSENCE.has(code)) ?? null;
  return { addresses, dnsError: addresses.length === 0 ? trouble : null };
}

const IS_ABSENCE = new Set(['ENOTFOUND', 'ENODATA']);
const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause);

/** The records of the closest name that has any decide (RFC 8659 section 3). Who cannot look them up is not stopped by them here. */
async function findCaa(resolver: Resolver, host: string): Promise<Observation['caa']> {
  const labels = host.split('.');
  for (let from = 0; from < labels.length; from += 1) {
    const domain = labels.slice(from).join('.');
    const records = await resolver.resolveCaa(domain).catch(() => []);
    if (records.length === 0) continue;
    const issuers = records.flatMap(({ issue }) => (issue === undefined ? [] : [issue]));
    if (issuers.length === 0) return null;
    return { domain, allowed: issuers.map((value) => (value.split(';')[0] ?? '').trim()).filter((value) => value !== '') };
  }
  return null;
}

function ask(
  address: string,
  { host, port, token, answer }: { host: string; port: number; token: string; answer: string },
  signal: AbortSignal,
): Promise<Pick<AnswerAt, 'kind' | 'detail'>> {
  return new Promise((resolve) => {
    const path = `/.well-known/acme-challenge/${token}`;
    const options = {
      host: address,
      port,
      path,
      headers: { host, 'user-agent': 'berth' },
      agent: false,
      timeout: ANSWER_MS,
      signal,
    };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (text.length < answer.length) text += chunk;
      });
      response.on('error', silent);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const server = response.headers.server === undefined ? '' : ` by ${response.headers.server}`;
        if (status === 200 && text === answer) resolve({ kind: 'ours', detail: 'Berth answers' });
        else if (status >= 300 && status < 400)
          resolve({ kind: 'moved', detail: `it sends on to ${response.headers.location ?? 'nowhere'}` });
        else resolve({ kind: 'other', detail: `it answers ${status}${server}` });
      });
    });
    function silent(cause: Error): void {
      const code = (cause as NodeJS.ErrnoException).code ?? '';
      resolve({ kind: 'silent', detail: SAID[code] ?? cause.message });
    }
    sent.on('error', silent);
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
    sent.end();
  });
}

const SAID: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  EHOSTUNREACH: 'there is no way there',
  ENETUNREACH: 'there is no way there',
  ETIMEDOUT: 'nothing came back',
  ECONNRESET: 'the connection was broken off',
};

/** Of private networks, of a provider's own (RFC 6598), of links, and loopback. */
const notPublic = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  notPublic.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  notPublic.addSubnet(network, bits, 'ipv6');

const isPublicAddress = (address: string): boolean => !notPublic.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
