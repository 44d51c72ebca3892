/** Ids of documents as they stand in links. */

/** 17 characters out of 62 are 101 bits. */
const RANDOM_LENGTH = 17;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const READ_ONLY_PREFIX = 'ro-';

/**
 * An id that nobody guesses: 96 bits or more.
 * @param fillRandom as `crypto.getRandomValues`
 */
export const randomDocumentId = (fillRandom: (bytes: Uint8Array<ArrayBuffer>) => unknown): string => {
  // Bytes from here on are dropped, so that every character is as likely as the next.
  const limit = 256 - (256 % ALPHABET.length);
  const bytes = new Uint8Array(64);
  let id = '';
  while (id.length < RANDOM_LENGTH) {
    fillRandom(bytes);
    for (const byte of bytes) if (byte < limit && id.length < RANDOM_LENGTH) id += ALPHABET[byte % ALPHABET.length];
  }
  return id;
};

/** Such an id shows a document and cannot change it. */
export const isReadOnlyId = (id: string): boolean => id.startsWith(READ_ONLY_PREFIX);
