/** How often is too often: failed attempts for each key within a window, and a bucket of tokens for one stream. */

export type AttemptLimiter = {
  /** Whole seconds until the key may try again; 0 when it may now. */
  retryAfterSec(key: string): number;
  /** Counts a failed attempt. */
  fail(key: string): void;
  /** Forgets the key's failures, after a success. */
  clear(key: string): void;
};

export type AttemptLimiterOptions = {
  /** Failures within the window after which the key must wait until the oldest of them is out of it. */
  readonly limit: number;
  readonly windowMs: number;
  /** Milliseconds; default performance.now, which no change of the wall clock moves. */
  readonly now?: () => number;
  /** The keys whose last failure is longest ago are forgotten beyond it, so that memory is bounded. Default 10000. */
  readonly maxKeys?: number;
};

export const createAttemptLimiter = (options: AttemptLimiterOptions): AttemptLimiter => {
  const { limit, windowMs, now = () => performance.now(), maxKeys = 10_000 } = options;
  /** Times of each key's last failures, at most `limit` of them; in the order of the last failure. */
  const failures = new Map<string, readonly number[]>();
  const recent = (key: string): readonly number[] => {
    const nowMs = now();
    // After a clock was set back, failures of the future would lock the key out until it has caught up.
    return (failures.get(key) ?? []).filter((time) => time > nowMs - windowMs && time <= nowMs);
  };
  return {
    retryAfterSec(key) {
      const times = recent(key);
      const [oldest] = times;
      if (times.length < limit || oldest === undefined) return 0;
      return Math.max(1, Math.ceil((oldest + windowMs - now()) / 1000));
    },
    fail(key) {
      const times = [...recent(key), now()].slice(-limit);
      failures.delete(key);
      failures.set(key, times);
      for (const oldestKey of failures.keys()) {
        if (failures.size <= maxKeys) break;
        failures.delete(oldestKey);
      }
    },
    clear: (key) => {
      failures.delete(key);
    },
  };
};

export type TokenBucket = {
  /** Takes the tokens if all are there. */
  take(tokens?: number): boolean;
  /** Milliseconds until so many tokens are there; 0 when they are. Infinity for more than the bucket holds. */
  waitMs(tokens?: number): number;
};

export type TokenBucketOptions = {
  /** How many it holds, and has at first. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** Milliseconds; default performance.now, which no change of the wall clock moves. */
  readonly now?: () => number;
};

export const createTokenBucket = (options: TokenBucketOptions): TokenBucket => {
  const { capacity, refillPerSecond, now = () => performance.now() } = options;
  let tokens = capacity;
  let filledMs = now();
  const refill = (): void => {
    const nowMs = now();
    tokens = Math.min(capacity, tokens + (Math.max(0, nowMs - filledMs) / 1000) * refillPerSecond);
    filledMs = nowMs;
  };
  return {
    take(wanted = 1) {
      refill();
      if (tokens < wanted) return false;
      tokens -= wanted;
      return true;
    },
    waitMs(wanted = 1) {
      refill();
      if (tokens >= wanted) return 0;
      return wanted > capacity ? Number.POSITIVE_INFINITY : Math.ceil(((wanted - tokens) / refillPerSecond) * 1000);
    },
  };
};
