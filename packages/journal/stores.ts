import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** A store that was ever protected. */
export type StoreRow = {
  /** Its name at the targets. */
  readonly id: string;
  readonly app: string;
  readonly name: string;
  readonly kind: 'sqlite' | 'files';
  /** File or directory, relative to the directory that the store is given. */
  readonly path: string;
  readonly createdAt: string;
  /** Since when no release of the app has it; null while one does. */
  readonly goneAt: string | null;
};

export interface Stores {
  /** Of one app, or all; also those that are gone. */
  list(app?: string): readonly StoreRow[];
  /** The row of a store, made if it is new; one that was gone is back. */
  ensure(store: Pick<StoreRow, 'app' | 'name' | 'kind' | 'path'>): StoreRow;
  setPath(id: string, path: string): void;
  /** As known from a target. */
  put(store: Pick<StoreRow, 'id' | 'app' | 'name' | 'kind' | 'path'>): void;
  markGone(id: string): void;
  remove(id: string): void;
}

export function createStores(db: DatabaseSync, deps: { now: () => Date }): Stores {
  const all = db.prepare('SELECT * FROM store ORDER BY app, name');
  const ofApp = db.prepare('SELECT * FROM store WHERE app = ? ORDER BY name');
  const find = db.prepare('SELECT * FROM store WHERE app = ? AND name = ? AND kind = ?');
  const insert = db.prepare('INSERT OR IGNORE INTO store (id, app, name, kind, path, created_at) VALUES (?, ?, ?, ?, ?, ?)');
  const setPath = db.prepare('UPDATE store SET path = ? WHERE id = ?');
  const back = db.prepare('UPDATE store SET gone_at = NULL WHERE id = ?');
  const gone = db.prepare('UPDATE store SET gone_at = ? WHERE id = ? AND gone_at IS NULL');
  const remove = db.prepare('DELETE FROM store WHERE id = ?');
  const at = () => deps.now().toISOString();
  return {
    list: (app) => (app === undefined ? all.all() : ofApp.all(app)).map(toStore),
    ensure({ app, name, kind, path }) {
      const known = find.get(app, name, kind);
      if (known) {
        if (known.gone_at !== null) back.run(known.id as string);
        return { ...toStore(known), goneAt: null };
      }
      insert.run(`s${randomBytes(8).toString('hex')}`, app, name, kind, path, at());
      return toStore(find.get(app, name, kind) ?? {});
    },
    setPath: (id, path) => void setPath.run(path, id),
    put: ({ id, app, name, kind, path }) => void insert.run(id, app, name, kind, path, at()),
    markGone: (id) => void gone.run(at(), id),
    remove: (id) => void remove.run(id),
  };
}

const toStore = (row: Record<string, unknown>): StoreRow => ({
  id: row.id as string,
  app: row.app as string,
  name: row.name as string,
  kind: row.kind as StoreRow['kind'],
  path: row.path as string,
  createdAt: row.created_at as string,
  goneAt: row.gone_at as string | null,
});
