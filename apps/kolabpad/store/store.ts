/**
 * Where documents survive. All calls are synchronous: node:sqlite is, a commit takes microseconds to a millisecond, and an
 * edit may be shown to anybody only once it is written. Failures are StoreErrors (errors.ts): STORE_FULL and STORE_BUSY may
 * pass and the same call may be made again, since whatever throws has written nothing.
 */
import type { UserId } from '../domain/messages.ts';

/** One accepted operation, as journaled. `revision` is the one that it made: the first operation makes revision 1. */
export type JournalEntry = {
  readonly revision: number;
  readonly author: UserId;
  /** The operation as JSON in normal form: it goes from the journal to the wire as it is. */
  readonly operation: string;
  /** Who sent it and which of theirs it is; null for a client of the original protocol. */
  readonly session: string | null;
  readonly sequence: number | null;
};

/** From `start` on, revisions belong to this epoch; an unknown epoch, or a revision beyond its end, cannot be resumed. */
export type Epoch = { readonly id: string; readonly start: number };

export type StoredDocument = {
  readonly id: string;
  /** The whole text at `revision`, snapshot and journal put together; the store has checked that they agree. */
  readonly text: string;
  readonly revision: number;
  /** The last revision of which the snapshot (the column `text`) is. */
  readonly snapshotRevision: number;
  /** Operations before this revision are not kept; `baseText` is the text there. */
  readonly base: number;
  readonly baseText: string;
  /** Revision 0 of clients of the original protocol: what they see as one first insert lies before it. */
  readonly origin: number;
  /** Operations base+1 … revision, in order. */
  readonly entries: readonly JournalEntry[];
  readonly epochs: readonly Epoch[];
  readonly language: string | null;
  readonly otp: string | null;
  readonly viewLink: string | null;
  /** Hours without visitors until it is deleted; null for the default. */
  readonly expiryHours: number | null;
};

export type Snapshot = {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
  readonly language: string | null;
};

/** What one commit writes, all of it or nothing. */
export type Commit = {
  readonly operations: readonly { readonly id: string; readonly entry: JournalEntry }[];
  readonly epochs: readonly { readonly id: string; readonly epoch: Epoch }[];
};

export type Compaction = {
  readonly id: string;
  readonly base: number;
  readonly baseText: string;
  readonly origin: number;
};

export interface Store {
  readonly kind: 'sqlite' | 'memory';
  /**
   * Undefined for an id that nothing was ever stored under. Throws STORE_TOKEN_UNREADABLE where the token was stored under
   * another key. Where snapshot and journal disagree, that is logged and repaired: if the journal cannot be used, the
   * document begins anew at `base`, without epochs, beyond every revision that was stored.
   */
  find(id: string): StoredDocument | undefined;
  /** The token alone, to be compared before anything is loaded. `exists` is false for an unknown id. Throws as `find` does. */
  findToken(id: string): { readonly exists: boolean; readonly otp: string | null };
  /** The document that a read-only link shows. */
  findByViewLink(viewLink: string): string | undefined;
  /**
   * Makes rows of documents that had none; returns once it is safe from `kill -9`. Throws and writes nothing otherwise:
   * STORE_CONFLICT for a revision, or an epoch, that the document has already.
   */
  commit(commit: Commit): void;
  /** To be called after the commit of the operations that are in it: here and in what follows. */
  writeSnapshot(snapshot: Snapshot): void;
  /** Token and snapshot in one transaction (makes the row if there is none). */
  writeToken(snapshot: Snapshot, otp: string | null): void;
  /** STORE_CONFLICT for a link that another document has. */
  writeViewLink(snapshot: Snapshot, viewLink: string | null): void;
  writeExpiry(snapshot: Snapshot, expiryHours: number | null): void;
  /** Somebody was there. Rows that do not exist are left alone. */
  touch(ids: readonly string[], at: Date): void;
  /** Forgets operations up to `base` and epochs that ended before it. A snapshot that is older becomes `baseText`. */
  compact(compaction: Compaction): void;
  /**
   * Deletes for good: the bytes are overwritten in the file, and its write-ahead log is emptied. While somebody reads, or
   * a checkpoint is under way, the log waits for that: logged as `store_delete_pending` and `store_delete_done`.
   */
  delete(ids: readonly string[]): void;
  /** Ids unused for longer than their own expiry or else the default, longest first. Whether somebody is there now it does not know. */
  findExpired(now: Date, defaultHours: number): string[];
  countDocuments(): number;
  /** Size on disk in bytes, with the write-ahead log; 0 in memory. */
  sizeBytes(): number;
  close(): Promise<void>;
}
