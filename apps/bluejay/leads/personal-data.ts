/** What is kept of a person, found and erased by the mail address; and what is too old to be kept. */
import type { DatabaseSync } from 'node:sqlite';
import { prepared } from '../store/statements.ts';
import { inTransaction } from '../store/transaction.ts';

const DAY_MS = 86_400_000;
const TABLES = ['contact_submissions', 'whitepaper_downloads'] as const;

export type Erased = { readonly submissions: number; readonly downloads: number };

/** Letter case and spaces around it aside. */
export const countPersonalData = (database: DatabaseSync, email: string): Erased => {
  const [submissions = 0, downloads = 0] = TABLES.map((table) =>
    Number(
      prepared(database, `SELECT count(*) AS total FROM ${table} WHERE email = ? COLLATE NOCASE`).get(email.trim())?.['total'],
    ),
  );
  return { submissions, downloads };
};

/** The rows, and with the next VACUUM their bytes. Backups keep them as long as backups are kept. */
export const erasePersonalData = (database: DatabaseSync, email: string): Erased =>
  inTransaction(database, () => {
    const [submissions = 0, downloads = 0] = TABLES.map((table) =>
      Number(prepared(database, `DELETE FROM ${table} WHERE email = ? COLLATE NOCASE`).run(email.trim()).changes),
    );
    return { submissions, downloads };
  });

/** Deletes what is older than so many days; null keeps all. Gives the number of rows. */
export const sweepPersonalData = (database: DatabaseSync, days: number | null, nowMs: number): number =>
  days === null
    ? 0
    : TABLES.reduce(
        (total, table) =>
          total + Number(prepared(database, `DELETE FROM ${table} WHERE created_at < ?`).run(nowMs - days * DAY_MS).changes),
        0,
      );
