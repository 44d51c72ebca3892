/** Accounts from the command line: the first administrator, and the way back in when nobody is left who could let in. */
import type { CreatedAccount } from './account-administration.ts';
import { type AdministrationParts, createAccount, resetPassword } from './account-administration.ts';
import { accountInvalid } from './errors.ts';

export type CreateAdminOptions = {
  readonly email: string;
  readonly name: string;
  /** Default `admin`. */
  readonly role?: string | undefined;
  /** The password comes from standard input: an argument would be in the list of processes and in the shell's history. */
  readonly passwordFrom?: AsyncIterable<string | Uint8Array> | undefined;
};

/**
 * Gives lines to print. Without a password one is made, and stands in the lines: nobody sees it again.
 * @throws AccountError ACCOUNT_INVALID, EMAIL_TAKEN
 */
export const createAdminCommand = async (parts: AdministrationParts, options: CreateAdminOptions): Promise<readonly string[]> => {
  const { email, name, role = 'admin', passwordFrom } = options;
  const password = passwordFrom === undefined ? undefined : await readPassword(passwordFrom);
  const { account, oneTimePassword } = await createAccount(parts, { email, name, role, password }, null);
  return [`Created the account of ${account.name} <${account.email}>, role ${account.role}.`, ...oneTimeLines(oneTimePassword)];
};

/** @throws AccountError ACCOUNT_GONE */
export const resetPasswordCommand = async (parts: AdministrationParts, email: string): Promise<readonly string[]> => {
  const { account, oneTimePassword } = await resetPassword(parts, email, null);
  return [
    `Reset the password of ${account.name} <${account.email}>; all its sessions have ended.`,
    ...oneTimeLines(oneTimePassword),
  ];
};

const oneTimeLines = (password: CreatedAccount['oneTimePassword']): readonly string[] =>
  password === null ? [] : [`One-time password, for a week, to be changed at the first login: ${password}`];

/** The first line; nobody types more than this. */
const LONGEST_BYTES = 4_096;

const readPassword = async (input: AsyncIterable<string | Uint8Array>): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of input) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.includes('\n') || text.length > LONGEST_BYTES) break;
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw accountInvalid('There was no password on standard input.');
  return line;
};
