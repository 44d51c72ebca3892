import { asBerthError } from '@berth/core';
import type { Journal, StoreRow } from '@berth/journal';
import type { RestoreRange, TimeLine } from '@berth/protocol';
import type { ProtectedStore, StoreDriver } from '@berth/stores';
import type { VaultAccess } from '@berth/vault';
import { splitPoints, toRestorePoint } from './restore-points.ts';

export type TimeLineDeps = {
  readonly journal: Journal;
  readonly now: () => Date;
  readonly driver: (kind: StoreRow['kind']) => StoreDriver;
  readonly locate: (store: StoreRow) => Promise<ProtectedStore>;
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
  for (const row of stores) {
    const store = await locate(row);
    for (const access of sources(row.kind)) {
      if (unreachable.has(access.name)) continue;
      try {
        const found = await driver(row.kind).ranges(store, access, AbortSignal.timeout(ANSWER_WITHIN_MS));
        for (const { fromMs, toMs, resolution, states } of found) {
          const times = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
          ranges.push({ store: row.name, target: access.name, ...times, resolution, states });
        }
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
