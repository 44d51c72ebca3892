import { isDrained, endOfLog } from './capture.ts';
import { beginCopying, type CheckpointOutcome, checkpoint } from './checkpoint.ts';
import { isSqliteError } from './connections.ts';
import type { Followed } from './followed.ts';
import type { LogCopying } from './log-copying.ts';
import { logFileBytes } from './log-file.ts';
import type { Notice } from './replication-status.ts';

/** Decides when the log is checkpointed: often enough to stay small, seldom enough to cost nothing. */
export interface CheckpointTiming {
  /** True when there was something to do. */
  checkpointIfDue(of: Followed): Promise<boolean>;
}

export type CheckpointTimingParts = {
  readonly copying: LogCopying;
  readonly notice: (told: Omit<Notice, 'id'>) => void;
  /** Snapshots keep the log from being checkpointed. */
  readonly abandonSnapshots: (why: string) => void;
};

export const createCheckpointTiming = ({ copying, notice, abandonSnapshots }: CheckpointTimingParts): CheckpointTiming => {
  let lastAt = performance.now();
  let notBefore = 0;
  let fruitless = 0;
  let largeLogTold = false;

  /** The application's disk may be full, or its directory not ours to write: what is committed is captured all the same. */
  const failed = (of: Followed, thrown: unknown): CheckpointOutcome => {
    if (!isSqliteError(thrown)) throw thrown;
    if (fruitless === 0) notice({ level: 'warning', name: 'checkpoint.failed', fields: { message: thrown.message } });
    // Once true it stays so until something is captured: the commit that has restarted the log since is the one that was allowed to.
    of.complete ||= isDrained(of);
    of.counters.checkpointsDeferred += 1;
    return 'deferred';
  };

  const tellLargeLog = (logBytes: number, hardLogBytes: number): void => {
    const isLarge = logBytes > hardLogBytes;
    if (isLarge && !largeLogTold) notice({ level: 'warning', name: 'log.large', fields: { logBytes } });
    largeLogTold = isLarge;
  };

  return {
    async checkpointIfDue(of) {
      const { settings } = of;
      const index = of.database.index();
      const now = performance.now();
      const logBytes = logFileBytes(of.database.logPath);
      if (of.pins > 0 && index !== undefined && endOfLog(index) > heldLogBytes(of)) abandonSnapshots('the log became too large');
      tellLargeLog(logBytes, settings.hardLogBytes);
      if (index === undefined || now < notBefore || (of.complete && isDrained(of))) return false;
      const isLate = now - lastAt > settings.checkpointEveryMs && index.frames > 1;
      if (index.frames < settings.checkpointFrames && !isLate) return false;
      if (of.pins === 0 && copying.isNeeded(of.database)) {
        if (copying.state !== 'ready') return false;
        await beginCopying(of, copying).catch((thrown: unknown) => failed(of, thrown));
        return true;
      }
      const outcome = await checkpoint(of).catch((thrown: unknown) => failed(of, thrown));
      if (outcome === 'nothing') return false;
      lastAt = performance.now();
      // Another reader in the log, or a writer that never pauses: asking at every capture would gain nothing.
      fruitless = outcome === 'done' && of.complete ? 0 : fruitless + 1;
      notBefore = lastAt + (fruitless === 0 ? 0 : Math.min(FRUITLESS_LIMIT_MS, FRUITLESS_MS * 2 ** fruitless));
      return true;
    },
  };
};

/**
 * How much log a snapshot may hold. The larger a database the longer its copy is on the way, and the more is written meanwhile:
 * one that is given up at a fixed size would be begun again for ever. How full the disk may become is judged elsewhere.
 */
const heldLogBytes = ({ settings, position }: Followed): number =>
  Math.max(settings.hardLogBytes, (position.pages * position.pageSize) / 2);

const FRUITLESS_MS = 250;
const FRUITLESS_LIMIT_MS = 10_000;
