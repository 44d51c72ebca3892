/** Tables beside those of the types: what was saved before, what is being typed, what changed, which files are used where. */
import type { Migration } from '../store/migration.ts';

export const recordTables: Migration = {
  name: 'content-records-1',
  sql: `
    CREATE TABLE revisions (
      id INTEGER PRIMARY KEY,
      type TEXT NOT NULL,
      record INTEGER NOT NULL,
      number INTEGER NOT NULL,
      at INTEGER NOT NULL,
      by_id INTEGER,
      by_name TEXT,
      action TEXT NOT NULL,
      draft TEXT NOT NULL,
      UNIQUE (type, record, number)
    ) STRICT;
    CREATE TABLE working_copies (
      account INTEGER NOT NULL,
      type TEXT NOT NULL,
      record INTEGER NOT NULL,
      version INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      saved_at INTEGER NOT NULL,
      draft TEXT NOT NULL,
      PRIMARY KEY (account, type, record)
    ) STRICT;
    CREATE INDEX working_copies_record ON working_copies (type, record);
    CREATE TABLE content_changes (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      origin TEXT NOT NULL,
      type TEXT NOT NULL,
      record INTEGER NOT NULL,
      action TEXT NOT NULL,
      tags TEXT NOT NULL
    ) STRICT;
    CREATE INDEX content_changes_at ON content_changes (at);
    CREATE TABLE media_uses (
      media INTEGER NOT NULL,
      type TEXT NOT NULL,
      record INTEGER NOT NULL,
      PRIMARY KEY (media, type, record)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX media_uses_record ON media_uses (type, record);
  `,
};
