import { hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { keyFileInvalid, secretTooShort } from './errors.ts';

const KEY_BYTES = 32;

/** The server key from a secret that the operator gave: at least 32 bytes of text. Throws STORE_KEY_INVALID. */
export const keyFromSecret = (secret: string): Buffer => {
  const bytes = Buffer.byteLength(secret);
  if (bytes < KEY_BYTES) throw secretTooShort(bytes);
  return Buffer.from(hkdfSync('sha256', secret, '', 'kolabpad tokens at rest', KEY_BYTES));
};

/**
 * The server key from a file, which is made if there is none: whoever calls this owns the database beside it, so that two
 * never make one. Throws STORE_KEY_INVALID for a file that holds no key: a new one in its place would lose every token.
 */
export const keyFromFile = (file: string): Buffer => keyFromSecret(read(file) ?? make(file));

const read = (file: string): string | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw keyFileInvalid(file, cause);
  }
  if (Buffer.byteLength(text) < KEY_BYTES) throw keyFileInvalid(file);
  return text;
};

/** Written aside, synced and renamed: after a power cut there is a whole key or none. */
const make = (file: string): string => {
  const secret = randomBytes(KEY_BYTES).toString('base64url');
  const aside = `${file}.new`;
  rmSync(aside, { force: true });
  const descriptor = openSync(aside, 'wx', 0o600);
  try {
    writeSync(descriptor, `${secret}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(aside, file);
  syncDirectory(dirname(file));
  return secret;
};

/** Without this a power cut can undo the rename. */
const syncDirectory = (directory: string): void => {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};
