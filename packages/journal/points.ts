import type { DatabaseSync } from 'node:sqlite';

/** A moment that the stores of an app can go back to. */
export type PointRow = {
  readonly number: number;
  readonly app: string;
  readonly at: string;
  readonly kind: string;
  readonly label: string | null;
  /** The release that served at that moment. */
  readonly release: number | null;
  /** The operation that took it. */
  readonly operation: number | null;
  /** By store id, as the stores' drivers made them. */
  readonly positions: Readonly<Record<string, unknown>>;
};

export interface Points {
  /** Newest first; of one app, or of all. */
  list(app?: string): readonly PointRow[];
  find(number: number): PointRow | undefined;
  add(point: Omit<PointRow, 'number'>): PointRow;
  /** The same point, at a later moment. */
  move(number: number, to: Pick<PointRow, 'at' | 'positions'>): void;
  /** As known from a target. */
  put(point: PointRow): void;
  remove(numbers: readonly number[]): void;
}

export function createPoints(db: DatabaseSync): Points {
  const all = db.prepare('SELECT * FROM point ORDER BY number DESC');
  const ofApp = db.prepare('SELECT * FROM point WHERE app = ? ORDER BY number DESC');
  const one = db.prepare('SELECT * FROM point WHERE number = ?');
  const columns = '(number, app, at, kind, label, release, operation, positions) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
  const insert = db.prepare(`INSERT INTO point ${columns}`);
  const insertUnlessThere = db.prepare(`INSERT OR IGNORE INTO point ${columns}`);
  const move = db.prepare('UPDATE point SET at = ?, positions = ? WHERE number = ?');
  const remove = db.prepare('DELETE FROM point WHERE number = ?');
  const values = (point: Omit<PointRow, 'number'>) => {
    const { app, at, kind, label, release, operation, positions } = point;
    return [app, at, kind, label, release, operation, JSON.stringify(positions)];
  };
  return {
    list: (app) => (app === undefined ? all.all() : ofApp.all(app)).map(toPoint),
    find(number) {
      const row = one.get(number);
      return row && toPoint(row);
    },
    add(point) {
      const { lastInsertRowid } = insert.run(null, ...values(point));
      return { number: Number(lastInsertRowid), ...point };
    },
    move: (number, { at, positions }) => void move.run(at, JSON.stringify(positions), number),
    put: (point) => void insertUnlessThere.run(point.number, ...values(point)),
    remove(numbers) {
      for (const number of numbers) remove.run(number);
    },
  };
}

const toPoint = (row: Record<string, unknown>): PointRow => ({
  number: row.number as number,
  app: row.app as string,
  at: row.at as string,
  kind: row.kind as string,
  label: row.label as string | null,
  release: row.release as number | null,
  operation: row.operation as number | null,
  positions: JSON.parse(row.positions as string) as Record<string, unknown>,
});
