/** Whether the process lives, and whether it can serve: named checks, each given a limited time. */
import { type Clock, systemClock } from './clock.ts';

/** Null when all is well, else the reason. Throwing is a reason too. The signal aborts when nobody waits any more. */
export type HealthCheck = (signal: AbortSignal) => string | null | Promise<string | null>;
export type CheckResult = { readonly name: string; readonly ok: boolean; readonly reason: string | null; readonly ms: number };
export type Readiness = { readonly ready: boolean; readonly checks: readonly CheckResult[] };

export type Health = {
  add(name: string, check: HealthCheck): void;
  /** Runs all checks at once; ready when there are none. Never rejects. */
  readiness(): Promise<Readiness>;
  /** That it answers is the proof: it depends on nothing, since a restart would not mend what the process depends on. */
  liveness(): { readonly alive: true; readonly uptimeSec: number };
};

/** @param options.timeoutMs for each check; default 2000 */
export const createHealth = (options: { readonly timeoutMs?: number; readonly clock?: Clock } = {}): Health => {
  const { timeoutMs = 2000, clock = systemClock } = options;
  const checks = new Map<string, HealthCheck>();
  /** A check that hangs is not started again before it has ended: else every question would leave one more behind. */
  const running = new Map<string, Promise<string | null>>();

  const start = (name: string, check: HealthCheck, signal: AbortSignal): Promise<string | null> => {
    const already = running.get(name);
    if (already !== undefined) return already;
    const run = outcomeOf(check, signal).finally(() => running.delete(name));
    running.set(name, run);
    return run;
  };

  const examine = async (name: string, check: HealthCheck): Promise<CheckResult> => {
    const startedMs = clock.now().getTime();
    const overtime = new AbortController();
    const answered = new AbortController();
    const late = clock.sleep(timeoutMs, answered.signal).then(
      () => `no answer within ${timeoutMs} ms`,
      () => null,
    );
    const reason = await Promise.race([start(name, check, overtime.signal), late]);
    answered.abort();
    overtime.abort();
    return { name, ok: reason === null, reason, ms: Math.max(0, clock.now().getTime() - startedMs) };
  };

  return {
    add(name, check) {
      if (checks.has(name)) throw new Error(`the health check ${name} is registered twice`);
      checks.set(name, check);
    },
    async readiness() {
      const results = await Promise.all([...checks].map(([name, check]) => examine(name, check)));
      return { ready: results.every(({ ok }) => ok), checks: results };
    },
    liveness: () => ({ alive: true, uptimeSec: Math.floor(process.uptime()) }),
  };
};

const outcomeOf = async (check: HealthCheck, signal: AbortSignal): Promise<string | null> => {
  try {
    return await check(signal);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
};
