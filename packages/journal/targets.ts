import type { DatabaseSync } from 'node:sqlite';

/** A place that backups go to. */
export type TargetRow = {
  readonly name: string;
  readonly url: string;
  /** Sealed; null where none are needed. */
  readonly credentials: Uint8Array | null;
  /** Sealed. */
  readonly dataKey: Uint8Array;
  readonly addedAt: string;
};

export interface Targets {
  /** In the order in which they were added. */
  list(): readonly TargetRow[];
  find(name: string): TargetRow | undefined;
  /** Replaces one of the same name. */
  put(target: Omit<TargetRow, 'addedAt'>): void;
  remove(name: string): void;
}

export function createTargets(db: DatabaseSync, deps: { now: () => Date }): Targets {
  const all = db.prepare('SELECT * FROM target ORDER BY added_at, name');
  const one = db.prepare('SELECT * FROM target WHERE name = ?');
  const put = db.prepare(
    `INSERT INTO target (name, url, credentials, data_key, added_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET url = excluded.url, credentials = excluded.credentials, data_key = excluded.data_key`,
  );
  const remove = db.prepare('DELETE FROM target WHERE name = ?');
  return {
    list: () => all.all().map(toTarget),
    find(name) {
      const row = one.get(name);
      return row && toTarget(row);
    },
    put: ({ name, url, credentials, dataKey }) => void put.run(name, url, credentials, dataKey, deps.now().toISOString()),
    remove: (name) => void remove.run(name),
  };
}

const toTarget = (row: Record<string, unknown>): TargetRow => ({
  name: row.name as string,
  url: row.url as string,
  credentials: row.credentials as Uint8Array | null,
  dataKey: row.data_key as Uint8Array,
  addedAt: row.added_at as string,
});
