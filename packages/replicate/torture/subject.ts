import type { ReplicationOptions } from '../replication-messages.ts';

/** What is tortured: a replicator of one database to one target, as a process that can be killed, and the way back. */
export interface Subject {
  /** Resolves when it runs; that it follows the database is told later. */
  start(manner: Manner): Promise<Replicator>;
  /** Every state that the target holds, oldest first, and how often it was begun anew or caught up with. */
  history(): Promise<History>;
  restore(to: State | 'latest', into: string): Promise<void>;
  /** What the replicator's own checksum makes of a page image, as the states in the history carry it. */
  checksum(image: Buffer): string;
}

/** How it works in this round: small limits make rare things frequent. */
export type Manner = { readonly faults: string; readonly options: ReplicationOptions };

export type State = { readonly lineage: string; readonly txid: number };

export interface Replicator {
  /** All processes of it, the one first that does the work. */
  readonly pids: readonly number[];
  /** When it followed the database and the target had a snapshot, in ms since 1970; null before. What comes then must be kept. */
  readonly readyAt: number | null;
  /** Why it ended by itself, null while it runs or when it was told or killed. */
  readonly complaint: () => string | null;
  kill(): Promise<void>;
  /** Ships everything that was committed; throws when it cannot within the time. */
  close(withinMs: number): Promise<void>;
}

export type Snapshot = State & { readonly pageSize: number; readonly parent: string | null };

export type History = {
  readonly states: readonly (State & { readonly checksum: string })[];
  /** In the order of what they show; each is a copy of everything. `parent`: the lineage that its own continued. */
  readonly snapshots: readonly Snapshot[];
  readonly reconciles: number;
};
