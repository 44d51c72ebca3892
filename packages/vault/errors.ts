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

export const vaultMissing = (target: string): BerthError =>
  new BerthError('VAULT_MISSING', `there is no vault at ${target}`, {
    hint: 'check the address: the prefix is part of it; `berth target add` makes a vault',
    fields: { target },
  });

export const vaultForeign = (target: string, createdAt: number): BerthError =>
  new BerthError('VAULT_FOREIGN', `${target} holds the vault of another platform, made ${dateOf(createdAt)}`, {
    hint: 'give this platform a place of its own: another prefix or directory; nothing was changed there',
    fields: { target, createdAt: dateOf(createdAt) },
  });

export const vaultKeyRefused = (target: string): BerthError =>
  new BerthError('VAULT_KEY_REFUSED', `the vault at ${target} cannot be opened with the identity of this home`, {
    hint: 'to bring its platform back use the recovery kit of that platform; to back up this one, another prefix or directory',
    fields: { target },
  });

export const vaultBroken = (target: string, why: string): BerthError =>
  new BerthError('VAULT_BROKEN', `the vault at ${target} cannot be used: ${why}`, {
    hint: 'put back what was deleted or changed there, from a copy or an older version; or use another prefix or directory',
    fields: { target, why },
  });

export const vaultLost = (target: string): BerthError =>
  new BerthError('VAULT_LOST', `the vault at ${target} has no owner any more: what it held was deleted`, {
    hint: 'see who deletes there; then remove the target and add it again: everything is sent anew',
    fields: { target },
  });

type OwnerSeen = { readonly host: string; readonly since: number; readonly seenAt: number };

export const vaultOwned = (target: string, { host, since, seenAt }: OwnerSeen): BerthError =>
  new BerthError(
    'VAULT_OWNED',
    `${host} writes the vault at ${target} since ${dateOf(since)}, and was seen there last ${dateOf(seenAt)}`,
    {
      hint: `if ${host} is lost or will never run again, repeat with --take-over; while it runs, use another prefix or directory`,
      fields: { target, host, since: dateOf(since), seenAt: dateOf(seenAt) },
    },
  );

export const vaultOwnerUnreadable = (target: string): BerthError =>
  new BerthError('VAULT_OWNER_UNREADABLE', `what says who writes the vault at ${target} is damaged`, {
    hint: 'make sure that no other machine writes there, then repeat with --take-over',
    fields: { target },
  });

const dateOf = (at: number): string =>
  Number.isFinite(new Date(at).getTime()) ? new Date(at).toISOString() : 'at no known time';

export const vaultTaskEnded = (task: string, how: string): BerthError =>
  new BerthError('VAULT_TASK_ENDED', `the process of the task ${task} ended before it was done: ${how}`, {
    hint: 'it can be run again; what it said on stderr tells more. Nothing half is left of a restore',
    fields: { task, how },
  });

export const kitUnreadable = (line: number, why: string): BerthError =>
  new BerthError('KIT_UNREADABLE', `this is no recovery kit that can be used, line ${line}: ${why}`, {
    hint: 'take another copy of the kit; any kit of the same platform will do, also an older one',
    fields: { line, why },
  });

export const kitLocked = (): BerthError =>
  new BerthError('KIT_LOCKED', 'the recovery kit is encrypted with a passphrase', {
    hint: 'give the passphrase that was chosen when the kit was written',
  });

export const kitPassphraseWrong = (): BerthError =>
  new BerthError('KIT_PASSPHRASE_WRONG', 'the recovery kit is encrypted with another passphrase', {
    hint: 'capital letters and spaces count; a kit written later may have another one',
  });
