import type { DatabaseSync } from 'node:sqlite';
import type { Event } from '@berth/protocol';

export type NewEvent = { name: string; app?: string; operation?: number; fields?: Record<string, unknown> };

export interface Events {
  add(event: NewEvent): Event;
  /** After `since`, oldest first, at most `limit`. */
  list(query: { since: number; app?: string; operation?: number; limit: number }): readonly Event[];
  lastSeq(): number;
  /** Keeps the newest `count`, and everything whose name begins with "audit.". */
  prune(count: number): void;
}

export function createEvents(db: DatabaseSync, deps: { now: () => Date }): Events {
  const insert = db.prepare('INSERT INTO event (at, name, app, operation, fields) VALUES (?, ?, ?, ?, ?)');
  const list = db.prepare(
    `SELECT * FROM event WHERE seq > ?1 AND (?2 IS NULL OR app = ?2) AND (?3 IS NULL OR operation = ?3) ORDER BY seq LIMIT ?4`,
  );
  const last = db.prepare("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) AS seq");
  const prune = db.prepare("DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - ? AND name NOT LIKE 'audit.%'");
  return {
    add({ name, app, operation, fields = {} }) {
      const at = deps.now().toISOString();
      const { lastInsertRowid } = insert.run(at, name, app ?? null, operation ?? null, JSON.stringify(fields));
      return { seq: Number(lastInsertRowid), at, name, app: app ?? null, operation: operation ?? null, fields };
    },
    list: ({ since, app, operation, limit }) => list.all(since, app ?? null, operation ?? null, limit).map(toEvent),
    lastSeq: () => (last.get() as { seq: number }).seq,
    prune: (count) => void prune.run(count),
  };
}

const toEvent = (row: Record<string, unknown>): Event => ({
  seq: row.seq as number,
  at: row.at as string,
  name: row.name as string,
  app: row.app as string | null,
  operation: row.operation as number | null,
  fields: JSON.parse(row.fields as string) as Record<string, unknown>,
});
