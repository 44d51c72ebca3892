/** What is said between a program that asked for replication and the process that does it. */
import type { Notice, ReplicationStatus } from './replication-status.ts';

/** A database to follow. The id names it at the targets and never changes; it is not a secret but may be sealed there. */
export type ReplicatedDatabase = { readonly path: string; readonly id: string };

/** Where replicas go, in words that another process can open. Everything here may be secret: it travels over IPC only. */
export type TargetDescription = {
  /** For messages, and for the files that remember what was shipped there: never changes either. */
  readonly name: string;
  /** 32 bytes. Everything that leaves is sealed with it; without it objects are stored as they are. */
  readonly dataKey?: Uint8Array;
} & (
  | { readonly kind: 'directory'; readonly path: string }
  /** A module that exports `openTarget(options): Target | Promise<Target>`, for stores that this package does not know. */
  | { readonly kind: 'module'; readonly url: string; readonly options: unknown }
);

export type ReplicationOptions = {
  /** How long commits are collected into one segment. 250 for directories, 1000 as soon as another kind of target is among them. */
  readonly intervalMs?: number;
  /** A segment is closed at the first commit behind this many bytes of pages. 8 MB. */
  readonly segmentBytes?: number;
  /** With more than this left to capture, commits are put together into one transaction. 32 MB. */
  readonly coalesceBytes?: number;
  /** A checkpoint is due behind this many captured frames, 1000, */
  readonly checkpointFrames?: number;
  /** or after this time if there is anything to do. 60000. */
  readonly checkpointEveryMs?: number;
  /** Writers are kept out only to capture less than this, 256 KB; more, in proportion, of a log that has become large. */
  readonly barrierTailBytes?: number;
  /** A log file larger than this is cut when it is empty. 64 MB. */
  readonly truncateLogBytes?: number;
  /** A log of which more than this is to be copied into the database file is copied by a process of its own. 64 MB. */
  readonly copyInProcessBytes?: number;
  /**
   * A log larger than this is told of, ends snapshots unless it is less than half of the database, and is let go when it cannot be
   * captured. 1 GB.
   */
  readonly hardLogBytes?: number;
  /** A new snapshot for each target, so that restores stay short. 24 hours. */
  readonly snapshotEveryMs?: number;
  /** How much, beside its largest segment, waits in the state directory for slow targets before the slowest is given up. 4 GB. */
  readonly queueBytes?: number;
  /**
   * Replication pauses when less than this is free where its state or the database is, and what it holds there (what waits, and
   * the log) is more than a quarter of that. The smaller of 10 % of the disk and 5 GB.
   */
  readonly diskReserveBytes?: number;
  /** `stop`: the replicator ends with its parent, `continue`: it goes on until the next one or `endReplicator` ends it. `stop`. */
  readonly whenParentDies?: 'stop' | 'continue';
};

export type ReplicationPlan = {
  readonly databases: readonly ReplicatedDatabase[];
  readonly targets: readonly TargetDescription[];
  /** For this replicator alone; holds what waits for the targets. On another disk than the databases if there is one. */
  readonly stateDirectory: string;
  readonly options?: ReplicationOptions;
};

/** Which databases, all unless told, and how long may be waited. */
export type Choice = { readonly ids?: readonly string[]; readonly timeoutMs: number };

export type Question =
  | { readonly kind: 'status' }
  | ({ readonly kind: 'point' } & Choice)
  | ({ readonly kind: 'flush' } & Choice)
  | ({ readonly kind: 'mark'; readonly name: string } & Choice)
  | ({ readonly kind: 'snapshot' } & Choice)
  | { readonly kind: 'stop'; readonly timeoutMs: number };

export type Answers = {
  readonly status: ReplicationStatus;
  readonly point: readonly SafePoint[];
  readonly flush: readonly SafePoint[];
  readonly mark: readonly SafePoint[];
  readonly snapshot: readonly SafePoint[];
  readonly stop: readonly SafePoint[];
};

/** A state of a database: everything committed when it was asked for, in local files or at the targets, and restorable there. */
export type SafePoint = { readonly id: string; readonly lineage: string; readonly txid: number };

export type ToReplicator =
  | { readonly type: 'plan'; readonly plan: ReplicationPlan }
  | { readonly type: 'question'; readonly number: number; readonly question: Question };

export type FromReplicator =
  /** The plan; it is not accepted yet. */
  | { readonly type: 'received' }
  | { readonly type: 'ready' }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'answer'; readonly number: number; readonly value: unknown }
  | { readonly type: 'refusal'; readonly number: number | undefined; readonly error: PlainError };

/** An error as it crosses a process boundary. */
export type PlainError = { readonly code: string; readonly message: string; readonly hint: string };

/** The exit code of a replicator that wants to begin again in a fresh process: a database file was replaced under it. */
export const EXIT_FRESH_PROCESS = 75;
