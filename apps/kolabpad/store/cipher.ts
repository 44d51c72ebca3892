import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { tokenUnreadable } from './errors.ts';

/** Tokens at rest. A token is bound to its document: copied into another row it cannot be read. */
export interface Cipher {
  seal(id: string, token: string): string;
  /** Throws STORE_TOKEN_UNREADABLE: another key, another document, or damage. */
  open(id: string, sealed: string): string;
}

/** AES-256-GCM under `key` (32 bytes). As text: `v1.` and the base64url of nonce, ciphertext and tag. */
export const createCipher = (key: Buffer): Cipher => ({
  seal(id, token) {
    // Random nonces of 96 bits are safe for 2^32 messages under one key (NIST SP 800-38D §8.3).
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(id));
    const text = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
    return PREFIX + Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url');
  },
  open(id, sealed) {
    if (!isSealed(sealed)) throw tokenUnreadable(id);
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    try {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw tokenUnreadable(id, cause);
    }
  },
});

/** A clear token never has a dot: it is base64url. */
export const isSealed = (stored: string): boolean => stored.startsWith(PREFIX);

const PREFIX = 'v1.';
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
