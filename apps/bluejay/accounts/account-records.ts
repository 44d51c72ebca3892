/** The accounts in the database. Whoever changes one asks nobody here whether he may: that is the routes' business. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { accountGone, emailTaken, lastAdmin } from './errors.ts';
import type { Role } from './permissions.ts';
import type { Account } from './session.ts';
import { inTransaction } from '../store/transaction.ts';

export type AccountRecord = Account & {
  readonly isActive: boolean;
  readonly mustChangePassword: boolean;
  readonly hasTotp: boolean;
  readonly lastLoginAtMs: number | null;
  readonly createdAtMs: number;
};

/** What a login is checked against. */
export type Credentials = {
  readonly account: AccountRecord;
  readonly passwordHash: string;
  /** A one-time password does not let in after it. */
  readonly passwordExpiresAtMs: number | null;
};

export type NewPassword = {
  readonly hash: string;
  /** Somebody else knows it: it must be changed at once, and ends at this moment. null: the owner's own. */
  readonly oneTimeUntilMs: number | null;
};

export type AccountChanges = {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly isActive: boolean;
};

export type AccountRecords = {
  list(): readonly AccountRecord[];
  find(id: number): AccountRecord | undefined;
  /** Letter case aside. */
  findByEmail(email: string): AccountRecord | undefined;
  credentials(id: number): Credentials | undefined;
  /** Throws EMAIL_TAKEN. */
  create(account: Omit<AccountChanges, 'isActive'>, password: NewPassword): AccountRecord;
  /** Throws EMAIL_TAKEN, LAST_ADMIN, ACCOUNT_GONE. Deactivation ends the sessions; another role rotates their tokens. */
  update(id: number, changes: AccountChanges): AccountRecord;
  rename(id: number, name: string): void;
  /** Ends no session: see `revokeOthers`. */
  setPassword(id: number, password: NewPassword): void;
  /** The same password, kept with more effort. */
  rehash(id: number, hash: string): void;
  /** Wherever it is logged in, at the next request it is not any more. */
  endSessions(id: number): void;
  /** Throws LAST_ADMIN, ACCOUNT_GONE. */
  remove(id: number): AccountRecord;
  noteLogin(id: number, network: string): void;
  /** Whether the account logged in from there in the last months. */
  knowsNetwork(id: number, network: string): boolean;
};

const NETWORKS_KEPT_MS = 90 * 24 * 3_600_000;

export const openAccounts = (database: DatabaseSync, now: () => number): AccountRecords => {
  const sql = database.createTagStore();
  const find = (id: number): AccountRecord | undefined => recordOf(sql.get`SELECT * FROM accounts WHERE id = ${id}`);
  const findByEmail = (email: string): AccountRecord | undefined =>
    recordOf(sql.get`SELECT * FROM accounts WHERE email = ${email.trim()}`);
  const get = (id: number): AccountRecord => {
    const account = find(id);
    if (account === undefined) throw accountGone();
    return account;
  };
  const requireFreeEmail = (email: string, except: number | null): void => {
    const other = findByEmail(email);
    if (other !== undefined && other.id !== except) throw emailTaken(email);
  };
  /** Called within the transaction that took one away: throwing brings it back. */
  const requireAdmin = (): void => {
    if (sql.get`SELECT 1 FROM accounts WHERE role = 'admin' AND is_active = 1 LIMIT 1` === undefined) throw lastAdmin();
  };

  return {
    list: () =>
      sql.all`SELECT * FROM accounts ORDER BY is_active DESC, name COLLATE NOCASE, id`.flatMap((row) => recordOf(row) ?? []),
    find,
    findByEmail,
    credentials(id) {
      const row = sql.get`SELECT * FROM accounts WHERE id = ${id}`;
      const account = recordOf(row);
      if (row === undefined || account === undefined) return undefined;
      const { password_hash: hash, password_expires_at: expires } = row;
      return { account, passwordHash: String(hash), passwordExpiresAtMs: expires === null ? null : Number(expires) };
    },
    create: ({ email, name, role }, { hash, oneTimeUntilMs }) =>
      inTransaction(database, () => {
        requireFreeEmail(email, null);
        const { lastInsertRowid } = sql.run`
          INSERT INTO accounts (email, name, role, password_hash, must_change_password, password_expires_at, created_at, updated_at)
          VALUES (${email.trim()}, ${name}, ${role}, ${hash}, ${oneTimeUntilMs === null ? 0 : 1}, ${oneTimeUntilMs}, ${now()}, ${now()})`;
        return get(Number(lastInsertRowid));
      }),
    update: (id, { email, name, role, isActive }) =>
      inTransaction(database, () => {
        const before = get(id);
        requireFreeEmail(email, id);
        void sql.run`
          UPDATE accounts SET email = ${email.trim()}, name = ${name}, role = ${role}, is_active = ${isActive ? 1 : 0}, updated_at = ${now()}
          WHERE id = ${id}`;
        if (before.role === 'admin' && before.isActive) requireAdmin();
        if (!isActive) void sql.run`DELETE FROM sessions WHERE account = ${id}`;
        if (role !== before.role) void sql.run`UPDATE sessions SET must_rotate = 1 WHERE account = ${id}`;
        return get(id);
      }),
    rename(id, name) {
      void sql.run`UPDATE accounts SET name = ${name}, updated_at = ${now()} WHERE id = ${id}`;
    },
    setPassword(id, { hash, oneTimeUntilMs }) {
      void sql.run`
        UPDATE accounts SET password_hash = ${hash}, must_change_password = ${oneTimeUntilMs === null ? 0 : 1},
          password_expires_at = ${oneTimeUntilMs}, updated_at = ${now()}
        WHERE id = ${id}`;
    },
    rehash(id, hash) {
      void sql.run`UPDATE accounts SET password_hash = ${hash} WHERE id = ${id}`;
    },
    endSessions(id) {
      void sql.run`DELETE FROM sessions WHERE account = ${id}`;
    },
    remove: (id) =>
      inTransaction(database, () => {
        const account = get(id);
        void sql.run`DELETE FROM sessions WHERE account = ${id}`;
        void sql.run`DELETE FROM recovery_codes WHERE account = ${id}`;
        void sql.run`DELETE FROM known_networks WHERE account = ${id}`;
        void sql.run`DELETE FROM accounts WHERE id = ${id}`;
        if (account.role === 'admin' && account.isActive) requireAdmin();
        return account;
      }),
    noteLogin: (id, network) =>
      inTransaction(database, () => {
        void sql.run`UPDATE accounts SET last_login_at = ${now()} WHERE id = ${id}`;
        void sql.run`
          INSERT INTO known_networks (account, network, last_login_at) VALUES (${id}, ${network}, ${now()})
          ON CONFLICT (account, network) DO UPDATE SET last_login_at = excluded.last_login_at`;
      }),
    knowsNetwork: (id, network) =>
      sql.get`
        SELECT 1 FROM known_networks
        WHERE account = ${id} AND network = ${network} AND last_login_at > ${now() - NETWORKS_KEPT_MS}` !== undefined,
  };
};

/** Gives how many were forgotten. */
export const sweepNetworks = (database: DatabaseSync, nowMs: number): number =>
  Number(database.prepare('DELETE FROM known_networks WHERE last_login_at <= ?').run(nowMs - NETWORKS_KEPT_MS).changes);

const recordOf = (row: Readonly<Record<string, SQLOutputValue>> | undefined): AccountRecord | undefined =>
  row === undefined
    ? undefined
    : {
        id: Number(row['id']),
        email: String(row['email']),
        name: String(row['name']),
        role: row['role'] as Role,
        isActive: row['is_active'] === 1,
        mustChangePassword: row['must_change_password'] === 1,
        hasTotp: row['totp_secret'] !== null,
        lastLoginAtMs: row['last_login_at'] === null ? null : Number(row['last_login_at']),
        createdAtMs: Number(row['created_at']),
      };
