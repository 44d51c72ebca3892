/** Public names and their certificates. */
import { randomUUID } from 'node:crypto';
import { connect, type PeerCertificate } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { isPublicName } from '@berth/host';
import { ask, type Place } from '../facts/ask.ts';
import type { Facts } from '../facts/facts.ts';
import { lastLines } from '../facts/text-end.ts';
import type { Rule, Seen } from '../finding.ts';
import { time } from '../words.ts';
import { isMeantToRun } from './platform.ts';

const dnsMissing: Rule = {
  id: 'dns-missing',
  area: 'names',
  symptom: 'browsers say that the server cannot be found; no certificate is issued (NXDOMAIN)',
  looks: 'the A and AAAA records of every public host name of every app',
  probe: (facts) =>
    perPublicHost(facts, async ({ app, host }) => {
      const found = await facts.names.resolve(host);
      if (found.kind !== 'absent') return [];
      const own = facts.names.ownPublic[0] ?? 'the public address of this machine';
      return [
        {
          severity: 'problem',
          app,
          evidence: [`the name servers know no address of ${host}`],
          cause: 'nobody has set a DNS record for this name, or it is misspelt in berth.yaml',
          fix: `dig +short ${host}   # empty: at the provider of the domain, set: ${host}. A ${own}`,
        },
      ];
    }),
};

const dnsSilent: Rule = {
  id: 'dns-silent',
  area: 'names',
  symptom: 'names cannot be resolved: builds, backups to S3 and certificates fail',
  looks: 'whether the name servers of this machine answer at all',
  probe: async (facts) => {
    const [first] = await publicHosts(facts);
    const found = first === undefined ? null : await facts.names.resolve(first.host);
    if (first === undefined || found?.kind !== 'silence') return [];
    return [
      {
        severity: 'problem',
        evidence: [`the question for ${first.host} was answered with ${found.code}`],
        cause: 'the name servers in /etc/resolv.conf do not answer, or a firewall is before them',
        fix: 'cat /etc/resolv.conf; resolvectl status',
      },
    ];
  },
};

const dnsElsewhere: Rule = {
  id: 'dns-elsewhere',
  area: 'names',
  symptom: 'visitors see another site or nothing; no certificate is issued',
  looks: 'where public names lead, and whether a request there arrives in the log of this edge',
  probe: async (facts) => {
    if (!(await isMeantToRun(facts))) return [];
    return perPublicHost(facts, async ({ app, host }) => {
      const found = await facts.names.resolve(host);
      if (found.kind !== 'addresses' || found.addresses.some((address) => facts.names.ownPublic.includes(address))) return [];
      const [address = ''] = found.addresses;
      const place = { tls: facts.front?.tls ?? false, address, port: facts.front?.port ?? 80, host };
      const answer = await reaches(facts, place);
      // Behind a router that translates addresses, one's own public address often cannot be reached from inside.
      if (answer === 'here' || (answer === 'silence' && facts.names.ownPublic.length === 0)) return [];
      return [
        {
          severity: 'problem',
          app,
          evidence: [
            `${host} leads to ${found.addresses.join(', ')}`,
            ...(facts.names.ownPublic.length > 0 ? [`this machine has ${facts.names.ownPublic.join(', ')}`] : []),
            answer === 'silence'
              ? `nothing answers at ${address}:${place.port}`
              : `something else answers at ${address}:${place.port}: the request did not arrive here`,
          ],
          cause: 'the DNS record of this name points to another machine',
          fix: `dig +short ${host}   # at the provider of the domain, set: ${host}. A ${facts.names.ownPublic[0] ?? 'the public address of this machine'}`,
        },
      ];
    });
  },
};

const certificateExpiring: Rule = {
  id: 'certificate-expiring',
  area: 'names',
  symptom: 'browsers warn of an expired certificate, or soon will',
  looks: 'the certificate that the edge serves for each host: its end',
  probe: (facts) =>
    perServed(facts, ({ app, host, certificate }) => {
      const leftMs = Date.parse(certificate.valid_to) - facts.now().getTime();
      // Of those that live for days only, the last fifth.
      const lifeMs = Date.parse(certificate.valid_to) - Date.parse(certificate.valid_from);
      if (leftMs > Math.min(facts.bounds.certificateWarnMs, lifeMs / 5)) return [];
      return [
        {
          severity: leftMs > 0 ? 'warning' : 'problem',
          app,
          evidence: [
            `the certificate of ${host} ${leftMs > 0 ? `ends in ${time(leftMs)}` : 'has ended'}: ${certificate.valid_to}, issued by ${issuer(certificate)}`,
          ],
          cause:
            'it was not renewed: certificates that were brought by hand have to be brought anew, others failed to be renewed',
          fix: `berth cert   # then: berth cert set ${host} --chain CHAIN.pem --key KEY.pem, or berth cert rm ${host} for one that Berth renews`,
        },
      ];
    }),
};

const certificateLocal: Rule = {
  id: 'certificate-local',
  area: 'names',
  symptom: 'browsers say "your connection is not private" on a public name',
  looks: 'who issued the certificates that the edge serves for public names',
  probe: (facts) =>
    perServed(facts, ({ app, host, certificate }) => {
      if (!isPublicName(host) || !issuer(certificate).startsWith('Berth local authority')) return [];
      return [
        {
          severity: 'problem',
          app,
          evidence: [`the certificate of ${host} is issued by ${issuer(certificate)}, which no browser knows`],
          cause: 'no public certificate has been obtained for this name: DNS, port 80, or the authority refused',
          fix: `berth cert   # or bring your own: berth cert set ${host} --chain CHAIN.pem --key KEY.pem`,
        },
      ];
    }),
};

const certificateNotIssued: Rule = {
  id: 'certificate-not-issued',
  area: 'names',
  symptom: 'no certificate is obtained for a name, or it is not renewed',
  looks: 'what the daemon remembers of its last attempt to fetch the certificate of each name',
  async probe(facts) {
    const client = await facts.client();
    const hosts = await hostsOf(facts);
    if (client === null) return [];
    const { certificates } = await client.call('certificates', { signal: AbortSignal.timeout(facts.bounds.answerMs) });
    return certificates.flatMap(({ host, names, renewal }): Seen[] => {
      const { failure = null, at = '' } = renewal ?? {};
      const used = hosts.find((it) => it.host === host || names.includes(it.host));
      if (failure === null || (used === undefined && facts.app !== null)) return [];
      return [
        {
          severity: 'problem',
          ...(used === undefined ? {} : { app: used.app }),
          evidence: [
            `the attempt of ${failure.at} for ${host} failed: ${failure.message} (${failure.code})`,
            `it is tried again at ${at}`,
          ],
          cause: failure.hint,
          fix: `berth cert check ${host}   # what is in the way; mended: berth cert renew ${host}`,
        },
      ];
    });
  },
};

export const nameRules: readonly Rule[] = [
  dnsMissing,
  dnsSilent,
  dnsElsewhere,
  certificateNotIssued,
  certificateExpiring,
  certificateLocal,
];

type Host = { readonly app: string; readonly host: string };
type Served = Host & { readonly certificate: PeerCertificate };

const hostsOf = async (facts: Facts): Promise<readonly Host[]> =>
  (await facts.apps()).flatMap(({ name, hosts }) => hosts.map((host) => ({ app: name, host })));

const publicHosts = async (facts: Facts): Promise<readonly Host[]> =>
  (await hostsOf(facts)).filter(({ host }) => isPublicName(host));

const perPublicHost = async (facts: Facts, look: (host: Host) => Promise<readonly Seen[]>): Promise<readonly Seen[]> =>
  (await Promise.all((await publicHosts(facts)).map(look))).flat();

const perServed = async (facts: Facts, look: (served: Served) => readonly Seen[]): Promise<readonly Seen[]> => {
  if (facts.settings === null || facts.settings.httpsPort === null) return [];
  const served = await Promise.all(
    (await hostsOf(facts)).map(async ({ app, host }) => {
      const place = facts.edgePlace(host);
      const certificate = place === null ? null : await servedCertificate(place, facts.bounds.answerMs);
      return certificate === null ? [] : look({ app, host, certificate });
    }),
  );
  return served.flat();
};

/** null when the edge does not answer: other rules speak of that. */
const servedCertificate = ({ address, port, host }: Place, timeoutMs: number): Promise<PeerCertificate | null> =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port, servername: host, rejectUnauthorized: false, timeout: timeoutMs });
    const end = (certificate: PeerCertificate | null): void => {
      socket.destroy();
      resolve(certificate);
    };
    socket.on('secureConnect', () => end(socket.getPeerCertificate()));
    socket.on('timeout', () => end(null));
    socket.on('error', () => end(null));
  });

const issuer = ({ issuer: { CN, O } }: PeerCertificate): string => String(CN ?? O ?? 'somebody unnamed');

const LOGGED_WITHIN_MS = 1_500;

/** Asks for a path that nobody else asks for, and looks whether the edge of this machine heard of it. */
const reaches = async ({ layout, bounds }: Facts, place: Place): Promise<'here' | 'elsewhere' | 'silence'> => {
  const mark = randomUUID();
  const answer = await ask(place, `/.well-known/berth-doctor/${mark}`, { timeoutMs: bounds.answerMs });
  if (answer.kind === 'silence') return 'silence';
  const log = join(layout.edge, 'access.log');
  for (const giveUpAt = performance.now() + LOGGED_WITHIN_MS; performance.now() < giveUpAt; await sleep(100))
    if (lastLines(log, 500).some((line) => line.includes(mark))) return 'here';
  return 'elsewhere';
};
