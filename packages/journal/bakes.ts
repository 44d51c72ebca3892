import type { DatabaseSync } from 'node:sqlite';
import type { Traffic } from '@berth/core';

/** A release under watch after it began to serve. */
export type Bake = {
  readonly app: string;
  readonly release: number;
  readonly previous: number;
  readonly startedAt: string;
  readonly baseline: Traffic;
};

export type BakeResult = 'passed' | 'returned' | 'ended';

export interface Bakes {
  list(): readonly Bake[];
  find(app: string): Bake | undefined;
  begin(bake: Omit<Bake, 'startedAt'>): void;
  /** Ends the app's bake, if one goes on. */
  end(app: string, result: BakeResult, reason: string): void;
  result(app: string, release: number): BakeResult | undefined;
}

export function createBakes(db: DatabaseSync, deps: { now: () => Date }): Bakes {
  const all = db.prepare('SELECT * FROM bake ORDER BY app');
  const one = db.prepare('SELECT * FROM bake WHERE app = ?');
  const insert = db.prepare('INSERT OR REPLACE INTO bake (app, release, previous, started_at, baseline) VALUES (?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM bake WHERE app = ?');
  const insertResult = db.prepare('INSERT OR REPLACE INTO bake_result (app, release, result, reason) VALUES (?, ?, ?, ?)');
  const result = db.prepare('SELECT result FROM bake_result WHERE app = ? AND release = ?');
  const find = (app: string) => {
    const row = one.get(app);
    return row && toBake(row);
  };
  return {
    list: () => all.all().map(toBake),
    find,
    begin: (bake) =>
      void insert.run(bake.app, bake.release, bake.previous, deps.now().toISOString(), JSON.stringify(bake.baseline)),
    end(app, how, reason) {
      const bake = find(app);
      if (!bake) return;
      insertResult.run(app, bake.release, how, reason);
      remove.run(app);
    },
    result: (app, release) => (result.get(app, release) as { result: BakeResult } | undefined)?.result,
  };
}

const toBake = (row: Record<string, unknown>): Bake => ({
  app: row.app as string,
  release: row.release as number,
  previous: row.previous as number,
  startedAt: row.started_at as string,
  baseline: JSON.parse(row.baseline as string) as Traffic,
});
