import { BerthError } from '@berth/core';
import { replicatorNotRunning } from './errors.ts';
import type { Following, Replicator } from './following.ts';
import { type Sleep, unlessAborted, within } from './patience.ts';

export type Asking = {
  readonly following: Following;
  readonly now: () => Date;
  readonly sleep: Sleep;
};

/**
 * Asks the replicator, and again until that moment while it is just being started: it begins anew by itself when a database was
 * exchanged. Throws why it does not run where it could not be started.
 */
export const askReplicator = async <T>(
  { following, now, sleep }: Asking,
  { untilMs, signal }: { untilMs: number; signal?: AbortSignal | undefined },
  question: (replicator: Replicator, leftMs: number) => Promise<T>,
): Promise<T> => {
  const leftMs = (): number => Math.max(0, untilMs - now().getTime());
  for (;;) {
    signal?.throwIfAborted();
    await unlessAborted(within(following.settled(), leftMs(), sleep), signal);
    const replicator = following.running?.replicator;
    if (replicator === undefined) throw following.failure ?? replicatorNotRunning(undefined);
    try {
      return await unlessAborted(question(replicator, leftMs()), signal);
    } catch (thrown) {
      const isBetweenTwo = thrown instanceof BerthError && thrown.code === 'REPLICATOR_ENDED';
      if (!isBetweenTwo || leftMs() === 0) throw thrown;
    }
    await sleep(ASK_AGAIN_MS, signal);
  }
};

const ASK_AGAIN_MS = 20;
