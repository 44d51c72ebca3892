import type { DatabaseSync } from 'node:sqlite';

/** A rehearsed restore; `result` is kept as it was given. */
export type DrillRow<Result = unknown> = {
  readonly operation: number;
  readonly app: string;
  readonly at: string;
  readonly result: Result;
};

export interface Drills {
  /** Newest first. */
  list<Result>(app: string): readonly DrillRow<Result>[];
  newest<Result>(app: string): DrillRow<Result> | undefined;
  put(drill: DrillRow): void;
}

export function createDrills(db: DatabaseSync): Drills {
  const all = db.prepare('SELECT * FROM drill WHERE app = ? ORDER BY operation DESC LIMIT 200');
  const put = db.prepare('INSERT OR REPLACE INTO drill (operation, app, at, result) VALUES (?, ?, ?, ?)');
  const list = <Result>(app: string) => all.all(app).map((row) => toDrill<Result>(row));
  return {
    list,
    newest: <Result>(app: string) => list<Result>(app)[0],
    put: ({ operation, app, at, result }) => void put.run(operation, app, at, JSON.stringify(result)),
  };
}

const toDrill = <Result>(row: Record<string, unknown>): DrillRow<Result> => ({
  operation: row.operation as number,
  app: row.app as string,
  at: row.at as string,
  result: JSON.parse(row.result as string) as Result,
});
