/** What is tortured: a replicator of one database to one target, as a process that can be killed, and the way back. */
export interface Subject {
  /** Resolves when it follows the database, or has ended before that. */
  start(faults: string): Promise<Replicator>;
  /** Every transaction that the target holds one by one, oldest first, and what was told on the way. */
  history(): Promise<History>;
  restore(to: { readonly transaction: number } | 'latest', into: string): Promise<void>;
  /** Which of the transactions left this page image behind, by the replicator's own checksum; newest first. */
  find(history: History, image: Buffer): readonly number[];
}

export interface Replicator {
  /** All processes of it, the one first that does the work. */
  readonly pids: readonly number[];
  /** When it followed the database, in ms since 1970; null when it ended before that. */
  readonly readyAt: number | null;
  /** Why it ended by itself, null while it runs or when it was told or killed. */
  readonly complaint: () => string | null;
  kill(): Promise<void>;
  /** Ships everything that was committed; throws when it cannot within the time. */
  close(withinMs: number): Promise<void>;
}

export type History = {
  readonly transactions: readonly { readonly id: number; readonly checksum: string }[];
  readonly snapshots: number;
  readonly reconciles: number;
};
