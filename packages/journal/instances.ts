import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Death } from '@berth/core';

/**
 * What an instance is meant to be doing.
 * - `standby`: running and healthy, without requests: a release on its way in;
 * - `serving`: taking requests;
 * - `parked`: stopped, but kept so that it can serve again when a handover is undone;
 * - `leaving`: finishing its requests, then stopped, then forgotten.
 */
export type Want = 'standby' | 'serving' | 'parked' | 'leaving';

export type InstanceRow = {
  readonly id: string;
  readonly app: string;
  readonly service: string;
  readonly release: number;
  /** Its own port; null for a service that takes no requests. */
  readonly port: number | null;
  readonly want: Want;
  readonly createdAt: string;
  readonly restarts: number;
  /** Its latest deaths, oldest first. */
  readonly deaths: readonly Death[];
  readonly stopping: boolean;
};

export interface Instances {
  list(filter?: { app?: string }): readonly InstanceRow[];
  find(id: string): InstanceRow | undefined;
  add(instance: Pick<InstanceRow, 'id' | 'app' | 'service' | 'release' | 'port' | 'want'>): void;
  update(id: string, changes: Partial<Pick<InstanceRow, 'want' | 'restarts' | 'deaths' | 'stopping'>>): void;
  remove(id: string): void;
  /** Ports in use by any instance or service of this home. */
  takenPorts(): ReadonlySet<number>;
  holds(): readonly { app: string; service: string; operation: number }[];
  arm(app: string, service: string, operation: number): void;
  disarm(operation: number): void;
}

export function createInstances(db: DatabaseSync, deps: { now: () => Date }): Instances {
  const all = db.prepare('SELECT * FROM instance WHERE (? IS NULL OR app = ?) ORDER BY app, service, created_at, id');
  const one = db.prepare('SELECT * FROM instance WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO instance (id, app, service, release, port, want, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const update = db.prepare('UPDATE instance SET want = ?, restarts = ?, deaths = ?, stopping = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM instance WHERE id = ?');
  const ports = db.prepare('SELECT port FROM instance WHERE port IS NOT NULL UNION SELECT port FROM address');
  const holds = db.prepare('SELECT app, service, operation FROM hold ORDER BY app, service');
  const arm = db.prepare(
    'INSERT INTO hold (app, service, operation) VALUES (?, ?, ?) ON CONFLICT (app, service) DO UPDATE SET operation = excluded.operation',
  );
  const disarm = db.prepare('DELETE FROM hold WHERE operation = ?');
  const find = (id: string) => {
    const row = one.get(id);
    return row && toInstance(row);
  };
  return {
    list: ({ app = null }: { app?: string | null } = {}) => all.all(app, app).map(toInstance),
    find,
    add: (it) => void insert.run(it.id, it.app, it.service, it.release, it.port, it.want, deps.now().toISOString()),
    update(id, changes) {
      const row = find(id);
      if (!row) return;
      const next = { ...row, ...changes };
      update.run(next.want, next.restarts, JSON.stringify(next.deaths), next.stopping ? 1 : 0, id);
    },
    remove: (id) => void remove.run(id),
    takenPorts: () => new Set(ports.all().map((row) => row.port as number)),
    holds: () => holds.all().map((row) => ({ ...row }) as { app: string; service: string; operation: number }),
    arm: (app, service, operation) => void arm.run(app, service, operation),
    disarm: (operation) => void disarm.run(operation),
  };
}

const toInstance = (row: Record<string, SQLOutputValue>): InstanceRow => ({
  id: row.id as string,
  app: row.app as string,
  service: row.service as string,
  release: row.release as number,
  port: row.port as number | null,
  want: row.want as Want,
  createdAt: row.created_at as string,
  restarts: row.restarts as number,
  deaths: JSON.parse(row.deaths as string) as Death[],
  stopping: row.stopping === 1,
});
