import type { EdgeCertificate } from '@berth/edge';
import { covers } from './plan.ts';

/** Those that are served: of each name the one that goes first, and local ones only where no other covers the name. */
export function servedOf(certificates: readonly EdgeCertificate[]): EdgeCertificate[] {
  return certificates
    .filter((it) =>
      it.source === 'local'
        ? !certificates.some((other) => other.source !== 'local' && covers(other.host, it.host))
        : !certificates.some((other) => other.host === it.host && RANK[other.source] < RANK[it.source]),
    )
    .toSorted((a, b) => (a.host < b.host ? -1 : 1));
}

const RANK = { own: 0, acme: 1, local: 2 } as const;
