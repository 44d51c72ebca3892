/** Tables of the media library. Files lie beside the database; a row is written only after its file is safe on the disk. */
import type { Migration } from '../store/migration.ts';

export const mediaMigrations: readonly Migration[] = [
  {
    name: 'media-1',
    sql: `
CREATE TABLE media_files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  original_name TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('image', 'document')),
  -- Name under originals/: never served, random, with the extension of what it is.
  stored_name TEXT NOT NULL UNIQUE,
  -- SHA-256 of what was sent: the same file is kept once.
  digest TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  width INTEGER,
  height INTEGER,
  frames INTEGER NOT NULL DEFAULT 1,
  has_alpha INTEGER NOT NULL DEFAULT 0,
  alt TEXT NOT NULL DEFAULT '',
  is_decorative INTEGER NOT NULL DEFAULT 0,
  focal_x INTEGER NOT NULL DEFAULT 50 CHECK (focal_x BETWEEN 0 AND 100),
  focal_y INTEGER NOT NULL DEFAULT 50 CHECK (focal_y BETWEEN 0 AND 100),
  download_count INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by INTEGER
) STRICT;
CREATE UNIQUE INDEX media_files_digest ON media_files (digest);
CREATE INDEX media_files_created ON media_files (created_at);
CREATE TABLE media_renditions (
  media_id INTEGER NOT NULL REFERENCES media_files (id) ON DELETE CASCADE,
  format TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  -- Name under renditions/, and under public/ as long as visible content shows it. Never used twice.
  name TEXT NOT NULL UNIQUE,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (media_id, format, width)
) STRICT, WITHOUT ROWID;
`,
  },
];
