import { asBerthError, type BerthError } from '@berth/core';
import type { Notice, ReplicationStatus, SafePoint } from '@berth/replicate';
import type { ReplicatorPlan } from './replicator-plan.ts';

/** What a driver asks of a replicator that runs. */
export type Replicator = {
  readonly pid: number | undefined;
  status(): Promise<ReplicationStatus>;
  /** The newest transaction of each as of now, captured but not yet sent; without those that do not exist. */
  point(options: { ids: readonly string[]; timeoutMs: number }): Promise<readonly SafePoint[]>;
  /** Resolves when what is committed now is safe at every target. */
  flush(options: { ids: readonly string[]; timeoutMs: number }): Promise<readonly SafePoint[]>;
  stop(options: { timeoutMs: number }): Promise<void>;
  /** It goes on without us. */
  detach(): void;
};

export type StartReplicator = (plan: ReplicatorPlan, onNotice: (notice: Notice) => void) => Promise<Replicator>;

export type FollowingDeps = {
  readonly start: StartReplicator;
  /** Ends a replicator that an earlier daemon left behind, if there is one. */
  readonly endLeft: () => Promise<unknown>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onNotice: (notice: Notice, plan: ReplicatorPlan) => void;
  /** Told once for each reason. */
  readonly onFailure: (error: BerthError) => void;
};

/** The one replicator, and what it shall follow. */
export interface Following {
  /** Undefined while none runs: nothing is to be followed, or it could not be started. */
  readonly running: { readonly plan: ReplicatorPlan; readonly replicator: Replicator } | undefined;
  /** Why the last start failed; undefined once one succeeded. */
  readonly failure: BerthError | undefined;
  /** Resolves when the newest plan is in force, or could not be put in force and is tried again later. */
  follow(plan: ReplicatorPlan | null): Promise<void>;
  /** Resolves when no change is under way. */
  settled(): Promise<void>;
  stop(options: { timeoutMs: number }): Promise<void>;
  detach(): void;
}

/** One change at a time; of those that are asked for meanwhile only the newest is made. */
export const createFollowing = ({ start, endLeft, sleep, onNotice, onFailure }: FollowingDeps): Following => {
  let wanted: ReplicatorPlan | null = null;
  let running: Following['running'];
  let failure: BerthError | undefined;
  let failures = 0;
  let working: Promise<void> | undefined;
  let retry = new AbortController();
  let isEnded = false;
  let isDetached = false;
  /** Whoever starts one takes over what was left; who starts none has to end it. */
  let mayBeLeft = true;

  const work = async (): Promise<void> => {
    for (;;) {
      const plan = wanted;
      await apply(plan);
      if (wanted !== plan) continue;
      working = undefined;
      return;
    }
  };

  const begin = (): Promise<void> => {
    retry.abort();
    working ??= work();
    return working;
  };

  const apply = async (plan: ReplicatorPlan | null): Promise<void> => {
    if (running !== undefined && running.plan.fingerprint === plan?.fingerprint) {
      // The owners or names may have changed, which is not the replicator’s business.
      running = { ...running, plan };
      return;
    }
    const before = running;
    running = undefined;
    try {
      // Captured is enough: what waits for the targets waits on the disk, and the next one sends it.
      await before?.replicator.stop({ timeoutMs: HAND_OVER_MS });
      if (plan === null) await endWhatIsLeft();
      else {
        const replicator = await start(plan, (notice) => onNotice(notice, running?.plan ?? plan));
        mayBeLeft = false;
        if (isDetached) return replicator.detach();
        running = { plan, replicator };
      }
      failure = undefined;
      failures = 0;
    } catch (thrown) {
      fail(asBerthError(thrown));
    }
  };

  const endWhatIsLeft = async (): Promise<void> => {
    if (mayBeLeft) await endLeft();
    mayBeLeft = false;
  };

  const fail = (error: BerthError): void => {
    if (failure?.code !== error.code) onFailure(error);
    failure = error;
    failures += 1;
    if (isEnded) return;
    retry = new AbortController();
    const { signal } = retry;
    const again = (): void => {
      if (!signal.aborted) void begin();
    };
    // Aborted by whatever comes first: another plan, or the end.
    sleep(Math.min(RETRY_LIMIT_MS, RETRY_MS * 2 ** Math.min(failures - 1, 10)), signal).then(again, again);
  };

  return {
    get running() {
      return running;
    },
    get failure() {
      return failure;
    },
    async follow(plan) {
      if (isEnded) return;
      wanted = plan;
      await begin();
    },
    async settled() {
      await working;
    },
    async stop({ timeoutMs }) {
      isEnded = true;
      retry.abort();
      wanted = null;
      await working;
      const last = running;
      running = undefined;
      await last?.replicator.stop({ timeoutMs });
      await endWhatIsLeft().catch((thrown: unknown) => {
        // That of another driver, which is still there: it is not ours to end.
        if (asBerthError(thrown).code !== 'REPLICATION_STATE_IN_USE') throw thrown;
      });
    },
    detach() {
      isEnded = true;
      isDetached = true;
      retry.abort();
      running?.replicator.detach();
      running = undefined;
    },
  };
};

const HAND_OVER_MS = 200;
const RETRY_MS = 1000;
const RETRY_LIMIT_MS = 60_000;
