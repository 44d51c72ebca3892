import { setTimeout as sleep } from 'node:timers/promises';

export type WaitOptions = {
  /** Completes the sentence "waited 5000 ms until …". */
  readonly what: string;
  readonly withinMs?: number;
  readonly everyMs?: number;
};

/** Asks until the answer is neither false nor null nor undefined, and returns it. An error that was thrown last is told in the end. */
export const waitUntil = async <T>(
  condition: () => T | Promise<T>,
  { what, withinMs = 30_000, everyMs = 20 }: WaitOptions,
): Promise<Exclude<T, false | null | undefined>> => {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    let thrown: unknown;
    try {
      const answer = await condition();
      if (answer !== false && answer !== null && answer !== undefined) return answer as Exclude<T, false | null | undefined>;
    } catch (error) {
      thrown = error;
    }
    if (performance.now() >= giveUpAt) throw new Error(`waited ${withinMs} ms until ${what}`, { cause: thrown });
    await sleep(everyMs);
  }
};
