import type { Bluejay } from '../bluejay.ts';
import { sweepNetworks } from './account-records.ts';
import { sweepAttempts } from './login-throttle.ts';
import { sweepSessions } from './sessions.ts';

/** Removes what has ended: sessions, old attempts to log in, networks nobody logged in from for months. To be called now and then. */
export const sweepAccounts = ({ database, env, now }: Pick<Bluejay, 'database' | 'env' | 'now'>): number => {
  const nowMs = now();
  const sessions = sweepSessions(database, { nowMs, idleMs: env.sessionIdleMs });
  return sessions + sweepAttempts(database, nowMs) + sweepNetworks(database, nowMs);
};
