import type { Migration } from '../store/migration.ts';

/** Moments are milliseconds since 1970. Addresses of the network are shortened before they are written. */
export const leadsMigrations: readonly Migration[] = [
  {
    name: 'leads-1',
    sql: `
CREATE TABLE contact_submissions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  company TEXT NOT NULL,
  message TEXT NOT NULL,
  inquiry_type TEXT NOT NULL CHECK (inquiry_type IN ('sales', 'support', 'partnership', 'demo', 'other')),
  submission_type TEXT NOT NULL CHECK (submission_type IN ('contact', 'rfq')),
  product TEXT NOT NULL DEFAULT '',
  network TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'read', 'replied', 'closed', 'archived')),
  notes TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
);
CREATE INDEX contact_submissions_by_time ON contact_submissions (created_at DESC);
CREATE INDEX contact_submissions_by_status ON contact_submissions (status, created_at DESC);
CREATE INDEX contact_submissions_by_email ON contact_submissions (email COLLATE NOCASE);

CREATE TABLE whitepaper_downloads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  whitepaper INTEGER NOT NULL,
  whitepaper_title TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  company TEXT NOT NULL,
  designation TEXT NOT NULL DEFAULT '',
  marketing_consent INTEGER NOT NULL CHECK (marketing_consent IN (0, 1)),
  network TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX whitepaper_downloads_by_time ON whitepaper_downloads (created_at DESC);
CREATE INDEX whitepaper_downloads_by_whitepaper ON whitepaper_downloads (whitepaper, created_at DESC);
CREATE INDEX whitepaper_downloads_by_email ON whitepaper_downloads (email COLLATE NOCASE);

CREATE TABLE form_attempts (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  at INTEGER NOT NULL
);
CREATE INDEX form_attempts_by_key ON form_attempts (key, at);

CREATE TABLE form_tokens_used (
  token TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX form_tokens_used_by_end ON form_tokens_used (expires_at);
`,
  },
];
