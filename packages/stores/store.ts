import type { BerthError } from '@berth/core';
import type { SystemUser } from '@berth/host';
import type { VaultAccess } from '@berth/vault';

/** A store as its driver knows it: what it means to people is not its business. */
export type ProtectedStore = {
  /** Its name at the targets; says nothing, and never changes. */
  readonly id: string;
  /** The database's file (sqlite) or the directory (files), absolute. It need not exist yet. */
  readonly path: string;
  /** Who owns what is brought back; null when Berth does not run as root. */
  readonly owner: SystemUser | null;
  /** How old the newest copy may become; drivers that copy continuously do not ask. */
  readonly snapshotEveryMs: number;
};

/**
 * One state of a store. Positions are kept in the journal and at the targets: their form is for ever.
 * `lineage` and `txid` are those of the replica; `at` is when a snapshot was begun, milliseconds since 1970.
 */
export type StorePosition =
  | { readonly kind: 'sqlite'; readonly lineage: string; readonly txid: number }
  | { readonly kind: 'files'; readonly at: number };

/** Which state is wanted: a position that was marked, the last one at or before a moment, or the newest. */
export type StoreMoment = { readonly position: StorePosition } | { readonly at: Date } | 'latest';

export type StoreHealth = {
  readonly id: string;
  /** On the disk, as last measured; null while it does not exist. */
  readonly bytes: number | null;
  /** Why it cannot be followed at all at present; null when it can, also while it does not exist yet. */
  readonly error: BerthError | null;
  readonly targets: readonly {
    readonly target: string;
    /** Age of the oldest change that is not there; null before the first copy is complete. */
    readonly lagMs: number | null;
    /** When the newest state that is known to be safe there was captured, ms since 1970; null before the first copy is complete. */
    readonly safeAtMs?: number | null;
    readonly error: BerthError | null;
    /** Somebody else writes there: nothing is sent any more. */
    readonly isFenced: boolean;
    readonly sentBytes: number;
    readonly requests: number;
  }[];
};

/** A stretch of time that can be gone back to. */
export type StoreRange = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Any moment in it, or only the states that there are. */
  readonly resolution: 'every-change' | 'snapshots';
  /** Null for `every-change`. */
  readonly states: number | null;
};

export type StoreRestore = {
  readonly store: ProtectedStore;
  readonly from: VaultAccess;
  readonly to: StoreMoment;
  /** Where it shall be: a file (sqlite) or a directory (files) that does not exist, in a directory that does. */
  readonly into: string;
  /** Reads everything from the target itself, nothing from a cache: what is shown to come back is there. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
  /** What is being done, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
};

/** What came back, complete, on the disk and proven to be what was stored. */
export type RestoredStore = {
  /** The moment whose state it is, milliseconds since 1970. */
  readonly atMs: number;
  readonly bytes: number;
  /** What was proven, in one line. */
  readonly evidence: string;
  readonly ms: number;
  /** What a person should know of the target, one line each; the state that came back is complete all the same. */
  readonly warnings?: readonly string[];
};

/** How long what is kept, see `RetentionPolicy` of the replicas; states of `pins` stay whatever their age. */
export type Keeping = {
  readonly everythingMs: number;
  readonly hourlyMs: number;
  readonly dailyMs: number;
};

export type Upkeep = {
  readonly store: ProtectedStore;
  readonly at: VaultAccess;
  readonly keep: Keeping;
  /** Restore points that are still listed: exactly these states can be brought back for as long. */
  readonly pins: readonly StorePosition[];
  readonly nowMs: number;
  readonly signal?: AbortSignal;
};

/** Something that a person may want to know of. */
export type StoreNotice = {
  readonly level: 'info' | 'warning';
  /** Constant and greppable, e.g. `snapshot.stored`. */
  readonly name: string;
  /** Of the store; empty where it is about all. */
  readonly id: string;
  readonly target: string | null;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
};

/** One way to protect data. Nothing here blocks the caller's thread: heavy work is done by processes of its own. */
export interface StoreDriver {
  readonly kind: 'sqlite' | 'files';
  /** `continuous`: every change is on its way by itself. Without it, copies are made when `mark`, `backup` or their age ask for them. */
  readonly supports: { readonly continuous: boolean };
  /**
   * From now on exactly these stores are followed, to exactly these targets; what is new at either gets a complete copy.
   * Resolves once that is under way. Nothing is deleted anywhere.
   */
  protect(stores: readonly ProtectedStore[], targets: readonly VaultAccess[]): Promise<void>;
  /**
   * The state of this moment, so that it can be asked for later; taken in milliseconds, sent afterwards. Stores that do not
   * exist yet are left out. Throws where that cannot be promised.
   */
  mark(ids: readonly string[], at: Date): Promise<ReadonlyMap<string, StorePosition>>;
  /** Resolves when all that is there now is safe at every target; throws after `timeoutMs` with the reason. */
  backup(ids: readonly string[], options: { timeoutMs: number; signal?: AbortSignal }): Promise<void>;
  health(): Promise<readonly StoreHealth[]>;
  /** Oldest first. Throws where the target does not answer. */
  ranges(store: ProtectedStore, at: VaultAccess, signal?: AbortSignal): Promise<readonly StoreRange[]>;
  /** Killed at any moment it leaves nothing at `into`, or all of it. */
  restore(request: StoreRestore): Promise<RestoredStore>;
  /** What a directory entry is made of, absolute: whoever exchanges a store moves all of these that exist. */
  parts(path: string): readonly string[];
  /** Deletes what no kept state needs. Can be ended at any moment and run again. */
  upkeep(request: Upkeep): Promise<{ readonly deleted: number; readonly bytesFreed: number }>;
  /** Sends what it can within the time and ends its processes; what was followed goes on from there the next time. */
  stop(options: { timeoutMs: number }): Promise<void>;
}
