import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import type { Stanza } from 'age-encryption';
import { passphraseWrong, sealedUnreadable } from './errors.ts';
import { loadAge } from './identity.ts';

/** Armored text that `age -d` opens with the same passphrase. Takes about a second, and 256 MB for as long. */
export const sealWithPassphrase = async (text: string, passphrase: string): Promise<string> => {
  const age = await loadAge();
  const encrypter = new age.Encrypter();
  encrypter.addRecipient({
    async wrapFileKey(fileKey) {
      const salt = randomBytes(SALT_BYTES);
      const cipher = createCipheriv(CIPHER, await deriveKey(passphrase, salt, WORK), NONCE, { authTagLength: TAG_BYTES });
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new age.Stanza(['scrypt', salt.toString('base64').replaceAll('=', ''), String(WORK)], body)];
    },
  });
  return age.armor.encode(await encrypter.encrypt(text));
};

/** Throws PASSPHRASE_WRONG, or SEALED_UNREADABLE for what is cut off, changed, or sealed in another way. */
export const openWithPassphrase = async (armored: string, passphrase: string): Promise<string> => {
  const age = await loadAge();
  let isRight: boolean | undefined;
  const decrypter = new age.Decrypter();
  decrypter.addIdentity({
    async unwrapFileKey(stanzas: readonly Stanza[]) {
      const fileKey = await unwrapWithPassphrase(stanzas, passphrase);
      isRight = fileKey === undefined ? undefined : fileKey !== null;
      return fileKey ?? null;
    },
  });
  try {
    return await decrypter.decrypt(age.armor.decode(armored.trim()), 'text');
  } catch {
    if (isRight === false) throw passphraseWrong();
    throw sealedUnreadable();
  }
};

/**
 * The scrypt recipient of age (age-encryption.org/v1), which the library computes on the caller's thread, blocking it for a
 * second. Here it is computed in the thread pool.
 */
const deriveKey = (passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const cost = { N: 2 ** logN, r: 8, p: 1, maxmem: 2 ** logN * 1024 + 2 ** 20 };
  const labelled = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt]);
  scrypt(passphrase, labelled, 32, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  return promise;
};

/** undefined: not sealed by a passphrase; null: by another one. */
const unwrapWithPassphrase = async (stanzas: readonly Stanza[], passphrase: string): Promise<Uint8Array | null | undefined> => {
  const [stanza, ...others] = stanzas;
  const [kind, salt = '', work = ''] = stanza?.args ?? [];
  if (stanza === undefined || kind !== 'scrypt' || others.length > 0 || !/^[1-9]\d?$/.test(work)) return undefined;
  // More would let whoever wrote the file take all memory.
  if (Number(work) > MOST_WORK || stanza.body.length !== FILE_KEY_BYTES + TAG_BYTES) return undefined;
  const key = await deriveKey(passphrase, Buffer.from(salt, 'base64'), Number(work));
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(stanza.body.subarray(FILE_KEY_BYTES));
  const fileKey = decipher.update(stanza.body.subarray(0, FILE_KEY_BYTES));
  try {
    decipher.final();
    return fileKey;
  } catch {
    return null;
  }
};

/** As age itself: a second of one core. */
const WORK = 18;
const MOST_WORK = 20;
const CIPHER = 'chacha20-poly1305';
/** Each key is used once. */
const NONCE = Buffer.alloc(12);
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const FILE_KEY_BYTES = 16;
