/** How often somebody sent a form lately: a window that slides, kept in the database, so that a restart forgives nothing. */
import type { DatabaseSync } from 'node:sqlite';

export type Attempts = {
  /** Counts this one, unless there were too many already; then the seconds until one more is taken. */
  take(key: string): { readonly isAllowed: true } | { readonly isAllowed: false; readonly retryAfterSec: number };
  /** Forgets what no longer counts; gives the number of rows. */
  sweep(): number;
};

export type AttemptsOptions = {
  readonly database: DatabaseSync;
  readonly most: number;
  readonly windowMs: number;
  readonly now: () => number;
};

/** Refused attempts do not count: who waits gets through, however impatient he was. */
export const createAttempts = ({ database, most, windowMs, now }: AttemptsOptions): Attempts => {
  const recent = database.prepare('SELECT at FROM form_attempts WHERE key = ? AND at > ? ORDER BY at DESC LIMIT ?');
  const insert = database.prepare('INSERT INTO form_attempts (key, at) VALUES (?, ?)');
  const forget = database.prepare('DELETE FROM form_attempts WHERE at <= ?');
  return {
    take(key) {
      const present = now();
      const times = recent.all(key, present - windowMs, most).map((row) => Number(row['at']));
      const oldest = times.at(-1);
      if (oldest !== undefined && times.length >= most)
        return { isAllowed: false, retryAfterSec: Math.max(1, Math.ceil((oldest + windowMs - present) / 1000)) };
      insert.run(key, present);
      return { isAllowed: true };
    },
    sweep: () => Number(forget.run(now() - windowMs).changes),
  };
};
