/** Time that moves only when a test says so. */
export type FakeClock = {
  now(): Date;
  /** Resolves when the clock has been moved that far; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Moves the clock, waking sleepers in order, each at its own time. */
  advance(ms: number): Promise<void>;
  /** How many sleep now: what a test waits for before it moves the clock. */
  readonly sleepers: number;
};

export const createFakeClock = (start: Date | string | number = '2030-01-01T00:00:00Z'): FakeClock => {
  let nowMs = new Date(start).getTime();
  const sleeping = new Set<{ wakeAtMs: number; wake: () => void }>();

  return {
    now: () => new Date(nowMs),
    get sleepers() {
      return sleeping.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = {
          wakeAtMs: nowMs + ms,
          wake: () => {
            sleeping.delete(sleeper);
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        const onAbort = (): void => {
          sleeping.delete(sleeper);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        sleeping.add(sleeper);
      }),
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = [...sleeping].sort((a, b) => a.wakeAtMs - b.wakeAtMs)[0];
        if (next === undefined || next.wakeAtMs > untilMs) break;
        nowMs = Math.max(nowMs, next.wakeAtMs);
        next.wake();
        await settled();
      }
      nowMs = untilMs;
      await settled();
    },
  };
};

/** Lets everything that was waiting for a promise go on, so that it can sleep again within the same advance. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
