import { asBerthError } from '@berth/core';
import type { Journal, StoreRow } from '@berth/journal';
import type { RestoreRange, StoreStatus, TimeLine } from '@berth/protocol';
import type { ProtectedStore, StoreDriver } from '@berth/stores';
import type { VaultAccess } from '@berth/vault';
import { splitPoints, toRestorePoint } from './restore-points.ts';

export type TimeLineDeps = {
  readonly journal: Journal;
  readonly now: () => Date;
  readonly driver: (kind: StoreRow['kind']) => StoreDriver;
  readonly locate: (store: StoreRow) => Promise<ProtectedStore>;
  readonly status: (app: string) => StoreStatus[];
  readonly sources: (kind: StoreRow['kind']) => readonly VaultAccess[];
};

/** A target that does not answer must not keep the others' answers back for longer. */
const ANSWER_WITHIN_MS = 30_000;

/** What an app's data can go back to, as the targets say it themselves. */
export async function describeTimeLine(deps: TimeLineDeps, app: string): Promise<TimeLine> {
  const { journal, now, driver, locate, sources } = deps;
  const stores = journal.stores.list(app).filter(({ goneAt }) => goneAt === null);
  const ranges: RestoreRange[] = [];
  const unreachable = new Map<string, string>();
  const status = deps.status(app);
  const lagOf = (store: string, target: string) =>
    status.find((it) => it.store === store)?.targets.find((it) => it.target === target)?.lagMs ?? null;
  for (const row of stores) {
    const store = await locate(row);
    for (const access of sources(row.kind)) {
      if (unreachable.has(access.name)) continue;
      try {
        const found = await driver(row.kind).ranges(store, access, AbortSignal.timeout(ANSWER_WITHIN_MS));
        const own = found.map(({ fromMs, toMs, resolution, states }): RestoreRange => {
          const times = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
          return { store: row.name, target: access.name, ...times, resolution, states };
        });
        ranges.push(...(row.kind === 'sqlite' ? untilNow(own, lagOf(row.name, access.name), now()) : own));
      } catch (cause) {
        const { code, message } = asBerthError(cause);
        // Nothing has been sent there yet.
        if (!ABSENT.has(code)) unreachable.set(access.name, message);
      }
    }
  }
  const points = splitPoints(journal, app, now()).listed.map((row) => toRestorePoint(row, stores));
  return { app, points, ranges, unreachable: [...unreachable].map(([target, reason]) => ({ target, reason })) };
}

const ABSENT = new Set(['REPLICA_NOT_FOUND', 'TREE_MISSING']);

/** Where nothing was written since its last change, a database that is followed is known at every moment up to now. */
function untilNow(ranges: readonly RestoreRange[], lagMs: number | null, now: Date): RestoreRange[] {
  const newest = ranges.at(-1);
  if (newest === undefined || lagMs === null) return [...ranges];
  const to = new Date(now.getTime() - lagMs).toISOString();
  if (to <= newest.to) return [...ranges];
  const isOneState = newest.from === newest.to;
  return [...ranges.slice(0, -1), { ...newest, to, ...(isOneState && { resolution: 'every-change' as const, states: null }) }];
}
