import type { DatabaseSync } from 'node:sqlite';
import { SYSTEM_USER } from '../domain/messages.ts';
import { type Cipher, isSealed } from './cipher.ts';
import { tooNew } from './errors.ts';

export type MigrationDeps = { readonly cipher: Cipher; readonly now: () => Date };

/**
 * Brings the schema up to date, each step once and in a transaction of its own. Resolves which were applied, and whether
 * the file came from the original program, whose free pages may still hold clear tokens. Throws STORE_TOO_NEW.
 */
export const migrate = (db: DatabaseSync, file: string, deps: MigrationDeps): { applied: string[]; adopted: boolean } => {
  db.exec('CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, filename TEXT, applied_at INTEGER)');
  const last = db.prepare('SELECT version, filename FROM schema_migrations ORDER BY version DESC LIMIT 1').get() as
    | { version: number; filename: string }
    | undefined;
  const newest = MIGRATIONS.at(-1)?.version ?? 0;
  if (last !== undefined && last.version > newest) throw tooNew(file, last.version, last.filename);

  const adopted = tableExists(db, 'document') && (last?.version ?? 0) < FIRST_OF_OURS;
  const due = MIGRATIONS.filter(({ version }) => version > (last?.version ?? 0));
  const record = db.prepare('INSERT INTO schema_migrations (version, filename, applied_at) VALUES (?, ?, ?)');
  for (const { version, filename, apply } of due) {
    db.exec('BEGIN IMMEDIATE');
    try {
      apply(db, deps);
      record.run(version, filename, Math.floor(deps.now().getTime() / 1000));
      db.exec('COMMIT');
    } catch (cause) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw cause;
    }
  }
  return { applied: due.map(({ filename }) => filename), adopted };
};

type Migration = {
  readonly version: number;
  readonly filename: string;
  readonly apply: (db: DatabaseSync, deps: MigrationDeps) => void;
};

/** The original counts its own from 1 in the same table; below this are its rows. */
const FIRST_OF_OURS = 1001;

const MIGRATIONS: readonly Migration[] = [
  { version: FIRST_OF_OURS, filename: '1001_documents_and_journal', apply: (db, deps) => documentsAndJournal(db, deps) },
];

const documentsAndJournal = (db: DatabaseSync, deps: MigrationDeps): void => {
  if (tableExists(db, 'document')) adoptOriginal(db, deps);
  else db.exec(DOCUMENT);
  db.exec(JOURNAL);
  if (db.prepare('SELECT 1 FROM document LIMIT 1').get() !== undefined) beginJournals(db);
};

// Texts come last: a row that is longer than a page is read only as far as it is asked for.
const DOCUMENT = `
  CREATE TABLE document (
    id TEXT PRIMARY KEY NOT NULL,
    language TEXT,
    otp TEXT,
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    last_accessed_at INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    base_revision INTEGER NOT NULL DEFAULT 0,
    origin INTEGER NOT NULL DEFAULT 0,
    view_link TEXT,
    expiry_hours INTEGER,
    base_text TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''
  );`;

// The index that finds what has expired covers it: no row, and so no text, is read.
const JOURNAL = `
  CREATE UNIQUE INDEX document_view_link ON document (view_link) WHERE view_link IS NOT NULL;
  CREATE INDEX document_last_accessed ON document (last_accessed_at, expiry_hours, id);
  CREATE INDEX document_protected ON document (id) WHERE otp IS NOT NULL;
  CREATE TABLE operation (
    document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    author TEXT NOT NULL,
    operation TEXT NOT NULL,
    session TEXT,
    sequence INTEGER,
    PRIMARY KEY (document_id, revision)
  ) WITHOUT ROWID;
  CREATE TABLE epoch (
    document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    start INTEGER NOT NULL,
    PRIMARY KEY (document_id, id)
  );`;

/** What a table of the original may lack, with or without the columns that its guide speaks of. */
const MISSING: Readonly<Record<string, string>> = {
  language: 'TEXT',
  otp: 'TEXT',
  created_at: 'INTEGER NOT NULL DEFAULT 0',
  updated_at: 'INTEGER NOT NULL DEFAULT 0',
  last_accessed_at: 'INTEGER NOT NULL DEFAULT 0',
  revision: 'INTEGER NOT NULL DEFAULT 0',
  base_revision: 'INTEGER NOT NULL DEFAULT 0',
  origin: 'INTEGER NOT NULL DEFAULT 0',
  view_link: 'TEXT',
  expiry_hours: 'INTEGER',
  base_text: "TEXT NOT NULL DEFAULT ''",
};

const adoptOriginal = (db: DatabaseSync, { cipher, now }: MigrationDeps): void => {
  const columns = db.prepare('PRAGMA table_info(document)').all() as { name: string }[];
  const known = new Set(columns.map(({ name }) => name));
  for (const [name, type] of Object.entries(MISSING))
    if (!known.has(name)) db.exec(`ALTER TABLE document ADD COLUMN ${name} ${type}`);

  // When a document was last used is not known: its time starts now, or all would expire at once.
  const nowMs = now().getTime();
  for (const name of ['created_at', 'updated_at', 'last_accessed_at'])
    db.prepare(
      `UPDATE document SET ${name} = coalesce(CASE typeof(${name}) WHEN 'text' THEN unixepoch(${name}) * 1000 END, ?)
       WHERE typeof(${name}) != 'integer' OR ${name} = 0`,
    ).run(nowMs);

  const seal = db.prepare('UPDATE document SET otp = ? WHERE id = ?');
  const tokens = db.prepare('SELECT id, otp FROM document WHERE otp IS NOT NULL').all() as { id: string; otp: string }[];
  for (const { id, otp } of tokens) if (!isSealed(otp)) seal.run(otp === '' ? null : cipher.seal(id, otp), id);
};

/** A text without a history becomes what clients of the original expect: one insert, which nobody in particular wrote. */
const beginJournals = (db: DatabaseSync): void => {
  const begin = db.prepare('INSERT INTO operation (document_id, revision, author, operation) VALUES (?, 1, ?, ?)');
  // The text is written back as it was read, so that bytes that are no UTF-8 cannot differ from the journal.
  const snapshot = db.prepare(
    "UPDATE document SET text = ?, revision = 1, base_revision = 0, base_text = '', origin = 0 WHERE id = ?",
  );
  const select = db.prepare('SELECT text FROM document WHERE id = ?');
  const ids = db.prepare("SELECT id FROM document WHERE text != ''").all() as { id: string }[];
  for (const { id } of ids) {
    const { text } = select.get(id) as { text: string };
    begin.run(id, SYSTEM_USER, JSON.stringify([text]));
    snapshot.run(text, id);
  }
};

const tableExists = (db: DatabaseSync, name: string): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
