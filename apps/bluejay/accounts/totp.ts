/** One-time codes of authenticator apps: RFC 6238 with its usual choices, SHA-1, six digits, 30 seconds. */
import { createHmac, randomBytes } from 'node:crypto';
import { equalTokens } from './session-cookie.ts';

const STEP_MS = 30_000;
/** Clocks of telephones may be a step off (RFC 6238 §5.2). */
const WINDOW_STEPS = 1;
/** As long as SHA-1's result (RFC 4226 §4, R6). */
const SECRET_BYTES = 20;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const createTotpSecret = (): Uint8Array => randomBytes(SECRET_BYTES);

export const totpStep = (atMs: number): number => Math.floor(atMs / STEP_MS);

/** The code of a step. @param digits six, as apps show it; the vectors of the RFC have eight */
export const totpCode = (secret: Uint8Array, step: number, digits = 6): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  // Dynamic truncation, RFC 4226 §5.3.
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0');
};

export type TotpQuestion = {
  readonly secret: Uint8Array;
  /** As typed: blanks in it do not matter. */
  readonly code: string;
  readonly nowMs: number;
  /** The step whose code was used last: no older one, nor that one again. */
  readonly lastStep: number;
};

/** The step that the code belongs to, to be kept as `lastStep`; undefined for a wrong, old or used one. */
export const matchTotp = ({ secret, code, nowMs, lastStep }: TotpQuestion): number | undefined => {
  const given = code.replaceAll(/\s/g, '');
  const present = totpStep(nowMs);
  const steps = Array.from({ length: 2 * WINDOW_STEPS + 1 }, (_, index) => present - WINDOW_STEPS + index);
  return steps.filter((step) => step > lastStep).find((step) => equalTokens(given, totpCode(secret, step)));
};

/** RFC 4648 §6, without padding: how people type the secret. */
export const base32 = (bytes: Uint8Array): string => {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32.charAt(Number.parseInt(five.padEnd(5, '0'), 2))).join('');
};

/** What the QR code says. */
export const totpAddress = (secret: Uint8Array, email: string): string =>
  `otpauth://totp/${encodeURIComponent(`Bluejay:${email}`)}?secret=${base32(secret)}&issuer=Bluejay`;
