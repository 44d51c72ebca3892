import { setTimeout as pause } from 'node:timers/promises';
import { captureToEnd, isDrained, uncapturedBytes } from './capture.ts';
import type { Followed } from './followed.ts';

/**
 * Lets a checkpoint of the application finish that waits for our reader while it keeps all writers out. Exact without a lock of
 * our own: everything is captured, the reader moves to the end of the log, so that the log can be copied, and then to where it
 * needs nothing of it. True if it came that far.
 */
export const yieldToCheckpoint = async (followed: Followed): Promise<boolean> => {
  const { connections } = followed.database;
  if (followed.pins > 0) return false;
  await captureToEnd(followed, performance.now());
  if (uncapturedBytes(followed) !== 0) return false;
  followed.fault('yield.captured');
  if (!isDrained(followed)) {
    connections.moveHold();
    followed.fault('yield.moved');
    const until = performance.now() + PATIENCE_MS;
    while (!isDrained(followed)) {
      if (performance.now() > until) return false;
      await pause(1);
    }
  }
  // Still inside the log, which therefore stays as it is until the second reader has begun behind it.
  const isUnchanged = connections.moveHoldIf(() => isDrained(followed));
  // Where it was true and the reader stayed where it was, it still is.
  followed.complete ||= isUnchanged;
  followed.fault('yield.given');
  return isUnchanged;
};

/** For the checkpointer to copy the log, once it may. */
const PATIENCE_MS = 300;
