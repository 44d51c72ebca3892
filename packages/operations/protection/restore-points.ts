import { asBerthError, listedPoints } from '@berth/core';
import type { Journal, PointRow, StoreRow } from '@berth/journal';
import type { RestorePoint } from '@berth/protocol';
import type { StoreDriver, StorePosition } from '@berth/stores';
import { backupPolicy } from './followed.ts';
import { type NewPoint, renderPoint, type TakenPoint } from './protection.ts';

export type PointDeps = {
  readonly journal: Journal;
  readonly now: () => Date;
  readonly driver: (kind: StoreRow['kind']) => StoreDriver;
  /** Whether anything is sent anywhere for stores of this kind. */
  readonly isProtected: (kind: StoreRow['kind']) => boolean;
};

/** Where each of the stores stands at this moment, by id; those that do not exist yet are left out. */
export async function positionsOf({ driver }: Pick<PointDeps, 'driver'>, stores: readonly StoreRow[], at: Date) {
  const positions: Record<string, StorePosition> = {};
  for (const kind of ['sqlite', 'files'] as const) {
    const ids = stores.filter((store) => store.kind === kind).map(({ id }) => id);
    if (ids.length === 0) continue;
    for (const [id, position] of await driver(kind).mark(ids, at)) positions[id] = position;
  }
  return positions;
}

export async function takePoint(
  deps: PointDeps,
  stores: readonly StoreRow[],
  what: NewPoint,
  already?: number,
): Promise<TakenPoint> {
  const { journal, now } = deps;
  const own = stores.filter(({ kind }) => deps.isProtected(kind));
  if (own.length === 0) return { point: null, reason: null };
  const at = now();
  try {
    const positions = await positionsOf(deps, own, at);
    if (Object.keys(positions).length === 0) return { point: null, reason: null };
    if (already !== undefined) {
      journal.points.move(already, { at: at.toISOString(), positions });
      return { point: journal.points.find(already) ?? null, reason: null };
    }
    const release = journal.apps.get(what.app).release;
    return { point: journal.points.add({ ...what, release, at: at.toISOString(), positions }), reason: null };
  } catch (cause) {
    const known = already === undefined ? undefined : journal.points.find(already);
    return { point: known ?? null, reason: asBerthError(cause).message };
  }
}

/** Those that are still listed for people, and which are over. */
export function splitPoints(
  journal: Journal,
  app: string,
  now: Date,
): { listed: readonly PointRow[]; over: readonly PointRow[] } {
  const rows = journal.points.list(app);
  const listed = listedPoints(rows, { now, keepMs: backupPolicy(journal, app).keepMs });
  const kept = new Set(listed.map(({ number }) => number));
  return { listed: rows.filter(({ number }) => kept.has(number)), over: rows.filter(({ number }) => !kept.has(number)) };
}

export const toRestorePoint = (row: PointRow, stores: readonly StoreRow[]): RestorePoint => ({
  point: renderPoint(row.number),
  app: row.app,
  at: row.at,
  kind: row.kind as RestorePoint['kind'],
  label: row.label,
  release: row.release,
  operation: row.operation,
  stores: stores.filter(({ id }) => row.positions[id] !== undefined).map(({ name }) => name),
});
