import { identityInvalid, sealedForAnother } from './errors.ts';

/** An X25519 identity of age (AGE-SECRET-KEY-…): whoever has it opens everything that was wrapped for its recipient. */
export const createIdentity = async (): Promise<string> => (await loadAge()).generateX25519Identity();

/** What may be told to those who wrap (age1…). Throws IDENTITY_INVALID. */
export const recipientOf = async (identity: string): Promise<string> => {
  const age = await loadAge();
  try {
    return await age.identityToRecipient(identity);
  } catch {
    // No cause: the library's message quotes what it was given.
    throw identityInvalid();
  }
};

/** As a binary age file, which `age -d -i` opens too. */
export const wrap = async (bytes: Uint8Array, recipient: string): Promise<Uint8Array> => {
  const age = await loadAge();
  const encrypter = new age.Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
};

/** Binary or armored. Throws SEALED_FOR_ANOTHER for what is damaged as well: the two cannot always be told apart. */
export const unwrap = async (wrapped: Uint8Array, identity: string): Promise<Uint8Array> => {
  const age = await loadAge();
  await recipientOf(identity);
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(identity);
  try {
    const text = Buffer.from(wrapped).toString('latin1');
    return await decrypter.decrypt(isArmored(text) ? age.armor.decode(text) : wrapped);
  } catch {
    throw sealedForAnother();
  }
};

export const isArmored = (text: string): boolean => text.trimStart().startsWith(ARMOR_HEAD);

/** Costs 15 MB: nothing may load it before it is needed. */
export const loadAge = (): Promise<typeof import('age-encryption')> => import('age-encryption');

const ARMOR_HEAD = '-----BEGIN AGE ENCRYPTED FILE-----';
