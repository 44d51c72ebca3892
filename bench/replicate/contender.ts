/** A way to keep a copy of a database that an application writes. */
export interface Contender {
  readonly name: string;
  /** Follows the database from now on; resolves when a first complete copy is safe, or at once when it makes one from time to time. */
  start(database: string, target: string): Promise<Follower>;
  /** Brings the newest state back as a file that SQLite can open. */
  restore(target: string, into: string): Promise<void>;
}

/** Transactions are counted by the follower, one by one; the time is in ms since 1970. */
export type Stored = { readonly upTo: number; readonly at: number };

export interface Follower extends AsyncDisposable {
  /** What burns processor time and memory on its behalf. */
  readonly pids: readonly number[];
  /** Resolves when all that was committed so far is safe at the target. */
  flush(): Promise<void>;
  /** Leaves without a chance to say anything. */
  kill(): Promise<void>;
  /** Up to which transaction the target held everything at which time; null where the target does not tell. */
  stored(): Promise<readonly Stored[] | null>;
  /** What it asked of the target so far; null for one that does not count. */
  requests(): Promise<number | null>;
  /** How often it began anew with a copy of everything. */
  snapshots(): Promise<number | null>;
}
