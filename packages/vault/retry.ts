import { setTimeout as delay } from 'node:timers/promises';

export type RetryLimits = {
  /** After that long no further attempt begins. */
  readonly totalMs: number;
  /** One attempt may take as long. */
  readonly attemptMs: number;
  /** The longest wait before the second attempt; doubles with each. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
};

export const RETRY_LIMITS: RetryLimits = { totalMs: 120_000, attemptMs: 60_000, firstDelayMs: 200, longestDelayMs: 10_000 };

export type RetryOptions = {
  readonly limits: RetryLimits;
  readonly signal: AbortSignal | undefined;
  /** How long to wait at least before the next attempt; undefined if there is no use in one. */
  readonly retryAfterMs: (error: unknown) => number | undefined;
};

/**
 * Attempts until one succeeds, an error is final, or the time is up; then throws the last error. Waits are random up to a bound,
 * so that many who failed together do not come back together. An abort throws its reason at once.
 */
export const retry = async <T>(attempt: (signal: AbortSignal) => Promise<T>, options: RetryOptions): Promise<T> => {
  const { limits, signal, retryAfterMs } = options;
  const giveUpAt = performance.now() + limits.totalMs;
  for (let bound = limits.firstDelayMs; ; bound = Math.min(limits.longestDelayMs, bound * 2)) {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(limits.attemptMs);
    try {
      return await attempt(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
    } catch (error) {
      signal?.throwIfAborted();
      const atLeast = retryAfterMs(error);
      if (atLeast === undefined) throw error;
      const wait = Math.max(atLeast, Math.random() * bound);
      if (performance.now() + wait >= giveUpAt) throw error;
      await pause(wait, signal);
    }
  }
};

/** Rejects with the signal's own reason, which the timers of Node wrap. */
const pause = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
