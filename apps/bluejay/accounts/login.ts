/** Who may come in: a password, then the second factor if the account has one. What it decides is told, logged and counted. */
import { createHash } from 'node:crypto';
import type { Bluejay } from '../bluejay.ts';
import { type AccountRecord, openAccounts } from './account-records.ts';
import { type Limit, openThrottle } from './login-throttle.ts';
import { createDummyHash, hashPassword, needsRehash, verifyPassword } from './password.ts';
import { openSecondFactor } from './second-factor.ts';

export type LoginParts = Pick<Bluejay, 'database' | 'now' | 'log' | 'activity'> & {
  readonly instruments: {
    readonly loginFailures: { increment(): void };
    readonly rateLimited: { with(labels: { readonly what: string }): { increment(): void } };
  };
  /** Default: argon2id. */
  readonly verify?: (hash: string, password: string) => Promise<boolean>;
};

export type LoginOutcome =
  | { readonly outcome: 'throttled'; readonly retryAfterSec: number }
  | { readonly outcome: 'refused' }
  /** The password was right; `checkCode` decides. */
  | { readonly outcome: 'code_needed'; readonly account: AccountRecord; readonly stamp: string }
  | { readonly outcome: 'accepted'; readonly account: AccountRecord };

export type Login = {
  /** @param network where it comes from, as a key for limits */
  checkPassword(email: string, password: string, network: string): Promise<LoginOutcome>;
  /** @param stamp what `checkPassword` gave: void as soon as the password is another one */
  checkCode(given: { readonly accountId: number; readonly stamp: string }, code: string, network: string): LoginOutcome;
  /** Whether it is the account's password: asked again before it changes what protects it. Throttled like a login. */
  confirm(account: { readonly id: number }, password: string): Promise<LoginOutcome>;
};

type Refusal = 'user_not_found' | 'invalid_password' | 'invalid_code';

const FREE_FOR_ACCOUNT = 5;
/** A whole office may be behind one address. */
const FREE_FOR_NETWORK = 20;

export const createLogin = (parts: LoginParts): Login => {
  const { database, now, log, activity, instruments, verify = verifyPassword } = parts;
  const accounts = openAccounts(database, now);
  const secondFactor = openSecondFactor(database, now);
  const throttle = openThrottle(database, now);
  const dummyHash = createDummyHash();

  const throttled = (retryAfterSec: number): LoginOutcome => {
    instruments.rateLimited.with({ what: 'login' }).increment();
    return { outcome: 'throttled', retryAfterSec };
  };

  const refused = (email: string, error: Refusal, account: AccountRecord | undefined): LoginOutcome => {
    instruments.loginFailures.increment();
    // Somebody may have typed the password into the wrong field.
    log.info('login attempt failed', { email: email.includes('@') ? email.slice(0, 254) : '', error });
    if (account !== undefined)
      activity.record({
        actor: null,
        action: 'login_failed',
        resource: 'account',
        resourceId: account.id,
        title: account.name,
        description: `A login as ${account.email} failed`,
      });
    return { outcome: 'refused' };
  };

  const accepted = (account: AccountRecord, network: string, how: string): LoginOutcome => {
    accounts.noteLogin(account.id, network);
    log.info('user logged in', { user_id: account.id, email: account.email });
    activity.record({
      actor: account,
      action: 'login',
      resource: 'account',
      resourceId: account.id,
      title: account.name,
      description: `Logged in ${how}`,
    });
    return { outcome: 'accepted', account };
  };

  /**
   * Strangers' failures slow the account down for strangers only: where its owner logged in before, he has a count of his own,
   * which nothing but failures for this account from there can fill.
   */
  const limitsOf = (account: AccountRecord | undefined, what: string, network: string): readonly Limit[] =>
    account !== undefined && accounts.knowsNetwork(account.id, network)
      ? [{ key: `${what}@${network}`, free: FREE_FOR_ACCOUNT, forgiving: true }]
      : [
          { key: what, free: FREE_FOR_ACCOUNT, forgiving: true },
          { key: `network:${network}`, free: FREE_FOR_NETWORK, forgiving: false },
        ];

  return {
    async checkPassword(email, password, network) {
      const account = accounts.findByEmail(email);
      const attempt = throttle.attempt(limitsOf(account, `account:${digest(email.trim().toLowerCase())}`, network));
      if (!('succeed' in attempt)) return throttled(attempt.waitSec);
      const credentials = account?.isActive === true ? accounts.credentials(account.id) : undefined;
      const isRight = await verify(credentials?.passwordHash ?? dummyHash, password);
      // It may have been deactivated, or got another password, while its hash was computed.
      const still = credentials === undefined ? undefined : accounts.credentials(credentials.account.id);
      if (credentials === undefined || still?.account.isActive !== true) return refused(email, 'user_not_found', account);
      const { passwordHash, passwordExpiresAtMs } = still;
      const isExpired = passwordExpiresAtMs !== null && passwordExpiresAtMs <= now();
      if (!isRight || isExpired || passwordHash !== credentials.passwordHash) return refused(email, 'invalid_password', account);
      attempt.succeed();
      if (needsRehash(passwordHash)) accounts.rehash(still.account.id, await hashPassword(password));
      if (!still.account.hasTotp) return accepted(still.account, network, 'with a password');
      const { passwordHash: kept = passwordHash } = accounts.credentials(still.account.id) ?? {};
      return { outcome: 'code_needed', account: still.account, stamp: digest(kept) };
    },
    checkCode({ accountId, stamp }, code, network) {
      const credentials = accounts.credentials(accountId);
      if (credentials === undefined || !credentials.account.isActive || digest(credentials.passwordHash) !== stamp)
        return { outcome: 'refused' };
      const { account } = credentials;
      const attempt = throttle.attempt(limitsOf(account, `code:${accountId}`, network));
      if (!('succeed' in attempt)) return throttled(attempt.waitSec);
      const factor = secondFactor.accept(accountId, code);
      if (factor === undefined) return refused(account.email, 'invalid_code', account);
      attempt.succeed();
      return accepted(account, network, factor === 'app' ? 'with a password and a code' : 'with a password and a recovery code');
    },
    async confirm({ id }, password) {
      const attempt = throttle.attempt([{ key: `confirm:${id}`, free: FREE_FOR_ACCOUNT, forgiving: true }]);
      if (!('succeed' in attempt)) return throttled(attempt.waitSec);
      const credentials = accounts.credentials(id);
      if (!(await verify(credentials?.passwordHash ?? dummyHash, password)) || credentials === undefined)
        return { outcome: 'refused' };
      attempt.succeed();
      return { outcome: 'accepted', account: credentials.account };
    },
  };
};

/** A key that tells nothing of what it was made from, should somebody read the table. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
