import type { DatabaseSync } from 'node:sqlite';

/** Values kept by name, as JSON. */
export interface Settings {
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): void;
}

export function createSettings(db: DatabaseSync): Settings {
  const find = db.prepare('SELECT value FROM setting WHERE key = ?');
  const put = db.prepare('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  return {
    get<T>(key: string) {
      const row = find.get(key) as { value: string } | undefined;
      return row && (JSON.parse(row.value) as T);
    },
    set: (key, value) => void put.run(key, JSON.stringify(value)),
  };
}
