import type { DatabaseSync } from 'node:sqlite';
import { type Commit, DEFAULT_BACKUP_POLICY, type Manifest } from '@berth/core';
import { releaseNotFound } from './errors.ts';

/** An immutable build of an app with its configuration. */
export type ReleaseRow = {
  readonly app: string;
  readonly number: number;
  readonly digest: string;
  /** Content address of the build. */
  readonly build: string;
  /** What its source was in git; null where that is not known. Not a part of `digest`. */
  readonly commit: Commit | null;
  readonly manifest: Manifest;
  readonly variables: Readonly<Record<string, string>>;
  /** Secret name to version. */
  readonly secrets: Readonly<Record<string, number>>;
  readonly createdAt: string;
  readonly by: string;
  /** `new` until it has served, `good` from then on; `pruned` when its build is gone. */
  readonly state: 'new' | 'good' | 'failed' | 'pruned';
  readonly changes: readonly string[];
};

export type NewRelease = Omit<ReleaseRow, 'number' | 'createdAt' | 'state'>;

export interface Releases {
  /** Newest first. */
  list(app: string): readonly ReleaseRow[];
  find(app: string, number: number): ReleaseRow | undefined;
  /** Throws RELEASE_NOT_FOUND. */
  get(app: string, number: number): ReleaseRow;
  /** Takes the app's next number. */
  add(release: NewRelease): ReleaseRow;
  setState(app: string, number: number, state: ReleaseRow['state']): void;
}

export function createReleases(db: DatabaseSync, deps: { now: () => Date }): Releases {
  const all = db.prepare('SELECT * FROM release WHERE app = ? ORDER BY number DESC');
  const one = db.prepare('SELECT * FROM release WHERE app = ? AND number = ?');
  const next = db.prepare('SELECT coalesce(max(number), 0) + 1 AS number FROM release WHERE app = ?');
  const insert = db.prepare(
    `INSERT INTO release (app, number, digest, build, manifest, variables, secrets, created_at, by, state, changes, commit_hash,
       commit_dirty)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'new', ?, ?, ?)`,
  );
  const setState = db.prepare('UPDATE release SET state = ? WHERE app = ? AND number = ?');
  const find = (app: string, number: number) => {
    const row = one.get(app, number);
    return row && toRelease(row);
  };
  const get = (app: string, number: number) => {
    const release = find(app, number);
    if (!release) throw releaseNotFound(app, number);
    return release;
  };
  return {
    list: (app) => all.all(app).map(toRelease),
    find,
    get,
    add(release) {
      const { number } = next.get(release.app) as { number: number };
      const json = [release.manifest, release.variables, release.secrets].map((value) => JSON.stringify(value));
      const [manifest = '', variables = '', secrets = ''] = json;
      const at = deps.now().toISOString();
      const changes = JSON.stringify(release.changes);
      const { app, digest, build, by } = release;
      const commit = [release.commit?.hash ?? null, release.commit?.dirty ? 1 : 0];
      insert.run(app, number, digest, build, manifest, variables, secrets, at, by, changes, ...commit);
      return get(release.app, number);
    },
    setState: (app, number, state) => void setState.run(state, app, number),
  };
}

const toRelease = (row: Record<string, unknown>): ReleaseRow => ({
  app: row.app as string,
  number: row.number as number,
  digest: row.digest as string,
  build: row.build as string,
  commit: row.commit_hash === null ? null : { hash: row.commit_hash as string, dirty: row.commit_dirty === 1 },
  manifest: toManifest(row.manifest as string),
  variables: JSON.parse(row.variables as string) as Record<string, string>,
  secrets: JSON.parse(row.secrets as string) as Record<string, number>,
  createdAt: row.created_at as string,
  by: row.by as string,
  state: row.state as ReleaseRow['state'],
  changes: JSON.parse(row.changes as string) as string[],
});

/** Releases of before there were backups say nothing of them. */
const toManifest = (text: string): Manifest => {
  const manifest = JSON.parse(text) as Omit<Manifest, 'backup'> & Partial<Pick<Manifest, 'backup'>>;
  return { ...manifest, backup: manifest.backup ?? DEFAULT_BACKUP_POLICY };
};
