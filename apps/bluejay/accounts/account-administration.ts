/** What an administrator does with accounts, in the panel or at the command line: done, and told to the activity log. */
import type { Bluejay } from '../bluejay.ts';
import type { Actor } from '../content/content.ts';
import { type AccountRecord, openAccounts } from './account-records.ts';
import type { ActivityAction } from './activity.ts';
import { accountGone, accountInvalid } from './errors.ts';
import { createOneTimePassword, hashPassword, passwordProblem } from './password.ts';
import { type Role, ROLES } from './permissions.ts';
import { openSecondFactor } from './second-factor.ts';
import { inTransaction } from '../store/transaction.ts';

export type AdministrationParts = Pick<Bluejay, 'database' | 'now' | 'activity'>;

/** What was typed into the form of an account. */
export type AccountForm = { readonly email: string; readonly name: string; readonly role: string };

export type NewAccount = {
  readonly email: string;
  readonly name: string;
  readonly role: string;
  /** The owner's own choice. Without it a one-time password is made, which must be changed at the first login. */
  readonly password?: string | undefined;
};

/** `oneTimePassword` is known to nobody else, and kept nowhere: whoever gets it here shows it once. */
export type CreatedAccount = { readonly account: AccountRecord; readonly oneTimePassword: string | null };

const ONE_TIME_MS = 7 * 24 * 3_600_000;

/**
 * @param actor null at the command line
 * @throws AccountError ACCOUNT_INVALID with a sentence about what was typed, EMAIL_TAKEN
 */
export const createAccount = async (parts: AdministrationParts, given: NewAccount, actor: Actor): Promise<CreatedAccount> => {
  const { database, now } = parts;
  const form = parseAccountForm(given);
  const problem = given.password === undefined ? null : passwordProblem(given.password, form);
  if (problem !== null) throw accountInvalid(problem);
  const oneTimePassword = given.password === undefined ? createOneTimePassword() : null;
  const hash = await hashPassword(given.password ?? oneTimePassword ?? '');
  return inTransaction(database, () => {
    const oneTimeUntilMs = oneTimePassword === null ? null : now() + ONE_TIME_MS;
    const account = openAccounts(database, now).create(form, { hash, oneTimeUntilMs });
    note(parts, { account, actor, action: 'created', description: `Created the account of ${account.name} (${account.role})` });
    return { account, oneTimePassword };
  });
};

/** By id or mail address. Ends the account's sessions. Throws ACCOUNT_GONE. */
export const resetPassword = async (
  parts: AdministrationParts,
  which: number | string,
  actor: Actor,
): Promise<{ readonly account: AccountRecord; readonly oneTimePassword: string }> => {
  const { database, now } = parts;
  const accounts = openAccounts(database, now);
  const oneTimePassword = createOneTimePassword();
  const hash = await hashPassword(oneTimePassword);
  return inTransaction(database, () => {
    const account = typeof which === 'number' ? accounts.find(which) : accounts.findByEmail(which);
    if (account === undefined) throw accountGone();
    accounts.setPassword(account.id, { hash, oneTimeUntilMs: now() + ONE_TIME_MS });
    accounts.endSessions(account.id);
    note(parts, { account, actor, action: 'updated', description: `Reset the password of ${account.name}` });
    return { account, oneTimePassword };
  });
};

/** Throws ACCOUNT_INVALID, EMAIL_TAKEN, LAST_ADMIN, ACCOUNT_GONE. */
export const updateAccount = (
  parts: AdministrationParts,
  given: { readonly id: number; readonly form: AccountForm; readonly isActive: boolean },
  actor: Actor,
): AccountRecord =>
  inTransaction(parts.database, () => {
    const accounts = openAccounts(parts.database, parts.now);
    const before = accounts.find(given.id);
    const account = accounts.update(given.id, { ...parseAccountForm(given.form), isActive: given.isActive });
    const changes = before === undefined ? [] : describeChanges(before, account);
    const description = `Changed the account of ${account.name}: ${changes.join(', ')}`;
    if (changes.length > 0) note(parts, { account, actor, action: 'updated', description });
    return account;
  });

/** Throws LAST_ADMIN, ACCOUNT_GONE. */
export const removeAccount = (parts: AdministrationParts, id: number, actor: Actor): AccountRecord =>
  inTransaction(parts.database, () => {
    const account = openAccounts(parts.database, parts.now).remove(id);
    note(parts, { account, actor, action: 'deleted', description: `Deleted the account of ${account.name} (${account.email})` });
    return account;
  });

/** For somebody who lost telephone and recovery codes. Throws ACCOUNT_GONE. */
export const removeSecondFactor = (parts: AdministrationParts, id: number, actor: Actor): void =>
  inTransaction(parts.database, () => {
    const account = openAccounts(parts.database, parts.now).find(id);
    if (account === undefined) throw accountGone();
    openSecondFactor(parts.database, parts.now).remove(id);
    note(parts, { account, actor, action: 'updated', description: `Removed the second factor of ${account.name}` });
  });

/** What was done to an account, for the activity log. */
export const note = (
  { activity }: Pick<Bluejay, 'activity'>,
  told: {
    readonly account: { readonly id: number; readonly name: string };
    readonly actor: Actor;
    readonly action: ActivityAction;
    readonly description: string;
  },
): void => {
  const { account, actor, action, description } = told;
  activity.record({ actor, action, resource: 'account', resourceId: account.id, title: account.name, description });
};

export const parseName = (name: string): string => {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > 100) throw accountInvalid('A name has 1 to 100 characters.');
  return trimmed;
};

const parseAccountForm = ({ email, name, role }: AccountForm): { email: string; name: string; role: Role } => {
  const address = email.trim();
  // Only what every mail system agrees on; whether it exists, the first login shows.
  if (address.length > 254 || !/^[^\s@<>"',;:()[\]\\]+@[^\s@<>"',;:()[\]\\]+$/.test(address))
    throw accountInvalid('This is no mail address.');
  const known = ROLES.find((one) => one === role);
  if (known === undefined) throw accountInvalid(`A role is one of ${ROLES.join(', ')}.`);
  return { email: address, name: parseName(name), role: known };
};

const describeChanges = (before: AccountRecord, after: AccountRecord): readonly string[] => {
  const changes: string[] = [];
  if (before.email !== after.email) changes.push(`mail address ${after.email}`);
  if (before.name !== after.name) changes.push(`name, before ${before.name}`);
  if (before.role !== after.role) changes.push(`${after.role} instead of ${before.role}`);
  if (before.isActive !== after.isActive) changes.push(after.isActive ? 'activated' : 'deactivated');
  return changes;
};
