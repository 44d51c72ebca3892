import { BerthError } from '@berth/core';

/** Codes that every target throws; @berth/replicate, whose interface asks for them, documents them. */
type ContractCode = 'TARGET_EXISTS' | 'TARGET_OBJECT_MISSING' | 'TARGET_FULL' | 'TARGET_FAILED' | 'TARGET_NAME_REFUSED';

const CONTRACT: Readonly<Record<ContractCode, { says: string; hint: string }>> = {
  TARGET_EXISTS: {
    says: 'is there already',
    hint: 'another program writes this replica: stop it, or let this one take over',
  },
  TARGET_OBJECT_MISSING: {
    says: 'is not there',
    hint: 'an object deleted by hand leaves a gap that only a snapshot closes',
  },
  TARGET_FULL: {
    says: 'finds no room',
    hint: 'make room at the target, or keep less by retention; what could not be stored is tried again',
  },
  TARGET_FAILED: {
    says: 'failed',
    hint: 'check that the target is there and may be written and read',
  },
  TARGET_NAME_REFUSED: {
    says: 'cannot be the name of an object',
    hint: 'names are words of letters, digits, ".", "_" and "-", joined by "/"',
  },
};

export type TargetObject = { readonly target: string; readonly name: string };

/** No cause: what an SDK throws may hold keys and signed texts. `why` has to be free of them. */
export const targetError = (code: ContractCode, { target, name }: TargetObject, why?: string): BerthError => {
  const { says, hint } = CONTRACT[code];
  return new BerthError(code, `${target}: ${name} ${says}${why === undefined ? '' : `: ${why}`}`, {
    hint,
    fields: { target, name, ...(why === undefined ? {} : { why }) },
  });
};

export const targetDenied = ({ target, name }: TargetObject, why: string): BerthError =>
  new BerthError('TARGET_DENIED', `${target} denies access to ${name}: ${why}`, {
    hint: 'check the access key, that it is not rotated or expired, and that it may read, write, list and delete in this bucket',
    fields: { target, name, why },
  });

export const targetNotConditional = (target: string): BerthError =>
  new BerthError('TARGET_NOT_CONDITIONAL', `${target} stores an object although another is there and it was asked not to`, {
    hint: 'two machines could then spoil one replica unseen: use another endpoint, or accept that with conditional-writes=check-first',
    fields: { target },
  });

export const targetUrlInvalid = (url: string, why: string): BerthError =>
  new BerthError('TARGET_URL_INVALID', `${url} names no target: ${why}`, {
    hint: 'write dir:/path, or s3://bucket/prefix?endpoint=https://host&region=name&path-style=true',
    fields: { url, why },
  });

export const targetUrlHoldsSecret = (url: string): BerthError =>
  new BerthError('TARGET_URL_HOLDS_SECRET', `${url} holds credentials, which were left out here`, {
    hint: 'addresses end up in logs and histories: give the keys apart, and replace those that you have just typed',
    fields: { url },
  });

export const targetCredentialsMissing = (target: string): BerthError =>
  new BerthError('TARGET_CREDENTIALS_MISSING', `no access key is known for ${target}`, {
    hint: 'give an access key id and a secret access key that may read, write, list and delete in this bucket',
    fields: { target },
  });
