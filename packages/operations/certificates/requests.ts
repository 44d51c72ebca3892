import type { Edge, EdgeCertificate } from '@berth/edge';
import type { Certificate } from '@berth/protocol';
import type { Bus } from '../bus.ts';
import type { Platform } from '../platform.ts';
import { notAutomatic } from './errors.ts';
import type { CertificateKeeper } from './keeper.ts';
import { covers } from './plan.ts';
import { servedOf } from './served.ts';

type CertificateRequests = Pick<
  Platform,
  'certificates' | 'setCertificate' | 'removeCertificate' | 'renewCertificate' | 'checkCertificate'
>;

/** What clients ask about certificates. */
export function certificateRequests({
  edge,
  bus,
  keeper,
}: {
  edge: Edge;
  bus: Bus;
  keeper: CertificateKeeper;
}): CertificateRequests {
  const view = (it: EdgeCertificate, all: readonly EdgeCertificate[]): Certificate => {
    const renewal = it.source === 'own' ? null : keeper.renewalOf(it.host, all);
    return {
      host: it.host,
      kind: it.source,
      names: [...it.names],
      issuer: it.issuer,
      notAfter: it.notAfter,
      renewal: renewal && { ...renewal, at: renewal.at.toISOString() },
    };
  };
  return {
    async certificates() {
      const all = await edge.certificates.list();
      return servedOf(all).map((it) => view(it, all));
    },
    async setCertificate(host, { by, chain, key }) {
      const certificate = await edge.certificates.set(host, { chain, key });
      bus.publish({ name: 'audit.certificate.set', fields: { host, by } });
      return view(certificate, [certificate]);
    },
    async removeCertificate(host, { by }) {
      await edge.certificates.remove(host);
      bus.publish({ name: 'audit.certificate.removed', fields: { host, by } });
    },
    async renewCertificate(host, { by }) {
      bus.publish({ name: 'audit.certificate.renewed', fields: { host, by } });
      await keeper.renew(host);
      const all = await edge.certificates.list();
      const renewed = all.find((it) => it.source === 'acme' && covers(it.host, host));
      if (renewed === undefined) throw notAutomatic(host, 'it was taken away meanwhile', `look again: berth cert check ${host}`);
      return view(renewed, all);
    },
    checkCertificate: (host) => keeper.check(host),
  };
}
