import { X509Certificate } from 'node:crypto';
import { parseObject, type Authority } from './authority.ts';
import { retryAt } from './retry-after.ts';

/** When the authority would like a certificate to be renewed (RFC 9773). */
export type RenewalInfo = {
  readonly start: Date;
  readonly end: Date;
  /** When to ask again. */
  readonly askAgainAt: Date;
  /** A page that says why, for an early renewal. */
  readonly explanation: string | null;
};

/** null where the authority does not offer it, or not for this certificate. Errors are those of the authority. */
export const findRenewalInfo = async (
  authority: Authority,
  chain: string,
  { nowMs, signal }: { nowMs: number; signal: AbortSignal },
): Promise<RenewalInfo | null> => {
  const { renewalInfo } = await authority.directory(signal);
  const id = certificateId(chain);
  if (renewalInfo === null || id === null) return null;
  const answer = await authority.get(`${renewalInfo.replace(/\/$/, '')}/${id}`, signal);
  return parseRenewalInfo(parseObject(answer.body), retryAt(answer.headers, nowMs), nowMs);
};

/** A window that ends before it begins is none (RFC 9773 section 4.2). */
export const parseRenewalInfo = (
  document: Readonly<Record<string, unknown>>,
  until: Date | null,
  nowMs: number,
): RenewalInfo | null => {
  const window = document.suggestedWindow as { start?: unknown; end?: unknown } | undefined;
  const start = new Date(String(window?.start));
  const end = new Date(String(window?.end));
  if (!(start.getTime() < end.getTime())) return null;
  const wait = Math.min(Math.max((until?.getTime() ?? nowMs + ASK_AGAIN_MS) - nowMs, ASK_SOONEST_MS), ASK_LATEST_MS);
  return {
    start,
    end,
    askAgainAt: new Date(nowMs + wait),
    explanation: typeof document.explanationURL === 'string' ? document.explanationURL : null,
  };
};

/**
 * What the authority knows a certificate by: key identifier of the issuer and serial number. null for one that does not name
 * the key of its issuer.
 */
export const certificateId = (chain: string): string | null => {
  const certificate = new X509Certificate(chain);
  const issuerKey = authorityKeyIdentifier(certificate.raw);
  if (issuerKey === null) return null;
  const serial = Buffer.from(
    certificate.serialNumber.padStart(certificate.serialNumber.length + (certificate.serialNumber.length % 2), '0'),
    'hex',
  );
  // As DER has it: a first byte of 0x80 and above would be a minus sign.
  const der = (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), serial]) : serial;
  return `${issuerKey.toString('base64url')}.${der.toString('base64url')}`;
};

/** OBJECT IDENTIFIER 2.5.29.35 */
const AUTHORITY_KEY_IDENTIFIER = Buffer.from('0603551d23', 'hex');

/** The extension is an OCTET STRING with a SEQUENCE whose first member, [0], is the identifier; each shorter than 128 bytes. */
const authorityKeyIdentifier = (der: Buffer): Buffer | null => {
  const found = der.indexOf(AUTHORITY_KEY_IDENTIFIER);
  if (found < 0) return null;
  const [octets, , sequence, , tag, length] = der.subarray(found + AUTHORITY_KEY_IDENTIFIER.length);
  if (octets !== 0x04 || sequence !== 0x30 || tag !== 0x80 || length === undefined || length >= 0x80) return null;
  const from = found + AUTHORITY_KEY_IDENTIFIER.length + 6;
  return der.subarray(from, from + length);
};

const HOUR_MS = 3_600_000;
/** Recommended where the authority does not say (RFC 9773 section 4.3.3). */
const ASK_AGAIN_MS = 6 * HOUR_MS;
const ASK_SOONEST_MS = 60_000;
const ASK_LATEST_MS = 24 * HOUR_MS;
