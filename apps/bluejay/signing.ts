/** Short texts that only this site can have written, for one purpose and until a moment. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type Signer = {
  /** URL-safe. `payload` is readable by whoever has the token. */
  sign(purpose: string, payload: string, expiresAtMs: number): string;
  /** The payload; undefined for a token that is not ours, of another purpose, or too old. */
  verify(purpose: string, token: string): string | undefined;
};

/** @param secrets the first signs, all are believed: a new one is put in front, and the old one goes a week later */
export const createSigner = (secrets: readonly [string, ...string[]], now: () => number): Signer => {
  const macOf = (secret: string, purpose: string, text: string): Buffer =>
    createHmac('sha256', secret).update(`bluejay\0${purpose}\0${text}`).digest();
  return {
    sign(purpose, payload, expiresAtMs) {
      const text = `${Buffer.from(payload).toString('base64url')}.${Math.floor(expiresAtMs).toString(36)}`;
      return `${text}.${macOf(secrets[0], purpose, text).toString('base64url')}`;
    },
    verify(purpose, token) {
      const parts = /^([\w-]*)\.([0-9a-z]{1,11})\.([\w-]{43})$/.exec(token);
      const [, payload = '', expires = '', mac = ''] = parts ?? [];
      if (parts === null) return undefined;
      const given = Buffer.from(mac, 'base64url');
      const isOurs = secrets.some((secret) => timingSafeEqual(macOf(secret, purpose, `${payload}.${expires}`), given));
      if (!isOurs || Number.parseInt(expires, 36) <= now()) return undefined;
      return Buffer.from(payload, 'base64url').toString('utf8');
    },
  };
};
