import { isPublicName } from '@berth/host';
import type { AcmeSettings } from '@berth/protocol';

/** A certificate that there should be. */
export type WantedCertificate = {
  /** The first of its names: what it is kept and spoken of by. */
  readonly id: string;
  readonly names: readonly string[];
  readonly proof: 'http' | 'dns';
  /** Hosts of apps that are served with it. */
  readonly hosts: readonly string[];
};

/**
 * One certificate per public host, so that a name that fails keeps no other from its own; one for each domain whose names
 * are wanted together. Hosts with a certificate of the user's own want none.
 */
export function planCertificates(what: {
  /** Of all apps, redirects included. */
  hosts: readonly string[];
  /** Names of certificates of one's own. */
  owned: readonly string[];
  acme: Pick<AcmeSettings, 'wildcards'> | null;
}): WantedCertificate[] {
  const { acme } = what;
  if (acme === null) return [];
  const hosts = [...new Set(what.hosts)].filter((host) => isPublicName(host) && !what.owned.some((name) => covers(name, host)));
  const wide = acme.wildcards
    .filter((domain) => isPublicName(domain))
    .map((domain): WantedCertificate => {
      const names = [domain, `*.${domain}`];
      return { id: domain, names, proof: 'dns', hosts: hosts.filter((host) => names.some((name) => covers(name, host))) };
    });
  const single = hosts
    .filter((host) => !wide.some((it) => it.hosts.includes(host)))
    .map((host): WantedCertificate => ({ id: host, names: [host], proof: 'http', hosts: [host] }));
  return [...wide, ...single].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** As a client reads a name of a certificate: a star stands for one label (RFC 6125 section 6.4.3). */
export const covers = (name: string, host: string): boolean =>
  name === host || (name.startsWith('*.') && host.slice(host.indexOf('.')) === name.slice(1) && host.includes('.'));
