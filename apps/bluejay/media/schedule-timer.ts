/** Wakes up when a schedule's moment has come, and now and then for what other processes saved. */

export type ScheduleTimer = {
  /** The next moment that is known; null: none. Replaces the one before. */
  plan(atMs: number | null): void;
  stop(): void;
};

/** Another process may have saved an earlier moment, and the clock may be set. */
const LONGEST_SLEEP_MS = 30_000;

/** @param work never rejects; plans the next moment itself */
export const createScheduleTimer = (now: () => number, work: () => Promise<void>): ScheduleTimer => {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  return {
    plan(atMs) {
      clearTimeout(timer);
      if (isStopped) return;
      const delayMs = Math.min(Math.max(0, (atMs ?? Number.POSITIVE_INFINITY) - now()), LONGEST_SLEEP_MS);
      timer = setTimeout(() => void work(), delayMs);
      // A timer alone keeps no process alive.
      timer.unref();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
