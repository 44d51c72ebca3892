/**
 * How often somebody may try: after some free failures every further one makes the next wait twice as long, up to a quarter of
 * an hour. Kept in the database: a restart forgets nothing, and two processes count together. Attempts that are refused do not
 * count, so that whoever goes on trying does not prolong the wait of others.
 */
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../store/transaction.ts';

export type Limit = {
  readonly key: string;
  /** Failures without any wait. */
  readonly free: number;
  /** Success forgets all failures under the key; otherwise only the attempt that succeeded. */
  readonly forgiving: boolean;
};

/** An attempt under way: it counts as failed from the start, so that a thousand at once are not taken for the first. */
export type Attempt = { readonly waitSec: 0; succeed(): void };

export type Throttle = {
  /** Either how many whole seconds to wait, or an attempt. */
  attempt(limits: readonly Limit[]): Attempt | { readonly waitSec: number };
};

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 900_000;
const WINDOW_MS = 6 * 3_600_000;

export const openThrottle = (database: DatabaseSync, now: () => number): Throttle => {
  const sql = database.createTagStore();
  const waitMs = ({ key, free }: Limit): number => {
    const row = sql.get`SELECT count(*) AS failures, max(at) AS last FROM login_attempts WHERE key = ${key} AND at > ${now() - WINDOW_MS}`;
    const failures = Number(row?.['failures'] ?? 0);
    if (failures < free) return 0;
    const delayMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - free));
    // A clock that was set back must not lock anybody out for longer than that.
    return Math.min(LONGEST_WAIT_MS, Number(row?.['last'] ?? 0) + delayMs - now());
  };

  return {
    attempt: (limits) =>
      inTransaction(database, () => {
        const longestMs = Math.max(0, ...limits.map(waitMs));
        if (longestMs > 0) return { waitSec: Math.ceil(longestMs / 1_000) };
        const noted = limits.map((limit) => {
          const { lastInsertRowid } = sql.run`INSERT INTO login_attempts (key, at) VALUES (${limit.key}, ${now()})`;
          return { ...limit, id: lastInsertRowid };
        });
        return {
          waitSec: 0,
          succeed: () =>
            inTransaction(database, () => {
              for (const { id, key, forgiving } of noted)
                if (forgiving) void sql.run`DELETE FROM login_attempts WHERE key = ${key}`;
                else void sql.run`DELETE FROM login_attempts WHERE id = ${id}`;
            }),
        };
      }),
  };
};

/** Attempts that nothing depends on any more. Gives how many there were. */
export const sweepAttempts = (database: DatabaseSync, nowMs: number): number =>
  Number(database.prepare('DELETE FROM login_attempts WHERE at <= ?').run(nowMs - WINDOW_MS).changes);
