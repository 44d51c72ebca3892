import type { BerthError } from '@berth/core';
import type { Position } from './position.ts';
import type { PlainError } from './replication-messages.ts';

export type ReplicationStatus = {
  readonly pid: number;
  readonly databases: readonly DatabaseStatus[];
};

/**
 * `waiting`: it cannot be followed at present and is tried again (the error says why); `suspended`: the log is not held, for
 * want of disk space or because too much waits, and what is written now reaches the targets as one difference later.
 */
export type DatabaseState = 'starting' | 'following' | 'waiting' | 'suspended' | 'stopped';

export type DatabaseStatus = {
  readonly id: string;
  readonly state: DatabaseState;
  readonly lineage: string | undefined;
  /** The newest transaction that was captured; transactions are counted from the start of the lineage. */
  readonly txid: number;
  /** Size of the database after that transaction, log and file taken together; undefined before the first. */
  readonly pageBytes: number | undefined;
  /** When that transaction was captured, milliseconds since 1970; as last known while the database is not followed. */
  readonly capturedAt: number | undefined;
  readonly error: TimedError | undefined;
  /** Size of the `-wal` file. */
  readonly logBytes: number;
  /** Committed and not captured yet. */
  readonly uncapturedBytes: number;
  /** Captured and not yet safe at every target. */
  readonly queuedBytes: number;
  readonly counters: Counters;
  readonly targets: readonly TargetStatus[];
};

export type TargetStatus = {
  readonly name: string;
  /** `snapshot`: it has no complete copy yet and is getting one; `fenced`: somebody else writes there, nothing is sent any more. */
  readonly state: 'following' | 'snapshot' | 'retrying' | 'fenced';
  /** Of `safeTxid`: an older one than the database's while the first snapshot of the new one is under way. */
  readonly lineage: string | undefined;
  /** The newest transaction that is safe there; undefined before the first snapshot is complete. */
  readonly safeTxid: number | undefined;
  /** When that transaction was captured, milliseconds since 1970. */
  readonly safeAt: number | undefined;
  /**
   * Age of the oldest commit that is not safe there, or may not be, as nobody looks at the database just now; 0 when all is.
   * A new lineage is not safe before its first snapshot: until then it is as old as the lineage.
   */
  readonly lagMs: number;
  readonly lagBytes: number;
  /** From commit to safe, of the last few hundred segments; undefined before the first. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
  readonly error: TimedError | undefined;
  readonly requests: number;
  readonly bytes: number;
};

export type Counters = {
  segments: number;
  transactions: number;
  /** Commits that share a transaction with the one before, as there were too many to keep each. */
  coalesced: number;
  bytes: number;
  checkpoints: number;
  /** Checkpoints that were put off because a writer was busy or too much was left to capture. */
  checkpointsDeferred: number;
  /** Times that a process of its own began to copy a large log. */
  copies: number;
  /** Times that our reader made way for a checkpoint of the application. */
  yields: number;
  reconciles: number;
  snapshots: number;
  lineages: number;
  /** The longest time that writers were kept out, in ms. */
  longestBarrierMs: number;
};

export type TimedError = PlainError & { readonly atMs: number };

/** As it is told of a database or a target, with the time of now. */
export const timedError = ({ code, message, hint }: BerthError): TimedError => ({ code, message, hint, atMs: Date.now() });

/** Something that a person may want to know of, as an event. */
export type Notice = {
  readonly level: 'info' | 'warning';
  readonly name: NoticeName;
  readonly id: string;
  readonly target?: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
};

export type NoticeName =
  | 'lineage.started'
  | 'lineage.resumed'
  | 'lineage.reconciled'
  | 'snapshot.stored'
  | 'snapshot.abandoned'
  | 'database.waiting'
  | 'database.replaced'
  | 'database.following'
  | 'log.large'
  | 'checkpoint.failed'
  | 'space.low'
  | 'queue.full'
  | 'space.back'
  | 'target.failing'
  | 'target.recovered'
  | 'target.fenced'
  | 'target.given-up'
  | 'clock.skewed'
  | 'replicator.ended';

export const noCounters = (): Counters => ({
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
});

/** Of what was captured last. */
export const sizeAndTime = (position: Position | undefined): Pick<DatabaseStatus, 'pageBytes' | 'capturedAt'> => ({
  pageBytes: position && position.pages * position.pageSize,
  capturedAt: position?.at,
});
