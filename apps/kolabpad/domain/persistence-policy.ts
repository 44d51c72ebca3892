/** When the text of a document is written: the journal holds every operation already, this keeps the snapshot close. */

export const PERSIST_TICK_MS = 10_000;
const AFTER_CRITICAL_WRITE_MS = 2_000;
const IDLE_MS = 30_000;
const SAFETY_NET_MS = 5 * 60_000;

export type PersistState = {
  /** Something that a snapshot would hold is not in the last one. */
  readonly isDirty: boolean;
  readonly lastEditAt: number;
  /** The last snapshot, or the time at which the document was loaded. */
  readonly lastWriteAt: number;
  readonly lastCriticalWriteAt: number;
};

/** Whether a tick at `now` (milliseconds) writes, and why; null when it does not. */
export function decidePersist(state: PersistState, now: number): 'idle_threshold' | 'safety_net' | null {
  if (!state.isDirty) return null;
  // A token was set a moment ago, and the whole document with it.
  if (now - state.lastCriticalWriteAt < AFTER_CRITICAL_WRITE_MS) return null;
  if (now - state.lastEditAt >= IDLE_MS) return 'idle_threshold';
  if (now - state.lastWriteAt >= SAFETY_NET_MS) return 'safety_net';
  return null;
}
