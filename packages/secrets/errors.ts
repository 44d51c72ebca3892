import { BerthError } from '@berth/core';

/** A stored secret cannot be decrypted with this home's key. */
export const secretUnreadable = (name: string, keyFile: string, cause: unknown) =>
  new BerthError('SECRET_UNREADABLE', `the secret ${name} cannot be decrypted with the key in ${keyFile}`, {
    hint: 'put the key file that it was encrypted with back in its place, or set the secret again',
    fields: { name, keyFile },
    cause,
  });

/** The key file of this home is not an age identity. No cause from the library: it quotes what it was given. */
export const keyUnreadable = (keyFile: string, cause?: unknown) =>
  new BerthError('SECRET_KEY_UNREADABLE', `${keyFile} does not hold an age identity (AGE-SECRET-KEY-…)`, {
    hint: 'put the right key file back; without it the stored secrets cannot be read',
    fields: { keyFile },
    cause,
  });

export const identityInvalid = () =>
  new BerthError('IDENTITY_INVALID', 'this is no age identity (AGE-SECRET-KEY-1…), or a character of it is missing or wrong', {
    hint: 'compare it with another copy, character by character',
  });

export const sealedForAnother = () =>
  new BerthError('SEALED_FOR_ANOTHER', 'this was encrypted for another identity, or was changed or cut off', {
    hint: 'use the identity of the home that encrypted it; a recovery kit holds it',
  });

export const sealedUnreadable = () =>
  new BerthError('SEALED_UNREADABLE', 'this was not encrypted with a passphrase, or was changed or cut off', {
    hint: 'take another copy of it',
  });

export const passphraseWrong = () =>
  new BerthError('PASSPHRASE_WRONG', 'the passphrase is another one', {
    hint: 'capital letters and spaces count, also at its ends',
  });
