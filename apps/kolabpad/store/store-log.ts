/** What the store has to tell its operator. */
export type StoreEvent =
  /** Migrations were applied: `applied`; `adopted` when the database was the original program's. */
  | 'store_migrated'
  /** Stored tokens cannot be read with this key: `protectedDocuments`. */
  | 'store_key_mismatch'
  /** Snapshot and journal of a document are not of one mind: `docId`, `problems`. It goes on as the journal says. */
  | 'store_disagrees'
  /** Somebody reads the database, or a checkpoint is under way: bytes of deleted documents are still in the log: `documents`. */
  | 'store_delete_pending'
  /** They are gone. */
  | 'store_delete_done'
  /** `error` */
  | 'store_checkpoint_failed'
  /** It is started again after `retryMs`; commits do its work meanwhile. */
  | 'store_checkpoint_thread_ended';

export type StoreLog = (event: StoreEvent, fields: Readonly<Record<string, unknown>>) => void;
