import { BerthError } from '@berth/core';
import type { Notice, ReplicationStatus, SafePoint } from '@berth/replicate';
import type { Replicator, StartReplicator } from './following.ts';
import type { ReplicatorPlan } from './replicator-plan.ts';

type Database = ReplicationStatus['databases'][number];

/** Replicators that a test starts, holds up, breaks and questions. */
export class FakeReplicators {
  readonly started: ReplicatorPlan[] = [];
  /** In order: `start 1`, `point a`, `stop 1` … */
  readonly journal: string[] = [];
  /** The reasons why the next starts fail. */
  readonly failures: BerthError[] = [];
  /** The next answers to `point` and `flush` that are errors. */
  readonly refusals: BerthError[] = [];
  /** A start waits for this. */
  gate: Promise<void> = Promise.resolve();
  statuses = 0;
  databases: readonly Database[] = [];
  tell: (notice: Notice) => void = () => undefined;

  readonly start: StartReplicator = async (plan, onNotice): Promise<Replicator> => {
    this.started.push(plan);
    const number = this.started.length;
    this.journal.push(`start ${number}`);
    await this.gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.tell = onNotice;
    return {
      pid: 1000 + number,
      status: async () => {
        this.statuses += 1;
        return { pid: 1000 + number, databases: this.databases };
      },
      point: async ({ ids }) => this.#answer('point', ids),
      flush: async ({ ids }) => this.#answer('flush', ids),
      stop: async () => void this.journal.push(`stop ${number}`),
      detach: () => void this.journal.push(`detach ${number}`),
    };
  };

  #answer(question: string, ids: readonly string[]): readonly SafePoint[] {
    this.journal.push(`${question} ${ids.join(' ')}`);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    return ids.map((id, index) => ({ id, lineage: 'a1b2c3d4e5f60718', txid: 40 + index }));
  }
}

export const broken = (code: string): BerthError => new BerthError(code, `${code} happened`, { hint: 'none' });

export const databaseStatus = (id: string, over: Partial<Database> = {}): Database => ({
  id,
  state: 'following',
  lineage: 'a1b2c3d4e5f60718',
  txid: 40,
  pageBytes: 40_960,
  capturedAt: 0,
  error: undefined,
  logBytes: 0,
  uncapturedBytes: 0,
  queuedBytes: 0,
  counters: {
    segments: 0,
    transactions: 0,
    coalesced: 0,
    bytes: 0,
    checkpoints: 0,
    checkpointsDeferred: 0,
    copies: 0,
    yields: 0,
    reconciles: 0,
    snapshots: 0,
    lineages: 0,
    longestBarrierMs: 0,
  },
  targets: [],
  ...over,
});

type Target = Database['targets'][number];

export const targetStatus = (name: string, over: Partial<Target> = {}): Target => ({
  name,
  state: 'following',
  lineage: 'a1b2c3d4e5f60718',
  safeTxid: 40,
  safeAt: 0,
  lagMs: 0,
  lagBytes: 0,
  delayMs: undefined,
  error: undefined,
  requests: 3,
  bytes: 9000,
  ...over,
});
