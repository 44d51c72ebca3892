/** The second factor of an account: codes of an authenticator app, and recovery codes for when it is lost. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { hashToken } from './session-cookie.ts';
import { base32, createTotpSecret, matchTotp } from './totp.ts';
import { inTransaction } from '../store/transaction.ts';

export type SecondFactor = {
  /** A new secret that counts only once it is confirmed; the one from before that was not is gone. */
  begin(accountId: number): Uint8Array;
  pending(accountId: number): Uint8Array | undefined;
  /** With a code of the pending secret it becomes the account's. Gives the recovery codes, which nobody ever sees again. */
  confirm(accountId: number, code: string): readonly string[] | undefined;
  /** The secret and the recovery codes are gone. */
  remove(accountId: number): void;
  /** A code of the app, or a recovery code; each lets in once. */
  accept(accountId: number, code: string): 'app' | 'recovery' | undefined;
  renewRecoveryCodes(accountId: number): readonly string[];
  countRecoveryCodes(accountId: number): number;
};

const RECOVERY_CODES = 10;
/** 80 bits: a plain hash of so much chance cannot be guessed back. */
const RECOVERY_BYTES = 10;

export const openSecondFactor = (database: DatabaseSync, now: () => number): SecondFactor => {
  const sql = database.createTagStore();
  const pending = (accountId: number): Uint8Array | undefined => {
    const secret = sql.get`SELECT totp_pending AS secret FROM accounts WHERE id = ${accountId}`?.['secret'];
    return secret instanceof Uint8Array ? secret : undefined;
  };
  const renewRecoveryCodes = (accountId: number): readonly string[] =>
    inTransaction(database, () => {
      const codes = Array.from({ length: RECOVERY_CODES }, createRecoveryCode);
      void sql.run`DELETE FROM recovery_codes WHERE account = ${accountId}`;
      for (const code of codes)
        void sql.run`INSERT INTO recovery_codes (account, code_hash) VALUES (${accountId}, ${hashRecoveryCode(code)})`;
      return codes;
    });

  return {
    begin(accountId) {
      const secret = createTotpSecret();
      void sql.run`UPDATE accounts SET totp_pending = ${secret} WHERE id = ${accountId}`;
      return secret;
    },
    pending,
    confirm: (accountId, code) =>
      inTransaction(database, () => {
        const secret = pending(accountId);
        const step = secret === undefined ? undefined : matchTotp({ secret, code, nowMs: now(), lastStep: 0 });
        if (step === undefined) return undefined;
        void sql.run`
          UPDATE accounts SET totp_secret = totp_pending, totp_pending = NULL, totp_last_step = ${step}, updated_at = ${now()}
          WHERE id = ${accountId}`;
        return renewRecoveryCodes(accountId);
      }),
    remove: (accountId) =>
      inTransaction(database, () => {
        void sql.run`UPDATE accounts SET totp_secret = NULL, totp_pending = NULL, updated_at = ${now()} WHERE id = ${accountId}`;
        void sql.run`DELETE FROM recovery_codes WHERE account = ${accountId}`;
      }),
    accept: (accountId, code) =>
      inTransaction(database, () => {
        const row = sql.get`SELECT totp_secret AS secret, totp_last_step AS step FROM accounts WHERE id = ${accountId}`;
        if (!(row?.['secret'] instanceof Uint8Array)) return undefined;
        const step = matchTotp({ secret: row['secret'], code, nowMs: now(), lastStep: Number(row['step']) });
        if (step !== undefined) {
          void sql.run`UPDATE accounts SET totp_last_step = ${step} WHERE id = ${accountId}`;
          return 'app';
        }
        const used = sql.run`DELETE FROM recovery_codes WHERE account = ${accountId} AND code_hash = ${hashRecoveryCode(code)}`;
        return Number(used.changes) === 1 ? 'recovery' : undefined;
      }),
    renewRecoveryCodes,
    countRecoveryCodes: (accountId) =>
      Number(sql.get`SELECT count(*) AS codes FROM recovery_codes WHERE account = ${accountId}`?.['codes'] ?? 0),
  };
};

/** `ABCD-EFGH-IJKL-MNOP`. */
const createRecoveryCode = (): string => (base32(randomBytes(RECOVERY_BYTES)).match(/.{4}/g) ?? []).join('-');

/** However it was typed. */
const hashRecoveryCode = (code: string): Buffer => hashToken(code.toUpperCase().replaceAll(/[^A-Z2-7]/g, ''));
