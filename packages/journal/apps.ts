import type { DatabaseSync } from 'node:sqlite';
import { appNotFound } from './errors.ts';

/** The desired state of an app. */
export type AppRow = {
  readonly name: string;
  readonly state: 'new' | 'running' | 'stopped';
  /** The release that should serve. */
  readonly release: number | null;
  readonly previous: number | null;
  /** Instance counts that replace the manifest's, by service. */
  readonly scale: Readonly<Record<string, number>>;
};

export interface Apps {
  list(): readonly AppRow[];
  find(name: string): AppRow | undefined;
  /** Throws APP_NOT_FOUND. */
  get(name: string): AppRow;
  /** Idempotent. */
  ensure(name: string): AppRow;
  update(name: string, changes: Partial<Omit<AppRow, 'name'>>): void;
  /**
   * With everything that is recorded under its name, operations and events excepted; variables and secrets belong to its
   * data and go only when `data` does.
   */
  remove(name: string, what: { data: boolean }): void;
  /** The stable port of a service, if it has one. */
  address(app: string, service: string): number | undefined;
  addresses(): readonly { app: string; service: string; port: number }[];
  setAddress(app: string, service: string, port: number): void;
}

export function createApps(db: DatabaseSync, deps: { now: () => Date }): Apps {
  const all = db.prepare('SELECT * FROM app ORDER BY name');
  const one = db.prepare('SELECT * FROM app WHERE name = ?');
  const insert = db.prepare("INSERT INTO app (name, created_at, state) VALUES (?, ?, 'new') ON CONFLICT DO NOTHING");
  const update = db.prepare('UPDATE app SET state = ?, release = ?, previous = ?, scale = ? WHERE name = ?');
  const address = db.prepare('SELECT port FROM address WHERE app = ? AND service = ?');
  const addresses = db.prepare('SELECT app, service, port FROM address ORDER BY app, service');
  const setAddress = db.prepare(
    'INSERT INTO address (app, service, port) VALUES (?, ?, ?) ON CONFLICT (app, service) DO UPDATE SET port = excluded.port',
  );
  const find = (name: string) => {
    const row = one.get(name);
    return row && toApp(row);
  };
  const get = (name: string) => {
    const app = find(name);
    if (!app)
      throw appNotFound(
        name,
        (all.all() as { name: string }[]).map((row) => row.name),
      );
    return app;
  };
  return {
    list: () => all.all().map(toApp),
    find,
    get,
    ensure(name) {
      insert.run(name, deps.now().toISOString());
      return get(name);
    },
    update(name, changes) {
      const app = { ...get(name), ...changes };
      update.run(app.state, app.release, app.previous, JSON.stringify(app.scale), name);
    },
    remove(name, { data }) {
      for (const what of data ? [...RECORDS, ...DATA] : RECORDS) db.prepare(`DELETE FROM ${what} = ?`).run(name);
    },
    address: (app, service) => (address.get(app, service) as { port: number } | undefined)?.port,
    addresses: () => addresses.all().map((row) => ({ ...row }) as { app: string; service: string; port: number }),
    setAddress: (app, service, port) => void setAddress.run(app, service, port),
  };
}

const RECORDS = [
  'app WHERE name',
  ...['release', 'instance', 'address', 'hold', 'bake', 'bake_result'].map((table) => `${table} WHERE app`),
];
const DATA = ['variable WHERE app', 'secret WHERE app'];

const toApp = (row: Record<string, unknown>): AppRow => ({
  name: row.name as string,
  state: row.state as AppRow['state'],
  release: row.release as number | null,
  previous: row.previous as number | null,
  scale: JSON.parse(row.scale as string) as Record<string, number>,
});
