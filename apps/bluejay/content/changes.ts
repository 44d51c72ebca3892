/** Tells everyone who keeps pages what changed: listeners here at once, other processes through the database. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '@berth/kit';
import { prepared } from '../store/statements.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Change } from './content.ts';

export type Changes = {
  /** One write transaction (or a part of the one that is open), and what was noted in it is told when it is done. */
  saving<T>(work: () => T): T;
  /** Inside `saving`. */
  note(change: Change): void;
  onChange(listener: (change: Change) => void): void;
  /** Reads what others have noted since the last time. One cheap question when there is nothing. */
  notice(): void;
};

export const createChanges = ({
  database,
  now,
  log,
}: {
  readonly database: DatabaseSync;
  readonly now: () => number;
  readonly log: Log;
}): Changes => {
  // Two that have the same file open in one process are two, too.
  const origin = randomUUID();
  const listeners: ((change: Change) => void)[] = [];
  let noted: Change[] = [];
  let depth = 0;
  // The order matters: what is committed between the two is read twice rather than never.
  let dataVersion = readDataVersion(database);
  let lastId = readLastId(database);

  const tell = (change: Change): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        // What was saved is saved: one who cannot listen must not make it look otherwise.
        log.error('content.listener_failed', { error, type: change.type, id: change.id });
      }
    }
  };

  return {
    saving: (work) => {
      const before = noted.length;
      depth += 1;
      try {
        const result = inTransaction(database, work);
        if (depth === 1) {
          const told = noted;
          noted = [];
          depth = 0;
          for (const change of told) tell(change);
          depth = 1;
        }
        return result;
      } catch (error) {
        noted = noted.slice(0, before);
        throw error;
      } finally {
        depth -= 1;
      }
    },
    note: (change) => {
      writeChange(database, { change, origin, atMs: now() });
      noted.push(change);
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    notice: () => {
      const version = readDataVersion(database);
      if (version === dataVersion) return;
      dataVersion = version;
      const missed = missedSince(database, lastId);
      lastId = missed.lastId;
      for (const { change, origin: by } of missed.changes) if (by !== origin) tell(change);
    },
  };
};

/** Who has not asked for so long is told that everything may have changed. */
const KEPT_MS = 3_600_000;

const EVERYTHING: Change = { type: '*', id: 0, action: 'updated', tags: ['*'] };

/** Grows when another connection commits; not with what this one does. */
const readDataVersion = (database: DatabaseSync): number =>
  Number(prepared(database, 'PRAGMA data_version').get()?.['data_version']);

const readLastId = (database: DatabaseSync): number =>
  Number(prepared(database, "SELECT seq FROM sqlite_sequence WHERE name = 'content_changes'").get()?.['seq'] ?? 0);

const writeChange = (
  database: DatabaseSync,
  { change, origin, atMs }: { readonly change: Change; readonly origin: string; readonly atMs: number },
): void => {
  prepared(database, 'DELETE FROM content_changes WHERE at < ?').run(atMs - KEPT_MS);
  prepared(database, 'INSERT INTO content_changes (at, origin, type, record, action, tags) VALUES (?, ?, ?, ?, ?, ?)').run(
    atMs,
    origin,
    change.type,
    change.id,
    change.action,
    JSON.stringify(change.tags),
  );
};

const missedSince = (
  database: DatabaseSync,
  lastId: number,
): { readonly lastId: number; readonly changes: readonly { readonly change: Change; readonly origin: string }[] } => {
  const rows = prepared(
    database,
    'SELECT id, origin, type, record, action, tags FROM content_changes WHERE id > ? ORDER BY id',
  ).all(lastId);
  const newest = Math.max(lastId, readLastId(database));
  // Ids have no gaps (AUTOINCREMENT under one write lock), so a missing one was deleted for its age.
  const isComplete = rows.length === newest - lastId;
  return {
    lastId: newest,
    changes: [
      ...(isComplete ? [] : [{ change: EVERYTHING, origin: '' }]),
      ...rows.map((row) => ({
        origin: String(row['origin']),
        change: {
          type: String(row['type']),
          id: Number(row['record']),
          action: String(row['action']) as Change['action'],
          tags: JSON.parse(String(row['tags'])) as string[],
        },
      })),
    ],
  };
};
