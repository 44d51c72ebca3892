import type { DatabaseSync } from 'node:sqlite';
import { SYSTEM_USER } from '../domain/messages.ts';
import type { CheckpointSettings } from './checkpoint-worker.ts';
import { startCheckpointer } from './checkpointer.ts';
import type { Cipher } from './cipher.ts';
import { StoreError, storeErrorFrom } from './errors.ts';
import { prepareStatements } from './statements.ts';
import type { Commit, Compaction, Epoch, JournalEntry, Snapshot, Store, StoredDocument } from './store.ts';
import type { StoreLog } from './store-log.ts';
import { beginningAt, type History, readHistory } from './stored-history.ts';
import { emptyLog, sizeOnDisk } from './write-ahead-log.ts';

export type SqliteStoreDeps = {
  /** Open, migrated, and from here on the store's. */
  readonly db: DatabaseSync;
  readonly file: string;
  readonly cipher: Cipher;
  readonly now: () => Date;
  readonly log: StoreLog;
  readonly checkpoint: Omit<CheckpointSettings, 'file'>;
  /** Gives up the ownership of the file, once it is closed. */
  readonly release: () => void;
};

export const createSqliteStore = ({ db, file, cipher, now, log, checkpoint, release }: SqliteStoreDeps): Store => {
  const sql = prepareStatements(db);
  let deletedAndPending = 0;
  const checkpointer = startCheckpointer({
    settings: { file, ...checkpoint },
    setAutocheckpoint: (on) => {
      if (db.isOpen) db.exec(`PRAGMA wal_autocheckpoint = ${on ? 1000 : 0}`);
    },
    onEmptied: () => {
      if (deletedAndPending > 0) log('store_delete_done', { documents: deletedAndPending });
      deletedAndPending = 0;
    },
    log,
  });

  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw storeErrorFrom(cause, file);
    }
  };
  /** All of it or nothing. */
  const transaction = (work: () => void): void =>
    guarded(() => {
      sql.begin.run();
      try {
        work();
        sql.commit.run();
      } catch (cause) {
        // A full disk ends the transaction by itself.
        if (db.isTransaction) db.exec('ROLLBACK');
        throw cause;
      }
    });
  const nowMs = (): number => now().getTime();
  const writeSnapshot = ({ id, text, revision, language }: Snapshot): void => {
    const { origin } = beginningAt(text, revision);
    sql.writeSnapshot.run({ id, text, revision, language, origin, now: nowMs() });
  };
  const open = (id: string, sealed: string | null): string | null => (sealed === null ? null : cipher.open(id, sealed));

  const close = async (): Promise<void> => {
    await checkpointer.close();
    // The last connection moves the log into the database and removes it.
    db.close();
    release();
  };
  let closed: Promise<void> | undefined;
  // A predecessor that was killed may have deleted something whose bytes are still in its log.
  if (!emptyLog(db)) checkpointer.emptySoon();

  /** What could not be used is replaced, so that the next load finds what this one did. */
  const repair = (id: string, history: History, base: number): void =>
    transaction(() => {
      const { revision, text, baseText, origin } = history;
      sql.repair.run({ id, text, revision, base: history.base, baseText, origin });
      if (history.base === base) return;
      sql.forgetOperations.run(id, history.base);
      // Nobody may resume on revisions whose meaning is lost.
      sql.forgetAllEpochs.run(id);
    });

  return {
    kind: 'sqlite',

    find: (id) =>
      guarded((): StoredDocument | undefined => {
        const row = sql.find.get(id) as DocumentRow | undefined;
        if (row === undefined) return undefined;
        const otp = open(id, row.otp);
        const entries = (sql.findEntries.all(id, row.base) as EntryRow[]).map(entryOf);
        const history = readHistory({ ...row, entries });
        if (history.problems.length > 0) {
          log('store_disagrees', { docId: id, problems: history.problems });
          repair(id, history, row.base);
        }
        const { text, revision, snapshotRevision, base, baseText, origin } = history;
        return {
          id,
          text,
          revision,
          snapshotRevision,
          base,
          baseText,
          origin,
          entries: history.entries,
          epochs: (sql.findEpochs.all(id) as Epoch[]).map(({ id: epoch, start }) => ({ id: epoch, start })),
          language: row.language,
          otp,
          viewLink: row.viewLink,
          expiryHours: row.expiryHours,
        };
      }),

    findToken: (id) =>
      guarded(() => {
        const row = sql.findToken.get(id) as { otp: string | null } | undefined;
        return { exists: row !== undefined, otp: open(id, row?.otp ?? null) };
      }),

    findByViewLink: (viewLink) => guarded(() => (sql.findByViewLink.get(viewLink) as { id: string } | undefined)?.id),

    commit({ operations, epochs }: Commit) {
      const at = nowMs();
      transaction(() => {
        let ensured: string | undefined;
        for (const { id, entry } of operations) {
          if (id !== ensured) sql.ensureDocument.run(id, at);
          ensured = id;
          sql.addOperation.run(id, entry.revision, String(entry.author), entry.operation, entry.session, entry.sequence);
        }
        for (const { id, epoch } of epochs) {
          sql.ensureDocument.run(id, at);
          sql.addEpoch.run(id, epoch.id, epoch.start);
        }
      });
    },

    writeSnapshot: (snapshot) => transaction(() => writeSnapshot(snapshot)),
    writeToken: (snapshot, otp) =>
      transaction(() => {
        writeSnapshot(snapshot);
        sql.setToken.run(otp === null ? null : cipher.seal(snapshot.id, otp), snapshot.id);
      }),
    writeViewLink: (snapshot, viewLink) =>
      transaction(() => {
        writeSnapshot(snapshot);
        sql.setViewLink.run(viewLink, snapshot.id);
      }),
    writeExpiry: (snapshot, expiryHours) =>
      transaction(() => {
        writeSnapshot(snapshot);
        sql.setExpiry.run(expiryHours, snapshot.id);
      }),

    touch: (ids, at) =>
      transaction(() => {
        for (const id of ids) sql.touch.run(at.getTime(), id);
      }),

    compact: ({ id, base, baseText, origin }: Compaction) =>
      transaction(() => {
        sql.compact.run({ id, base, baseText, origin });
        sql.forgetOperations.run(id, base);
        sql.forgetEpochs.run(id, base);
      }),

    delete(ids) {
      let deleted = 0;
      transaction(() => {
        for (const id of ids) deleted += Number(sql.delete.run(id).changes);
      });
      if (deleted === 0) return;
      if (guarded(() => emptyLog(db))) return;
      deletedAndPending += deleted;
      log('store_delete_pending', { documents: deletedAndPending });
      checkpointer.emptySoon();
    },

    findExpired: (at, defaultHours) =>
      guarded(() => (sql.findExpired.all(at.getTime(), defaultHours) as { id: string }[]).map(({ id }) => id)),
    countDocuments: () => guarded(() => (sql.count.get() as { count: number }).count),
    sizeBytes: () => guarded(() => sizeOnDisk(file)),

    close() {
      closed ??= close();
      return closed;
    },
  };
};

/** How many documents have a token that this key does not open, judged by one of them. */
export const countUnreadableTokens = (db: DatabaseSync, cipher: Cipher): number => {
  const sample = db.prepare('SELECT id, otp FROM document WHERE otp IS NOT NULL LIMIT 1').get() as
    | { id: string; otp: string }
    | undefined;
  if (sample === undefined) return 0;
  try {
    cipher.open(sample.id, sample.otp);
    return 0;
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    return (db.prepare('SELECT count(*) AS count FROM document WHERE otp IS NOT NULL').get() as { count: number }).count;
  }
};

type DocumentRow = {
  text: string;
  snapshotRevision: number;
  base: number;
  baseText: string;
  origin: number;
  language: string | null;
  otp: string | null;
  viewLink: string | null;
  expiryHours: number | null;
};
type EntryRow = { revision: number; author: string; operation: string; session: string | null; sequence: number | null };

const entryOf = ({ revision, author, operation, session, sequence }: EntryRow): JournalEntry => ({
  revision,
  author: author === SYSTEM_USER ? SYSTEM_USER : Number(author),
  operation,
  session,
  sequence,
});
