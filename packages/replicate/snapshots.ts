import { captureToEnd } from './capture.ts';
import type { Followed } from './followed.ts';
import { databaseUnfollowed, targetTimedOut } from './replication/errors.ts';
import { type Pin, pin, SnapshotMismatchError, storeSnapshot } from './snapshot.ts';
import type { Target } from './target.ts';
import type { Turns } from './turns.ts';

/** The snapshots of one database that are being stored, each for one target. */
export interface Snapshots {
  /**
   * The state with which following began is kept for the first snapshots of these targets, so that what is committed meanwhile
   * can be restored there, too.
   */
  keepFirst(followed: Followed, targets: readonly string[]): void;
  /** `pinned` hears the last segment of the queue that the snapshot covers, as soon as that is known. */
  take(target: Target, request: SnapshotRequest): Promise<TakenSnapshot>;
  /** The last segment of the queue that a state kept for a first snapshot covers: those behind it are still needed. */
  readonly keptSequence: number;
  /** Ends them all; they are begun again by whoever asked. False if there were none. */
  abandon(why: string): boolean;
}

export type SnapshotRequest = {
  /** Of the target. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly pinned: (sequence: number) => void;
};

export type TakenSnapshot = {
  readonly lineage: string;
  readonly txid: number;
  /** When that was captured, milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
  /** The last segment of the queue that it covers. */
  readonly sequence: number;
};

export type SnapshotsParts = {
  readonly database: { readonly id: string; readonly path: string };
  readonly turns: Turns;
  readonly followed: () => Followed | undefined;
  /** What was captured may have run ahead of the position. */
  readonly recover: (thrown: unknown) => Promise<void>;
  /** What the pages add up to is not what was captured. */
  readonly onMismatch: () => void;
};

type Begun = { readonly of: Followed; readonly pinned: Pin; readonly sequence: number };

export const createSnapshots = ({ database, turns, followed, recover, onMismatch }: SnapshotsParts): Snapshots => {
  const running = new Set<AbortController>();
  let first: (Begun & { waiting: Set<string>; timer: NodeJS.Timeout }) | undefined;

  const dropFirst = (): void => {
    if (first === undefined) return;
    clearTimeout(first.timer);
    first.pinned[Symbol.dispose]();
    first = undefined;
  };

  /** What is pinned already can be pinned once more at any time: no step of the replicator has to be waited for. */
  const beginWithFirst = (name: string): Begun | undefined => {
    if (first === undefined || first.of !== followed() || !first.waiting.delete(name)) return undefined;
    const begun = { of: first.of, pinned: pin(first.of, first.pinned), sequence: first.sequence };
    if (first.waiting.size === 0) dropFirst();
    return begun;
  };

  const begin = async (): Promise<Begun> => {
    const of = followed();
    if (of === undefined) throw databaseUnfollowed({ ...database, why: 'a snapshot begins when it is' });
    try {
      await captureToEnd(of, performance.now());
    } catch (thrown) {
      await recover(thrown);
      throw thrown;
    }
    return { of, pinned: pin(of), sequence: of.queue.lastSequence };
  };

  return {
    keepFirst(of, targets) {
      dropFirst();
      if (targets.length === 0) return;
      const timer = setTimeout(dropFirst, FIRST_KEPT_MS).unref();
      first = { of, pinned: pin(of), sequence: of.queue.lastSequence, waiting: new Set(targets), timer };
    },
    get keptSequence() {
      return first?.sequence ?? Number.POSITIVE_INFINITY;
    },
    async take(target, request) {
      const { of, pinned, sequence } = beginWithFirst(request.name) ?? (await turns(begin));
      using held = pinned;
      request.pinned(sequence);
      const abandoned = new AbortController();
      running.add(abandoned);
      let progressAt = performance.now();
      // A target that hangs must not keep the log from being checkpointed.
      const watch = setInterval(() => {
        if (performance.now() - progressAt > STALL_MS)
          abandoned.abort(targetTimedOut(target.description, 'a snapshot', STALL_MS));
      }, STALL_MS / 10).unref();
      try {
        const signal = AbortSignal.any([request.signal, abandoned.signal]);
        const onProgress = (): void => {
          progressAt = performance.now();
        };
        const stored = await unlessAborted(storeSnapshot(of, held, { target, signal, onProgress }), signal);
        return { ...stored, at: held.position.at, lineage: held.position.lineage.id, sequence };
      } catch (thrown) {
        if (thrown instanceof SnapshotMismatchError) onMismatch();
        throw thrown;
      } finally {
        clearInterval(watch);
        running.delete(abandoned);
      }
    },
    abandon(why) {
      const were = running.size > 0;
      for (const snapshot of running) snapshot.abort(new Error(why));
      dropFirst();
      return were;
    },
  };
};

/** Also when the target does not notice that its signal was aborted. */
const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const ended = Promise.withResolvers<never>();
  const end = (): void => ended.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
};

/** While the first state is kept the log is not checkpointed: a target that is away must not make it grow for long. */
const FIRST_KEPT_MS = 30_000;
const STALL_MS = 60_000;
