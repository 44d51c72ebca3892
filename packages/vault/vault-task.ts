import type {
  CompactResult,
  DescribedLineage,
  Pin,
  RestorePoint,
  RestoreTo,
  RetentionPolicy,
  RetentionResult,
} from '@berth/replicate';
import type { VaultAccess } from './access.ts';
import type { TargetReport } from './check-target.ts';
import type { RetryLimits } from './retry.ts';
import type { S3Credentials } from './s3-connection.ts';
import type { Installation, Owner, PointAbout, StoreAbout, VaultCatalogue } from './vault.ts';

/** What a process of its own can do with a vault. Plain data, and secret: it travels over IPC only. */
export type VaultTask =
  | RestoreTask
  | RangesTask
  | UpkeepTask
  | CatalogueTask
  | CheckTargetTask
  | OpenTask
  | OwnerTask
  | RecordTask
  | EraseTask;

/** A database as it was, see `restore` of @berth/replicate. Ended at any moment it leaves nothing at `into`, or all of it. */
export type RestoreTask = {
  readonly kind: 'restore';
  readonly access: VaultAccess;
  readonly database: string;
  readonly to: RestoreTo;
  readonly lineage?: string;
  readonly into: string;
  /** Lets SQLite look through the copy; true unless told. */
  readonly check?: boolean;
};

/** What can be restored of a database, oldest first. */
export type RangesTask = { readonly kind: 'ranges'; readonly access: VaultAccess; readonly database: string };

/** Merges what is due, then deletes what no kept state needs. Can be ended at any moment and run again. */
export type UpkeepTask = {
  readonly kind: 'upkeep';
  readonly access: VaultAccess;
  readonly database: string;
  readonly policy: RetentionPolicy;
  /** States that stay whatever their age. */
  readonly pins: readonly Pin[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** For the pages of one merge; the system's temporary directory unless told. */
  readonly scratchDirectory?: string;
};

export type CatalogueTask = { readonly kind: 'catalogue'; readonly access: VaultAccess };

/** Before there is a vault: nothing is sealed. */
export type CheckTargetTask = {
  readonly kind: 'check-target';
  readonly url: string;
  readonly credentials?: S3Credentials;
  readonly largeBytes?: number;
  readonly listWithinMs?: number;
};

/** `openVault`, see there, for callers who want to load neither age nor what speaks with the target. */
export type OpenTask = {
  readonly kind: 'open';
  readonly url: string;
  readonly credentials?: S3Credentials;
  readonly identity: string;
  readonly vault?: string;
  readonly create?: { readonly now: number };
};

/** `owner`, `claim` and `renew` of a vault, for callers who do not want to load what speaks with its target. */
export type OwnerTask = { readonly kind: 'owner'; readonly access: VaultAccess } & (
  | { readonly action: 'ask' }
  | {
      readonly action: 'claim' | 'take-over' | 'renew';
      readonly installation: Installation;
      /** Milliseconds since 1970. */
      readonly now: number;
    }
);

/** Writes and deletes what a vault says of stores and points, in that order. */
export type RecordTask = {
  readonly kind: 'record';
  readonly access: VaultAccess;
  readonly stores?: readonly StoreAbout[];
  readonly points?: readonly PointAbout[];
  readonly deletePoints?: readonly number[];
};

/** Deletes all that a target holds of a database, and what it says of that store. */
export type EraseTask = { readonly kind: 'erase'; readonly access: VaultAccess; readonly id: string };

/** What each of them gives. */
export type VaultTaskResults = {
  readonly restore: RestoredDatabase;
  readonly ranges: readonly DescribedLineage[];
  readonly upkeep: { readonly compacted: CompactResult; readonly retained: RetentionResult };
  readonly catalogue: VaultCatalogue;
  readonly 'check-target': TargetReport;
  readonly open: { readonly vault: string; readonly dataKey: Uint8Array };
  readonly owner: Owner | null;
  readonly record: undefined;
  readonly erase: { readonly deleted: number };
};

export type RestoredDatabase = {
  readonly lineage: string;
  readonly txid: number;
  /** When that transaction was captured, milliseconds since 1970. */
  readonly at: number;
  readonly pages: number;
  readonly pageSize: number;
  readonly bytes: number;
  readonly checksum: string;
  /** Objects and bytes that were read. */
  readonly objectsRead: number;
  readonly bytesRead: number;
  /** With a time: the state that was chosen and the restorable ones beside it. */
  readonly chosen?: RestorePoint;
  readonly before?: RestorePoint;
  readonly after?: RestorePoint;
  /** Names of objects that were missing or damaged and passed by: others led to the very same state. */
  readonly damaged: readonly string[];
  /** Names of logs left out, as another replicator wrote the same transactions: the longest chain that verifies was taken. */
  readonly forked: readonly string[];
  readonly ms: number;
};

export type VaultProgress = {
  readonly phase: 'reading' | 'comparing' | 'checking';
  /** Of the whole task, 0 to 1. */
  readonly fraction: number;
};

export type ToVaultProcess =
  | { readonly type: 'task'; readonly task: VaultTask; readonly retry?: Partial<RetryLimits> }
  | { readonly type: 'abort' };

export type FromVaultProcess =
  | { readonly type: 'progress'; readonly progress: VaultProgress }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failure'; readonly error: PlainError };

/** An error as it crosses a process boundary. */
export type PlainError = {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly fields: Readonly<Record<string, unknown>>;
};
