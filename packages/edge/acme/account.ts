import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BerthError } from '@berth/core';
import { createAccountKey, readAccountKey } from './account-key.ts';
import type { Authority, Signer } from './authority.ts';
import { authorityRefused, termsNotAgreed } from './errors.ts';
import { readRecord, writeRecord } from './records.ts';

export type AccountOptions = {
  /** A directory that only we may read. */
  readonly home: string;
  readonly directoryUrl: string;
  readonly email: string | null;
  /** That the authority's terms of service are agreed to, by whoever set it up. */
  readonly termsAgreed: boolean;
};

type AccountRecord = {
  readonly directory: string;
  readonly key: string;
  readonly url: string | null;
  readonly email: string | null;
};

/**
 * The account with this authority: the kept one, else a new one. The key is kept before the authority hears of it, so that
 * an attempt that was cut off finds its account again.
 */
export const ensureAccount = async (
  options: AccountOptions,
  authority: Authority,
  signal: AbortSignal,
): Promise<Signer & { url: string }> => {
  const { email, directoryUrl, termsAgreed } = options;
  const file = fileOf(options);
  const kept = await readRecord<AccountRecord>(file);
  const key = kept === null ? createAccountKey() : readAccountKey(kept.key);
  const contact = email === null ? [] : [`mailto:${email}`];
  const keep = (url: string | null) =>
    writeRecord(file, { directory: directoryUrl, key: key.pem, url, email } satisfies AccountRecord);

  const create = async (): Promise<string> => {
    const { newAccount, termsOfService } = await authority.directory(signal);
    if (termsOfService !== null && !termsAgreed) throw termsNotAgreed(termsOfService);
    if (kept === null) await keep(null);
    const payload = { termsOfServiceAgreed: termsAgreed, ...(contact.length > 0 && { contact }) };
    const answer = await authority.post(newAccount, payload, { key, url: null }, signal);
    const { location } = answer.headers;
    if (location === undefined)
      throw authorityRefused([], { type: 'malformed', detail: 'it named no account', status: answer.status });
    await keep(location);
    return location;
  };

  if (kept === null || kept.url === null) return { key, url: await create() };
  if (kept.email === email) return { key, url: kept.url };
  try {
    await authority.post(kept.url, { contact }, { key, url: kept.url }, signal);
    await keep(kept.url);
    return { key, url: kept.url };
  } catch (error) {
    if (isAccountUnknown(error)) return { key, url: await create() };
    throw error;
  }
};

/** An authority that has forgotten the account knows it again once the same key is registered. */
export const forgetAccountUrl = async (options: AccountOptions): Promise<void> => {
  const file = fileOf(options);
  const kept = await readRecord<AccountRecord>(file);
  if (kept !== null) await writeRecord(file, { ...kept, url: null } satisfies AccountRecord);
};

export const isAccountUnknown = (error: unknown): boolean =>
  error instanceof BerthError && error.code === 'ACME_REFUSED' && error.fields.type === 'accountDoesNotExist';

const fileOf = ({ home, directoryUrl }: AccountOptions): string =>
  join(home, 'accounts', `${createHash('sha256').update(directoryUrl).digest('hex').slice(0, 16)}.json`);
