import { asBerthError, type BerthError } from '@berth/core';

/** Work that nobody waits for: one at a time for each key, tried again later and later while it fails. */
export interface Background {
  /** Begins it unless it is under way, or failed a moment ago. */
  run(key: string, work: (signal: AbortSignal) => Promise<void>): void;
  isRunning(key: string): boolean;
  /** Aborts what runs and waits for its end. */
  end(): Promise<void>;
}

export function createBackground(deps: { now: () => Date; onFailure: (key: string, error: BerthError) => void }): Background {
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, { count: number; retryAtMs: number }>();
  const ending = new AbortController();
  return {
    run(key, work) {
      const failure = failures.get(key);
      if (ending.signal.aborted || running.has(key) || (failure && deps.now().getTime() < failure.retryAtMs)) return;
      const job = work(ending.signal)
        .then(() => void failures.delete(key))
        .catch((cause: unknown) => {
          if (ending.signal.aborted) return;
          const count = (failures.get(key)?.count ?? 0) + 1;
          const waitMs = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** (count - 1));
          failures.set(key, { count, retryAtMs: deps.now().getTime() + waitMs });
          deps.onFailure(key, asBerthError(cause));
        })
        .finally(() => void running.delete(key));
      running.set(key, job);
    },
    isRunning: (key) => running.has(key),
    async end() {
      ending.abort();
      await Promise.allSettled(running.values());
    },
  };
}

const SHORTEST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;
