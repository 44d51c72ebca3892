/** Passwords: how they are kept (argon2id, as a PHC string) and which ones are good enough. */
import { argon2, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** OWASP's least for argon2id: 19 MiB, two passes, one lane. Larger ones take effect at everybody's next login. */
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
export const PASSWORD_LENGTH = { min: 12, max: 200 } as const;
const ONE_TIME_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

const derive = promisify(argon2);

/** PHC: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`. Some 35 ms, in another thread. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', {
    message: readable(password),
    nonce: salt,
    parallelism: PARAMETERS.parallelism,
    tagLength: TAG_BYTES,
    memory: PARAMETERS.memory,
    passes: PARAMETERS.passes,
  });
  return phc(salt, tag);
};

/** False as well for a text that is no such hash. */
export const verifyPassword = async (hash: string, password: string): Promise<boolean> => {
  const parts = parse(hash);
  if (parts === undefined || password.length > PASSWORD_LENGTH.max * 4) return false;
  const { memory, passes, parallelism, salt, tag } = parts;
  const options = { message: readable(password), nonce: salt, parallelism, tagLength: tag.length, memory, passes };
  return timingSafeEqual(await derive('argon2id', options), tag);
};

/** Whether it was made with less effort than passwords are made with today. */
export const needsRehash = (hash: string): boolean => {
  const parts = parse(hash);
  return parts === undefined || parts.memory < PARAMETERS.memory || parts.passes < PARAMETERS.passes;
};

/** The hash of no password: checking against it takes as long as against a real one. */
export const createDummyHash = (): string => phc(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));

/** What speaks against a new password, as a sentence; null when it is good. */
export const passwordProblem = (password: string, owner: { readonly email: string }): string | null => {
  const length = [...password].length;
  if (length < PASSWORD_LENGTH.min) return `A password has at least ${PASSWORD_LENGTH.min} characters.`;
  if (length > PASSWORD_LENGTH.max) return `A password has at most ${PASSWORD_LENGTH.max} characters.`;
  const lower = password.toLowerCase();
  if (lower === owner.email.toLowerCase()) return 'The mail address is no password.';
  if (COMMON_PASSWORDS.has(lower) || new Set(lower).size < 5) return 'This password is one of the first that are guessed.';
  return null;
};

/** 99 bits that can be read out: `abcde-fghjk-mnpqr-stuvw`. */
export const createOneTimePassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 5 }, randomLetter).join('')).join('-');

const randomLetter = (): string => ONE_TIME_ALPHABET.charAt(randomInt(ONE_TIME_ALPHABET.length));

/** The same text however a keyboard composes its letters (NIST SP 800-63B 5.1.1.2). */
const readable = (password: string): string => password.normalize('NFKC');

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');

const phc = (salt: Uint8Array, tag: Uint8Array): string => {
  const { memory, passes, parallelism } = PARAMETERS;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
};

const parse = (hash: string) => {
  const parts = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([\w+/-]{11,})\$([\w+/-]{22,})$/.exec(hash);
  if (parts === null) return undefined;
  const [, memory, passes, parallelism, salt = '', tag = ''] = parts;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
};
