import { DatabaseSync } from 'node:sqlite';
import { storeErrorFrom } from './errors.ts';
import type { JournalEntry } from './store.ts';
import { readHistory } from './stored-history.ts';

export type Verification = {
  readonly documents: number;
  readonly operations: number;
  /** In words, with the document's id first; empty when all is well. */
  readonly problems: readonly string[];
};

/**
 * Reads a whole database, also one that a server is writing to, and checks of every document that its snapshot is what the
 * journal makes of it, that revisions follow each other, and that epochs lie within them. Changes nothing.
 */
export const verifyStore = (file: string): Verification => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    // One moment of the database, however long this takes.
    db.exec('BEGIN');
    return verify(db);
  } catch (cause) {
    throw storeErrorFrom(cause, file);
  } finally {
    db?.close();
  }
};

const BUSY_TIMEOUT_MS = 5_000;

const verify = (db: DatabaseSync): Verification => {
  const problems = integrityOf(db);
  const documents = db.prepare(`
    SELECT id, text, revision AS snapshotRevision, base_revision AS base, base_text AS baseText, origin FROM document`);
  const entriesOf = db.prepare(`
    SELECT revision, author, operation, session, sequence FROM operation WHERE document_id = ? ORDER BY revision`);
  const epochsOf = db.prepare('SELECT id, start FROM epoch WHERE document_id = ? ORDER BY rowid');
  let count = 0;
  let operations = 0;
  for (const row of documents.iterate() as Iterable<DocumentRow>) {
    const entries = entriesOf.all(row.id) as JournalEntry[];
    count += 1;
    operations += entries.length;
    const history = readHistory({ ...row, entries }, { thorough: true });
    const epochs = epochsOf.all(row.id) as { id: string; start: number }[];
    const wrong = [
      ...history.problems,
      ...(row.origin > row.base ? [`origin ${row.origin} lies behind the base ${row.base}`] : []),
      ...epochs
        .filter(({ start }, index) => start > history.revision || start < (epochs[index - 1]?.start ?? 0))
        .map(({ id, start }) => `epoch ${id} starts at revision ${start}, out of order or beyond ${history.revision}`),
    ];
    problems.push(...wrong.map((problem) => `${row.id}: ${problem}`));
  }
  return { documents: count, operations, problems };
};

type DocumentRow = {
  id: string;
  text: string;
  snapshotRevision: number;
  base: number;
  baseText: string;
  origin: number;
};

const integrityOf = (db: DatabaseSync): string[] => [
  ...(db.prepare('PRAGMA quick_check(10)').all() as { quick_check: string }[])
    .map(({ quick_check: verdict }) => verdict)
    .filter((verdict) => verdict !== 'ok')
    .map((verdict) => `database: ${verdict}`),
  ...(db.prepare('PRAGMA foreign_key_check').all() as { table: string }[]).map(
    ({ table }) => `database: a row of ${table} belongs to no document`,
  ),
];
