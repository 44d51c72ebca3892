import { setTimeout as sleep } from 'node:timers/promises';

export type FailedCall = { readonly at: string; readonly loop: string; readonly why: string };

/**
 * Clients that make one call after another until they are stopped. `betweenCalls` finds a moment in which no call is
 * under way: nothing can save a request that a killed process was in the middle of carrying out, so a crash that must
 * cost nothing is one that meets none.
 */
export class ClientLoops {
  readonly failed: FailedCall[] = [];
  readonly #loops: Promise<void>[] = [];
  readonly #counts = new Map<string, number>();
  #stopped = false;
  #underWay = 0;
  #gate: Promise<void> = Promise.resolve();

  start(loop: string, call: (number: number) => Promise<void>, pauseMs: number): void {
    this.#counts.set(loop, 0);
    this.#loops.push(this.#run(loop, call, pauseMs));
  }

  calls(loop: string): number {
    return this.#counts.get(loop) ?? 0;
  }

  async betweenCalls(act: () => Promise<void>): Promise<void> {
    const { promise, resolve: open } = Promise.withResolvers<void>();
    this.#gate = promise;
    while (this.#underWay > 0) await sleep(5);
    try {
      await act();
    } finally {
      open();
    }
  }

  /** Waits until every loop has made this many more calls. */
  async more(calls: number, withinMs: number): Promise<void> {
    const goals = [...this.#counts].map(([loop, count]) => ({ loop, goal: count + calls }));
    const deadline = performance.now() + withinMs;
    while (goals.some(({ loop, goal }) => this.calls(loop) < goal)) {
      if (performance.now() > deadline)
        throw new Error(`no ${calls} calls each within ${withinMs} ms: ${JSON.stringify(this.failed.slice(-3))}`);
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #run(loop: string, call: (number: number) => Promise<void>, pauseMs: number): Promise<void> {
    for (let number = 1; !this.#stopped; number += 1) {
      await this.#gate;
      this.#underWay += 1;
      try {
        await call(number);
      } catch (failure) {
        this.failed.push({
          at: new Date().toISOString(),
          loop,
          why: failure instanceof Error ? failure.message : String(failure),
        });
      } finally {
        this.#underWay -= 1;
      }
      this.#counts.set(loop, number);
      await sleep(pauseMs);
    }
  }
}
