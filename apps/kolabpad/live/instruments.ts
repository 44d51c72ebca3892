/** What the live documents count, under the names that operators know (see metric names in the README). */

export type Counter = { increment(by?: number): void; readonly value: number };
export type Histogram = { observe(value: number): void };

export type Instruments = {
  /** Snapshots written; journal commits are counted apart. */
  readonly writes: Counter;
  readonly reads: Counter;
  readonly persistLatencySeconds: Histogram;
  readonly idlePersists: Counter;
  readonly safetyNetPersists: Counter;
  readonly criticalWrites: Counter;
  readonly lastUserFlushes: Counter;
  readonly evictionFlushes: Counter;
  readonly shutdownFlushes: Counter;
  readonly persistErrors: Counter;
  readonly tokenErrors: Counter;
  readonly evictions: Counter;
  readonly expirations: Counter;
  readonly persisterStarts: Counter;
  readonly persisterStops: Counter;
  readonly edits: Counter;
  readonly journalCommits: Counter;
  readonly journalCommitSeconds: Histogram;
  /** From an edit's arrival to the moment at which everybody was sent it. */
  readonly editSeconds: Histogram;
  readonly rejectedEdits: Counter;
  readonly slowConsumers: Counter;
  readonly throttled: Counter;
};

export type Log = {
  debug(event: string, fields?: Record<string, unknown>): void;
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
};
