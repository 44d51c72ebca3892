import { type BerthError, judgeLag } from '@berth/core';
import type { Journal, StoreRow } from '@berth/journal';
import { type Drill, LOCAL_TARGET, type StoreStatus, type TargetStatus } from '@berth/protocol';
import type { StoreDriver, StoreHealth } from '@berth/stores';
import type { VaultAccess } from '@berth/vault';
import type { Bus } from '../bus.ts';
import { backupPolicy } from './followed.ts';
import type { TargetRegistry } from './target-registry.ts';

export type StoreWatchDeps = {
  readonly journal: Journal;
  readonly bus: Bus;
  readonly drivers: readonly StoreDriver[];
  readonly registry: TargetRegistry;
};

/** What is known of how every store stands at every target; asked of the drivers now and then, answered at once. */
export interface StoreWatch {
  refresh(): Promise<void>;
  status(app: string): StoreStatus[];
  targets(): TargetStatus[];
  safeAt(store: string, target: string): number | null;
  /** Says what is wrong with a target beside its stores; null when it is well again. */
  noteTarget(target: string, trouble: BerthError | null): void;
  /** Nothing may be sent there: somebody else's, or not there at all, such as a disk that is not mounted. */
  isUnusable(target: string): boolean;
}

export function createStoreWatch({ journal, bus, drivers, registry }: StoreWatchDeps): StoreWatch {
  let healths = new Map<string, StoreHealth>();
  const troubles = new Map<string, BerthError>();
  /** Stores that were told to be late, by id and target. */
  const late = new Set<string>();

  const isFenced = (target: string) => troubles.get(target)?.code === 'VAULT_OWNED';
  const isUnusable = (target: string) => UNUSABLE.has(troubles.get(target)?.code ?? '');
  const rows = () => journal.stores.list().filter((row) => row.goneAt === null);

  const lateness = (row: Pick<StoreRow, 'app' | 'kind'>, lagMs: number | null, access: VaultAccess): boolean =>
    lagMs !== null &&
    judgeLag({
      lagMs,
      store: row.kind,
      target: access.url.startsWith('dir:') ? 'directory' : 's3',
      filesEveryMs: backupPolicy(journal, row.app).filesEveryMs,
    }) === 'late';

  const tellLateness = () => {
    for (const row of rows()) {
      for (const access of registry.list()) {
        const at = healths.get(row.id)?.targets.find((it) => it.target === access.name);
        const key = `${row.id} ${access.name}`;
        const isLate = lateness(row, at?.lagMs ?? null, access);
        if (isLate === late.has(key)) continue;
        const fields = { store: row.name, target: access.name, lagMs: at?.lagMs ?? null };
        if (isLate) {
          late.add(key);
          const cause = at?.error ?? healths.get(row.id)?.error ?? troubles.get(access.name) ?? null;
          bus.publish({
            name: 'store.late',
            app: row.app,
            fields: {
              ...fields,
              code: cause?.code ?? null,
              cause: cause?.message ?? 'the target does not answer, or more is written than can be sent',
            },
          });
        } else {
          late.delete(key);
          bus.publish({ name: 'store.caught-up', app: row.app, fields });
        }
      }
    }
  };

  const statusOf = (row: StoreRow): StoreStatus => {
    const health = healths.get(row.id);
    const accesses = registry.list().filter(({ name }) => row.kind === 'sqlite' || name !== LOCAL_TARGET);
    const targets = accesses.map((access) => {
      const at = health?.targets.find((it) => it.target === access.name);
      const isLost = isFenced(access.name) || at?.isFenced === true;
      const reason = isLost ? FENCED : (at?.error?.message ?? troubles.get(access.name)?.message ?? null);
      return { target: access.name, lagMs: at?.lagMs ?? null, reason };
    });
    const away = targets.filter(({ target, lagMs }) => target !== LOCAL_TARGET && lagMs !== null);
    const lossMs = away.length === 0 ? null : Math.min(...away.map(({ lagMs }) => lagMs ?? 0));
    const isLate = accesses.some((access) => late.has(`${row.id} ${access.name}`));
    const reason = health?.error?.message ?? targets.find((it) => it.reason !== null)?.reason ?? null;
    const state = ((): StoreStatus['state'] => {
      if (accesses.length === 0) return 'unprotected';
      if (health?.error || targets.every((it) => it.reason !== null)) return 'failing';
      if (isLate || reason !== null) return 'late';
      // What does not exist yet has nothing to lose.
      return health === undefined || (health.bytes !== null && targets.some(({ lagMs }) => lagMs === null))
        ? 'starting'
        : 'protected';
    })();
    return {
      store: row.name,
      kind: row.kind,
      bytes: health?.bytes ?? null,
      state,
      lossMs,
      targets,
      reason: state === 'unprotected' ? 'there is no target for it' : reason,
      drill: newestDrill(journal, row),
    };
  };

  return {
    async refresh() {
      const all = await Promise.all(drivers.map((driver) => driver.health()));
      healths = new Map(all.flat().map((health) => [health.id, health]));
      tellLateness();
    },
    status: (app) =>
      rows()
        .filter((row) => row.app === app)
        .map(statusOf),
    targets() {
      const kindOf = new Map(rows().map((row) => [row.id, row] as const));
      return journal.targets.list().map(({ name, url, addedAt }): TargetStatus => {
        const access = registry.find(name);
        const own = [...healths.values()].flatMap((health) => {
          const at = health.targets.find((it) => it.target === name);
          return at ? [{ ...at, row: kindOf.get(health.id), exists: health.bytes !== null }] : [];
        });
        const existing = own.filter(({ exists }) => exists);
        const lags = existing.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs]));
        const trouble = troubles.get(name);
        const error = trouble ?? own.find((it) => it.error !== null)?.error ?? null;
        const fenced = isFenced(name) || own.some((it) => it.isFenced);
        const isBehind = existing.some(({ lagMs, row }) => lagMs === null || (row && access && lateness(row, lagMs, access)));
        return {
          name,
          url,
          addedAt,
          state: fenced ? 'fenced' : error ? 'failing' : isBehind ? 'catching-up' : 'protecting',
          lagMs: lags.length === existing.length && lags.length > 0 ? Math.max(...lags) : null,
          sentBytes: own.reduce((sum, it) => sum + it.sentBytes, 0),
          requests: own.reduce((sum, it) => sum + it.requests, 0),
          error: error === null ? null : error.toJSON(),
        };
      });
    },
    safeAt: (store, target) => healths.get(store)?.targets.find((it) => it.target === target)?.safeAtMs ?? null,
    noteTarget(target, trouble) {
      const before = troubles.get(target);
      if (trouble === null) {
        troubles.delete(target);
        if (before) bus.publish({ name: 'target.recovered', fields: { target } });
        return;
      }
      troubles.set(target, trouble);
      if (before?.message === trouble.message) return;
      const { code, message } = trouble;
      bus.publish({ name: code === 'VAULT_OWNED' ? 'target.fenced' : 'target.failing', fields: { target, code, message } });
    },
    isUnusable,
  };
}

/** What says that what is there is not our vault; others may pass by themselves. */
const UNUSABLE: ReadonlySet<string> = new Set(['VAULT_OWNED', 'VAULT_LOST', 'VAULT_MISSING', 'VAULT_FOREIGN', 'VAULT_BROKEN']);

const FENCED = 'another machine has taken this vault over';

function newestDrill(journal: Journal, row: StoreRow): StoreStatus['drill'] {
  const drill = journal.drills.list<Drill>(row.app).find(({ result }) => result.stores.some(({ store }) => store === row.name));
  const own = drill?.result.stores.find(({ store }) => store === row.name);
  if (!drill || !own) return null;
  return { at: drill.at, outcome: own.outcome, recoveryMs: own.ms, lossMs: drill.result.lossMs };
}
