/** What the forms of the site remember, forgotten when it no longer counts. */
import type { Bluejay } from '../bluejay.ts';
import { createAttempts } from './attempts.ts';
import { createFormGuard } from './form-guard.ts';
import { MOST_MESSAGES, WINDOW_MS } from './limits.ts';

/** Gives the number of rows that went. To be called now and then. */
export const sweepForms = ({ database, signer, now }: Pick<Bluejay, 'database' | 'signer' | 'now'>): number =>
  createAttempts({ database, most: MOST_MESSAGES, windowMs: WINDOW_MS, now }).sweep() +
  createFormGuard({ database, signer, now }).sweep();
