/** Moments are milliseconds since 1970. */
import type { Migration } from '../store/migration.ts';

const ACCOUNTS = `
  CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'editor', 'author', 'viewer')),
    is_active INTEGER NOT NULL DEFAULT 1,
    password_hash TEXT NOT NULL,
    -- Set for passwords that somebody else chose, with the moment until which such a one lets in.
    must_change_password INTEGER NOT NULL DEFAULT 0,
    password_expires_at INTEGER,
    -- In plain text: a key from SESSION_SECRET would lock people out when the secret is changed, and the file has mode 600.
    totp_secret BLOB,
    -- Shown as a QR code, not yet confirmed by a code.
    totp_pending BLOB,
    -- Number of the last 30 seconds whose code was used: no code counts twice.
    totp_last_step INTEGER NOT NULL DEFAULT 0,
    last_login_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE recovery_codes (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (account, code_hash)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    -- The account got another role: the next page gives the browser another token.
    must_rotate INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX sessions_account ON sessions (account);

  CREATE TABLE login_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX login_attempts_key ON login_attempts (key, at);
  CREATE INDEX login_attempts_at ON login_attempts (at);

  -- Networks from which an account logged in: what strangers try elsewhere does not slow it down there.
  CREATE TABLE known_networks (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    last_login_at INTEGER NOT NULL,
    PRIMARY KEY (account, network)
  ) STRICT, WITHOUT ROWID;
`;

/** Who did it is kept by name as well, and refers to no table: what was done stays true when the account is gone. */
const ACTIVITY = `
  CREATE TABLE activity_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor INTEGER,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id INTEGER,
    title TEXT NOT NULL,
    description TEXT NOT NULL
  ) STRICT;
  CREATE INDEX activity_log_action ON activity_log (action, id);

  CREATE TRIGGER activity_log_no_update BEFORE UPDATE ON activity_log
  BEGIN SELECT RAISE(ABORT, 'the activity log cannot be changed'); END;

  CREATE TRIGGER activity_log_no_delete BEFORE DELETE ON activity_log
  BEGIN SELECT RAISE(ABORT, 'the activity log cannot be changed'); END;

  -- REPLACE would delete without asking the trigger above.
  CREATE TRIGGER activity_log_no_replace BEFORE INSERT ON activity_log
  WHEN EXISTS (SELECT 1 FROM activity_log WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'the activity log cannot be changed'); END;
`;

export const accountsMigrations: readonly Migration[] = [
  { name: 'accounts-1', sql: ACCOUNTS },
  { name: 'accounts-2-activity', sql: ACTIVITY },
];
