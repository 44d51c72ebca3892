/**
 * The journal's tables, as a list of migrations: the database's `user_version` is how many have been applied. A released
 * migration is never changed; a new format is a new entry.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE app (
    name TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    -- new: configured, never deployed
    state TEXT NOT NULL CHECK (state IN ('new', 'running', 'stopped')),
    -- the release that should serve, and the one that did before it
    release INTEGER,
    previous INTEGER,
    -- JSON: instance counts that replace the manifest's
    scale TEXT NOT NULL DEFAULT '{}'
  ) STRICT;

  CREATE TABLE release (
    app TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- content address of everything below, so that an unchanged deploy is recognised
    digest TEXT NOT NULL,
    build TEXT NOT NULL,
    manifest TEXT NOT NULL,
    variables TEXT NOT NULL,
    -- JSON: secret name to version
    secrets TEXT NOT NULL,
    created_at TEXT NOT NULL,
    by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'good', 'failed', 'pruned')),
    changes TEXT NOT NULL,
    PRIMARY KEY (app, number)
  ) STRICT;

  CREATE TABLE operation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'undoing', 'succeeded', 'failed', 'cancelled')),
    by TEXT NOT NULL,
    input TEXT NOT NULL,
    -- JSON: what its steps have decided so far, read again when it is resumed
    memory TEXT NOT NULL DEFAULT '{}',
    release INTEGER,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    cancel INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    receipt TEXT
  ) STRICT;
  CREATE INDEX operation_by_app ON operation (app, id);
  CREATE INDEX operation_open ON operation (state) WHERE state IN ('queued', 'running', 'undoing');

  CREATE TABLE step (
    operation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'failed', 'undone')),
    started_at TEXT,
    finished_at TEXT,
    note TEXT,
    PRIMARY KEY (operation, position)
  ) STRICT;

  CREATE TABLE instance (
    id TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    service TEXT NOT NULL,
    release INTEGER NOT NULL,
    port INTEGER UNIQUE,
    want TEXT NOT NULL CHECK (want IN ('standby', 'serving', 'parked', 'leaving')),
    created_at TEXT NOT NULL,
    restarts INTEGER NOT NULL DEFAULT 0,
    -- JSON: its latest deaths, for backoff and crash loops
    deaths TEXT NOT NULL DEFAULT '[]',
    -- it has been told to stop: a daemon that comes back goes on with that
    stopping INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX instance_by_app ON instance (app, service);

  -- the stable loopback port of a service; kept for as long as the app is known
  CREATE TABLE address (app TEXT NOT NULL, service TEXT NOT NULL, port INTEGER NOT NULL UNIQUE, PRIMARY KEY (app, service)) STRICT;

  -- services whose requests wait while no instance takes them
  CREATE TABLE hold (app TEXT NOT NULL, service TEXT NOT NULL, operation INTEGER NOT NULL, PRIMARY KEY (app, service)) STRICT;

  CREATE TABLE bake (
    app TEXT PRIMARY KEY,
    release INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    -- JSON: requests, errors and latency of the release before
    baseline TEXT NOT NULL
  ) STRICT;
  -- how a release's bake ended; absent while it goes on and for releases that never baked
  CREATE TABLE bake_result (app TEXT NOT NULL, release INTEGER NOT NULL, result TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (app, release)) STRICT;

  CREATE TABLE variable (app TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (app, name)) STRICT;

  -- encrypted; a version stays for as long as a kept release uses it
  CREATE TABLE secret (
    app TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    value BLOB NOT NULL,
    set_at TEXT NOT NULL,
    generated INTEGER NOT NULL,
    current INTEGER NOT NULL,
    PRIMARY KEY (app, name, version)
  ) STRICT;

  CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    name TEXT NOT NULL,
    app TEXT,
    operation INTEGER,
    fields TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_by_app ON event (app, seq);
  CREATE INDEX event_by_operation ON event (operation, seq);
  `,
  `
  -- what the release was made from, where that is known; \`dirty\`: with changes that no commit has
  ALTER TABLE release ADD COLUMN commit_hash TEXT;
  ALTER TABLE release ADD COLUMN commit_dirty INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- where backups go; the address holds no secret, credentials and data key are sealed with the home's key
  CREATE TABLE target (
    name TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    credentials BLOB,
    data_key BLOB NOT NULL,
    added_at TEXT NOT NULL
  ) STRICT;

  -- every store that was ever protected; its id is its name at the targets
  CREATE TABLE store (
    id TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sqlite', 'files')),
    -- file or directory, relative to the directory that the store is given
    path TEXT NOT NULL,
    created_at TEXT NOT NULL,
    -- no release of the app has it any more; what the targets hold is kept for as long as it would be otherwise
    gone_at TEXT,
    UNIQUE (app, name, kind)
  ) STRICT;

  CREATE TABLE point (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT,
    release INTEGER,
    operation INTEGER,
    -- JSON: store id to position
    positions TEXT NOT NULL
  ) STRICT;
  CREATE INDEX point_by_app ON point (app, number);

  CREATE TABLE drill (
    operation INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    at TEXT NOT NULL,
    -- JSON: what the API says of it
    result TEXT NOT NULL
  ) STRICT;
  CREATE INDEX drill_by_app ON drill (app, at);
  `,
];
