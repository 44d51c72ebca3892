/** Time, as far as the kit needs it; a test passes one that moves when told. */
import { setTimeout as delay } from 'node:timers/promises';

export type Clock = {
  now(): Date;
  /** Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};
