import { randomUUID } from 'node:crypto';
import type { Fault } from './fault-windows.ts';
import { checkEpoch, claimEpoch } from './epoch.ts';
import { logsFromPrefix, renderObjectName } from './object-name.ts';
import type { QueuedSegment } from './queue.ts';
import { fenced } from './replication/errors.ts';
import type { Target } from './target.ts';
import type { TargetProgress } from './target-progress.ts';

/**
 * The right of this process to write one database at one target. Claimed before its first put; while it writes it is looked
 * after once a minute, or of a database that is seldom written, every five. While nothing is written nothing is asked.
 */
export interface RightToWrite {
  /** Throws REPLICATION_FENCED when it is somebody else's. `next` are the logs that are put first, if any are. */
  hold(next?: NextLogs): Promise<void>;
  /** Nothing was put under it yet: one log alone shows whether somebody else has written on already. */
  readonly isUnused: boolean;
  used(): void;
  /** Somebody else had put what this process was about to, which never should have claimed it. */
  giveBack(): Promise<void>;
}

export type NextLogs = {
  readonly entries: readonly QueuedSegment[];
  /** Whether the target has it as it is here. */
  readonly isStored: (entry: QueuedSegment) => Promise<boolean>;
};

export type RightParts = {
  readonly target: Target;
  readonly database: string;
  readonly owner: string;
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that nobody sets. */
  readonly nowMs: () => number;
  readonly progress: () => TargetProgress;
  readonly advance: (change: Pick<Partial<TargetProgress>, 'epoch' | 'claims'>) => void;
  readonly onRequest: () => void;
  readonly fault: Fault;
};

export const createRightToWrite = ({ target, database, owner, signal, ...parts }: RightParts): RightToWrite => {
  const claim = randomUUID();
  let claimed: number | undefined;
  let checkedAt = 0;
  let puts = 0;
  let putsAtCheck = 0;

  /**
   * A copy of a state directory is behind the original, which went on: what comes next is there, cut differently. Then no claim is
   * made, and the original is not disturbed. Only what is stored already, its answer lost, has to be looked behind.
   */
  const refuseIfBehind = async ({ entries, isStored }: NextLogs): Promise<void> => {
    for (const entry of entries) {
      const { lineage, minTxid, maxTxid } = entry;
      const own = renderObjectName({ kind: 'log', database, lineage, minTxid, maxTxid });
      let isThere = false;
      parts.onRequest();
      for await (const { name } of target.list(logsFromPrefix(database, lineage, minTxid), signal)) {
        isThere = true;
        if (name !== own || !(await isStored(entry))) throw fenced(target.description, name);
      }
      if (!isThere) return;
    }
  };

  const claimOne = async (): Promise<void> => {
    const { epoch: held, claims = [] } = parts.progress();
    // Known before it is made: an answer may be lost, and this process killed.
    if (!claims.includes(claim)) parts.advance({ claims: [...claims, claim] });
    parts.onRequest();
    parts.onRequest();
    const made = await claimEpoch(target, { database, held, claims, claim, owner, signal, fault: parts.fault });
    if ('fencedBy' in made) throw fenced(target.description, made.fencedBy);
    claimed = made.epoch;
    parts.advance({ epoch: made.epoch, claims: [claim] });
  };

  const check = async (held: number): Promise<void> => {
    parts.onRequest();
    const found = await checkEpoch(target, { database, held, signal });
    if ('fencedBy' in found) throw fenced(target.description, found.fencedBy);
  };

  return {
    async hold(next) {
      const sinceMs = parts.nowMs() - checkedAt;
      if (claimed === undefined) {
        if (next !== undefined) await refuseIfBehind(next);
        await claimOne();
      } else {
        const isDue = sinceMs > CHECK_MS && (puts - putsAtCheck >= FEW_PUTS || sinceMs > SELDOM_CHECK_MS);
        if (!isDue) return;
        await check(claimed);
      }
      checkedAt = parts.nowMs();
      putsAtCheck = puts;
    },
    get isUnused() {
      return puts === 0;
    },
    used() {
      puts += 1;
    },
    async giveBack() {
      if (claimed === undefined || puts > 0) return;
      await target.delete([renderObjectName({ kind: 'epoch', database, epoch: claimed })], signal);
    },
  };
};

const CHECK_MS = 60_000;
const SELDOM_CHECK_MS = 5 * 60_000;
/** Fewer puts than this since the last look are worth no request more often than every five minutes. */
const FEW_PUTS = 10;
