import { asBerthError } from '@berth/core';
import type { EdgeCertificate } from '@berth/edge';
import { isPublicName } from '@berth/host';
import type { Journal } from '@berth/journal';
import type { AcmeSettings, CertificateCheck, PlatformSettings } from '@berth/protocol';
import { type AttemptsDeps, createAttempts } from './attempts.ts';
import { notAutomatic, triedTooOften } from './errors.ts';
import { createLedger } from './ledger.ts';
import { covers, planCertificates, type WantedCertificate } from './plan.ts';
import { allowedAt, type Attempts, dueAt, warningDue } from './schedule.ts';
import { servedOf } from './served.ts';
import { isPastUse, isUsed } from './unused.ts';

export type CertificateKeeperDeps = Omit<AttemptsDeps, 'ledger' | 'signal'> & {
  readonly journal: Pick<Journal, 'settings'>;
  readonly settings: () => PlatformSettings;
};

/** How the certificate of a name goes on. */
export type Renewal = { readonly isRunning: boolean; readonly at: Date; readonly failure: Attempts['failure'] };

/** Sees to certificates of public authorities for the hosts of all apps, in the background. */
export interface CertificateKeeper {
  /** Looks for what is due, unless it did so a moment ago. Ends with the look that is under way, and never throws. */
  tick(): Promise<void>;
  /** null: no public authority is asked for this name. */
  renewalOf(host: string, certificates: readonly EdgeCertificate[]): Renewal | null;
  /** At once, as far as the authority's limits allow; throws why not. */
  renew(host: string): Promise<void>;
  check(host: string): Promise<CertificateCheck>;
  end(): Promise<void>;
}

const LOOK_MS = 5_000;
/** Then there is nothing to do but to tell of ends that come near. */
const LOOK_WHEN_OFF_MS = 600_000;

export function createCertificateKeeper(deps: CertificateKeeperDeps): CertificateKeeper {
  const { edge, bus, now } = deps;
  const ledger = createLedger(deps.journal);
  const ending = new AbortController();
  const attempts = createAttempts({ ...deps, ledger, signal: ending.signal });
  let lookedMs = 0;
  let lastTrouble = '';
  let looking: Promise<void> | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  /** One at a time: authorities count, and the proofs of one name must not meet. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined); // its caller hears of it
    return result;
  };

  const acmeSettings = (): AcmeSettings | null => {
    const { acme, httpsPort } = deps.settings();
    return httpsPort === null ? null : acme;
  };
  const planFor = (certificates: readonly EdgeCertificate[]): WantedCertificate[] =>
    planCertificates({
      hosts: deps.hosts().map(({ host }) => host),
      owned: certificates.filter(({ source }) => source === 'own').map(({ host }) => host),
      acme: acmeSettings(),
    });
  const presentOf = (wanted: WantedCertificate, certificates: readonly EdgeCertificate[]): EdgeCertificate | null =>
    certificates.find(({ source, host }) => source === 'acme' && host === wanted.id) ?? null;
  const dueOf = (wanted: WantedCertificate, certificates: readonly EdgeCertificate[], acme: AcmeSettings): number =>
    dueAt({ wanted, present: presentOf(wanted, certificates), attempts: ledger.get(wanted.id), directory: acme.directory });

  /** What the authority says about when to renew: asked now and then, and never in the way of anything. */
  const refreshWindow = async (wanted: WantedCertificate, acme: AcmeSettings, present: EdgeCertificate): Promise<void> => {
    const { window, issuedBy } = ledger.get(wanted.id);
    const nowMs = now().getTime();
    if (issuedBy !== acme.directory) return;
    if (window?.fingerprint === present.fingerprint && Date.parse(window.askAgainAt) > nowMs) return;
    const chain = await edge.certificates.issuedChain(wanted.id);
    if (chain === null) return;
    const info = await (await attempts.open(acme)).renewalInfo(chain, ending.signal).catch(() => null);
    // Without an answer the one before holds, and is asked for again as if there had been one.
    const known = window?.fingerprint === present.fingerprint ? window.suggested : null;
    ledger.set(wanted.id, {
      ...ledger.get(wanted.id),
      window: {
        suggested: info === null ? known : { start: info.start.toISOString(), end: info.end.toISOString() },
        askAgainAt: (info?.askAgainAt ?? new Date(nowMs + ASK_AGAIN_MS)).toISOString(),
        fingerprint: present.fingerprint,
      },
    });
  };

  const warnOfEnds = (certificates: readonly EdgeCertificate[]): void => {
    const nowMs = now().getTime();
    const hosts = deps.hosts();
    for (const certificate of servedOf(certificates)) {
      const used = hosts.find(({ host }) => covers(certificate.host, host));
      if (certificate.source === 'local' || used === undefined) continue;
      const known = ledger.get(certificate.host);
      const { host, source, notAfter, fingerprint } = certificate;
      const days = warningDue(notAfter, known.warned?.fingerprint === fingerprint ? known.warned.days : null, nowMs);
      if (days === null) continue;
      ledger.set(host, { ...known, warned: { days, fingerprint } });
      const fields = { host, source, notAfter, days, reason: known.failure?.message ?? null };
      bus.publish({ name: 'certificate.expiring', app: used.app, fields });
    }
  };

  /** What Berth has fetched and no app has a host for any more; never one of the user's own. */
  const removeUnused = async (certificates: readonly EdgeCertificate[]): Promise<void> => {
    const users = () => ({ hosts: deps.hosts().map(({ host }) => host), wanted: planFor(certificates) });
    for (const certificate of certificates) {
      if (certificate.source !== 'acme' || ending.signal.aborted) continue;
      const { host, source, notAfter } = certificate;
      const known = ledger.get(host);
      const unusedSince = isUsed(certificate, users()) ? null : (known.unusedSince ?? now().toISOString());
      if (unusedSince !== known.unusedSince) ledger.set(host, { ...known, unusedSince });
      if (unusedSince === null || !isPastUse(certificate, unusedSince, now().getTime())) continue;
      await inTurn(async () => {
        // An app may have got the host while others had their turn.
        if (isUsed(certificate, users())) return;
        await edge.certificates.removeIssued(host);
        ledger.forget(host);
        bus.publish({ name: 'certificate.removed', fields: { host, source, notAfter, unusedSince } });
      });
    }
  };

  /** Somebody may have asked for it while it waited for its turn. */
  const fetchIfDue = async (wanted: WantedCertificate, acme: AcmeSettings): Promise<void> => {
    const certificates = await edge.certificates.list();
    if (dueOf(wanted, certificates, acme) <= now().getTime()) await attempts.run(wanted, acme, presentOf(wanted, certificates));
  };

  const look = async (): Promise<void> => {
    const acme = acmeSettings();
    const certificates = await edge.certificates.list();
    warnOfEnds(certificates);
    if (acme !== null) await fetchDue(acme, certificates);
    await removeUnused(certificates);
  };

  const fetchDue = async (acme: AcmeSettings, certificates: readonly EdgeCertificate[]): Promise<void> => {
    for (const wanted of planFor(certificates)) {
      if (ending.signal.aborted) return;
      const present = presentOf(wanted, certificates);
      if (present !== null) await refreshWindow(wanted, acme, present);
      if (dueOf(wanted, certificates, acme) > now().getTime()) continue;
      // Why it failed is in the ledger, and was told.
      await inTurn(() => fetchIfDue(wanted, acme)).catch(() => undefined);
    }
  };

  const wantedFor = (
    host: string,
    certificates: readonly EdgeCertificate[],
  ): { wanted: WantedCertificate; acme: AcmeSettings } => {
    const acme = acmeSettings();
    if (acme === null)
      throw notAutomatic(host, 'no authority is set', 'choose one with: berth cert acme --email you@example.com');
    const wanted = planFor(certificates).find(({ id, hosts }) => id === host || hosts.includes(host));
    if (wanted !== undefined) return { wanted, acme };
    if (certificates.some((it) => it.source === 'own' && covers(it.host, host)))
      throw notAutomatic(host, 'it has a certificate of your own', `take it away with: berth cert rm ${host}`);
    if (!isPublicName(host))
      throw notAutomatic(host, 'authorities give none for names like that', 'the local authority’s serves it');
    throw notAutomatic(host, 'no app has it in its routes', 'deploy an app whose berth.yaml names it');
  };

  return {
    async tick() {
      const everyMs = acmeSettings() === null ? LOOK_WHEN_OFF_MS : LOOK_MS;
      if (looking !== null) return looking;
      if (ending.signal.aborted || now().getTime() < lookedMs + everyMs) return;
      lookedMs = now().getTime();
      looking = look()
        .catch((cause: unknown) => {
          const { code, message, hint } = asBerthError(cause);
          if (ending.signal.aborted || message === lastTrouble) return;
          lastTrouble = message;
          bus.publish({ name: 'certificate.failed', fields: { code, message, hint } });
        })
        .finally(() => {
          looking = null;
        });
      await looking;
    },
    renewalOf(host, certificates) {
      const acme = acmeSettings();
      const wanted = planFor(certificates).find(({ id, hosts }) => id === host || hosts.includes(host));
      if (acme === null || wanted === undefined) return null;
      const at = new Date(Math.max(dueOf(wanted, certificates, acme), now().getTime()));
      return { isRunning: attempts.isRunning(wanted.id), at, failure: ledger.get(wanted.id).failure };
    },
    renew: (host) =>
      inTurn(async () => {
        const certificates = await edge.certificates.list();
        const { wanted, acme } = wantedFor(host, certificates);
        const known = ledger.get(wanted.id);
        const allowed = allowedAt(known, now().getTime());
        if (allowed > now().getTime()) throw triedTooOften(host, new Date(allowed), known.failure?.message ?? null);
        await attempts.run(wanted, acme, presentOf(wanted, certificates));
      }),
    async check(host) {
      const { wanted, acme } = wantedFor(host, await edge.certificates.list());
      return attempts.check(host, wanted, acme);
    },
    async end() {
      ending.abort(new Error('the daemon ends'));
      await looking;
      await queue;
    },
  };
}

const ASK_AGAIN_MS = 6 * 3_600_000;
