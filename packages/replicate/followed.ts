import type { Fault } from './fault-windows.ts';
import type { HeldDatabase } from './held-database.ts';
import type { PageTable } from './page-table.ts';
import type { Position } from './position.ts';
import type { SegmentQueue } from './queue.ts';
import type { Counters } from './replication-status.ts';
import type { ReplicationSettings } from './replication-settings.ts';
import type { WalScanner } from './wal-scan.ts';

/** A database that is being followed: what its steps share. Only one step of it runs at a time, but for snapshots. */
export type Followed = {
  readonly id: string;
  /** Its part of the state directory. */
  readonly directory: string;
  readonly database: HeldDatabase;
  readonly queue: SegmentQueue;
  readonly settings: ReplicationSettings;
  readonly counters: Counters;
  readonly fault: Fault;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  position: Position;
  /** The hashes of all pages after `position`. */
  table: PageTable;
  /** Of which transaction the saved table is. */
  savedTxid: number;
  scanner: WalScanner | undefined;
  /**
   * The database file alone is the state at `position`: when the held reader began, everything in the log was captured and
   * in the file. Then, and only then, may the log be restarted under that reader, and only once until something is committed.
   */
  complete: boolean;
  /** Snapshots that read through the log: while there are any, we do not checkpoint. */
  pins: number;
};

/** Something may be missing between what was captured and what is in the log: only comparing all pages tells. */
export class ContinuityLostError extends Error {
  readonly why: string;

  constructor(why: string) {
    super(`the log cannot be proven to continue: ${why}`);
    this.name = 'ContinuityLostError';
    this.why = why;
  }
}
