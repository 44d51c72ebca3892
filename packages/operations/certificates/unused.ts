import type { EdgeCertificate } from '@berth/edge';
import { covers, type WantedCertificate } from './plan.ts';

type Users = {
  /** Of all apps, stopped ones too. */
  readonly hosts: readonly string[];
  readonly wanted: readonly WantedCertificate[];
};

/** Whether an app has a host that the certificate is good for, whatever it is served with, or it is wanted without one. */
export const isUsed = ({ host, names }: EdgeCertificate, { hosts, wanted }: Users): boolean =>
  [host, ...names].some((name) => hosts.some((one) => covers(name, one))) || wanted.some((it) => it.names.includes(host));

/**
 * Whether a certificate that nobody has used since then goes for good. Until then an app that comes back, or goes back to a
 * release with that host, has it without asking an authority again; one that has ended is of use to nobody.
 */
export const isPastUse = ({ notAfter }: EdgeCertificate, unusedSince: string, nowMs: number): boolean =>
  Date.parse(notAfter) <= nowMs || Date.parse(unusedSince) + KEPT_UNUSED_MS <= nowMs;

const KEPT_UNUSED_MS = 30 * 24 * 3_600_000;
