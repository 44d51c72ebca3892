import { asBerthError, type BerthError } from '@berth/core';
import { type AcmeClient, type AcmeOptions, createAcmeClient, type Edge, type EdgeCertificate } from '@berth/edge';
import type { AcmeSettings, CertificateCheck } from '@berth/protocol';
import type { Bus } from '../bus.ts';
import type { Ledger } from './ledger.ts';
import type { WantedCertificate } from './plan.ts';
import { judge, observe } from './preflight.ts';
import { abandonTry, type Attempts as Remembered, beginTry, endInFailure, endInSuccess } from './schedule.ts';
import { readAuthorityRoot } from './settings.ts';

export type AttemptsDeps = {
  readonly edge: Pick<Edge, 'certificates' | 'challenges'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly ledger: Ledger;
  /** Public and private host names of all apps, each with its app. */
  readonly hosts: () => readonly { host: string; app: string }[];
  /** Where account keys are kept. */
  readonly home: string;
  readonly version: string;
  readonly now: () => Date;
  /** Aborts when the daemon ends. */
  readonly signal: AbortSignal;
  /** For tests: how quickly the client asks and gives up. */
  readonly pace?: Pick<AcmeOptions, 'pollMs' | 'patience' | 'requestMs'>;
};

/** One try to get a certificate, from looking whether it could succeed to serving it. */
export interface Attempts {
  open(acme: AcmeSettings): Promise<AcmeClient>;
  isRunning(id: string): boolean;
  /** Leaves what happened in the ledger and tells it; throws why there is no certificate. */
  run(wanted: WantedCertificate, acme: AcmeSettings, present: EdgeCertificate | null): Promise<void>;
  /** Only looks. */
  check(host: string, wanted: WantedCertificate, acme: AcmeSettings): Promise<CertificateCheck>;
}

export function createAttempts(deps: AttemptsDeps): Attempts {
  const { edge, bus, ledger, now, signal } = deps;
  const running = new Set<string>();

  const open = async (acme: AcmeSettings): Promise<AcmeClient> =>
    createAcmeClient({
      ...deps.pace,
      home: deps.home,
      directory: acme.directory,
      email: acme.email,
      termsAgreed: acme.termsAgreed,
      ca: await readAuthorityRoot(acme),
      dns: acme.dnsHook === null ? null : { hook: acme.dnsHook, resolver: acme.resolver },
      version: deps.version,
      now: () => now().getTime(),
      async answerHttp({ name, token, answer }) {
        await edge.challenges.answer({ host: name, token, answer });
        return () => edge.challenges.withdraw({ host: name, token });
      },
    });

  const lookAt = async (host: string, acme: AcmeSettings, identities: readonly string[]) => {
    const seen = await observe(host, { edge, resolver: acme.resolver, port: acme.challengePort }, signal);
    return { seen, findings: judge(seen, { identities, isOutside: isOutside(acme) }) };
  };

  /** What keeps the authority from succeeding, as far as we can see; the first that does. */
  const findObstacle = async (wanted: WantedCertificate, acme: AcmeSettings, client: AcmeClient): Promise<BerthError | null> => {
    if (wanted.proof === 'dns') return null;
    const { caaIdentities } = await client.about(signal);
    for (const name of wanted.names) {
      const { findings } = await lookAt(name, acme, caaIdentities);
      const found = findings.find(({ level }) => level === 'error');
      if (found !== undefined) return found.error;
    }
    return null;
  };

  const tell = (name: string, { id, names, hosts }: WantedCertificate, what: Record<string, unknown>): void => {
    const app = deps.hosts().find(({ host }) => hosts.includes(host))?.app;
    bus.publish({ name, ...(app !== undefined && { app }), fields: { host: id, names, ...what } });
  };

  return {
    open,
    isRunning: (id) => running.has(id),
    async run(wanted, acme, present) {
      const before = ledger.get(wanted.id);
      let begun: Remembered | null = null;
      running.add(wanted.id);
      try {
        const client = await open(acme);
        const obstacle = await findObstacle(wanted, acme, client);
        if (obstacle !== null) throw obstacle;
        begun = beginTry(before, now().getTime());
        ledger.set(wanted.id, begun);
        const renews = before.issuedBy === acme.directory ? await edge.certificates.issuedChain(wanted.id) : null;
        const issued = await client.obtain({ names: wanted.names, proof: wanted.proof, renews }, signal);
        const { notAfter } = await edge.certificates.setIssued(wanted.names, issued);
        ledger.set(wanted.id, endInSuccess(begun, acme.directory));
        tell(present === null ? 'certificate.issued' : 'certificate.renewed', wanted, { notAfter, authority: acme.directory });
      } catch (cause) {
        if (signal.aborted) {
          if (begun !== null) ledger.set(wanted.id, abandonTry(begun, before));
          throw cause;
        }
        const error = asBerthError(cause);
        const after = endInFailure(begun ?? before, error.toJSON(), { nowMs: now().getTime(), counted: begun !== null });
        ledger.set(wanted.id, after);
        const { code, message, hint } = error;
        // What we see ourselves is told when it is new, and not every few minutes.
        if (before.failure?.code !== code || begun !== null)
          tell('certificate.failed', wanted, { code, message, hint, nextTryAt: after.notBefore });
        throw error;
      } finally {
        running.delete(wanted.id);
      }
    },
    async check(host, wanted, acme) {
      const found: CertificateCheck = { host, addresses: [], ok: true, findings: [] };
      const add = (level: 'error' | 'warning', error: BerthError) => void found.findings.push({ level, ...bodyOf(error) });
      const identities = await (await open(acme)).about(signal).then(
        ({ caaIdentities }) => caaIdentities,
        (cause: unknown) => {
          add('error', asBerthError(cause));
          return [];
        },
      );
      if (wanted.proof === 'http') {
        const { seen, findings } = await lookAt(host, acme, identities);
        found.addresses.push(...seen.addresses.map(({ address }) => address));
        for (const { level, error } of findings) add(level, error);
      }
      return { ...found, ok: !found.findings.some(({ level }) => level === 'error') };
    },
  };
}

/** Authorities of one's own may well ask within a private network. */
const isOutside = ({ directory }: AcmeSettings): boolean => directory.startsWith('letsencrypt');

const bodyOf = (error: BerthError) => {
  const { fields, ...body } = error.toJSON();
  return { ...body, fields: { ...fields } };
};
