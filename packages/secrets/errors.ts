import { BerthError } from '@berth/core';

/** A stored secret cannot be decrypted with this home's key. */
export const secretUnreadable = (name: string, keyFile: string, cause: unknown) =>
  new BerthError('SECRET_UNREADABLE', `the secret ${name} cannot be decrypted with the key in ${keyFile}`, {
    hint: 'put the key file that it was encrypted with back in its place, or set the secret again',
    fields: { name, keyFile },
    cause,
  });

/** The key file of this home is not an age identity. */
export const keyUnreadable = (keyFile: string, cause: unknown) =>
  new BerthError('SECRET_KEY_UNREADABLE', `${keyFile} does not hold an age identity (AGE-SECRET-KEY-…)`, {
    hint: 'put the right key file back; without it the stored secrets cannot be read',
    fields: { keyFile },
    cause,
  });
