import { setTimeout as pause } from 'node:timers/promises';
import { asBerthError, type BerthError } from '@berth/core';
import { endReplicator, type Notice, type ReplicationOptions } from '@berth/replicate';
import { describeForReplication, type RetryLimits, type VaultAccess } from '@berth/vault';
import type { ProtectedStore, StoreDriver, StoreNotice, StorePosition } from '../store.ts';
import { askReplicator } from './asking.ts';
import { databaseBytes, databaseFiles } from './database-files.ts';
import { backupLate, storeNotFollowed, storeUnknown } from './errors.ts';
import { createFollowing, type StartReplicator } from './following.ts';
import { within } from './patience.ts';
import { planReplicator, type ReplicatorPlan } from './replicator-plan.ts';
import { createSqliteWatch } from './sqlite-watch.ts';
import { createSqliteWork, type SqliteWork } from './sqlite-work.ts';
import { startReplicator } from './start-replicator.ts';

export type SqliteDriverDeps = {
  /** The replicator's: what it remembers, and what waits for the targets. Absolute; made when it is needed. */
  readonly stateDirectory: string;
  readonly onNotice: (notice: StoreNotice) => void;
  readonly clock?: StoreClock;
  /** How the replicator works; what is not said is its own choice. */
  readonly replication?: ReplicationOptions;
  /** For the pages of one merge at a time; the system’s temporary directory unless told. */
  readonly scratchDirectory?: string;
  /** How long a target that does not answer is asked for what it holds; some 20 seconds unless told. */
  readonly retry?: Partial<RetryLimits>;
  /** Stands for the process that replicates. */
  readonly start?: StartReplicator;
  /** Stands for the end of one that an earlier daemon left. */
  readonly endLeft?: () => Promise<unknown>;
  /** Stands for the processes that read and restore replicas. */
  readonly work?: SqliteWork;
};

export type StoreClock = { now(): Date; sleep(ms: number, signal?: AbortSignal): Promise<void> };

/** Databases of SQLite in WAL mode, followed change by change by a process of its own that outlives this one. */
export interface SqliteDriver extends StoreDriver {
  readonly kind: 'sqlite';
  /** Of the replicator; undefined while none runs. */
  readonly replicatorPid: number | undefined;
  /** For a daemon that ends while the apps go on: the replicator goes on too, and the next driver takes it over. */
  detach(): void;
}

export const createSqliteDriver = (deps: SqliteDriverDeps): SqliteDriver => {
  const { stateDirectory, onNotice, clock = systemClock, start = startReplicator } = deps;
  const { endLeft = () => endReplicator(stateDirectory), work = createSqliteWork(deps) } = deps;
  const now = (): Date => clock.now();
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => clock.sleep(ms, signal);
  const describe = (access: VaultAccess) => describeForReplication(access, { retry: WHILE_FOLLOWING });
  const settings = { stateDirectory, describe, ...(deps.replication && { options: deps.replication }) };
  let wanted: { readonly stores: readonly ProtectedStore[]; readonly plan: ReplicatorPlan | null } = { stores: [], plan: null };

  const following = createFollowing({
    start,
    endLeft,
    sleep,
    onNotice: (notice, plan) => onNotice(translateNotice(notice, plan)),
    onFailure: ({ code, message }) =>
      onNotice({ level: 'warning', name: 'replicator.failed', id: '', target: null, fields: { code, message } }),
  });
  const asking = { following, now, sleep };
  const watch = createSqliteWatch({ asking, protected: () => wanted });

  /** Those of them that exist. */
  const existing = async (ids: readonly string[]): Promise<readonly ProtectedStore[]> => {
    const stores = ids.map((id) => wanted.stores.find((store) => store.id === id) ?? refuseUnknown(id));
    const bytes = await databaseBytes(stores);
    const found = stores.filter(({ id }) => bytes.has(id));
    if (found[0] !== undefined && wanted.plan === null) throw storeNotFollowed(found[0], 'there is no target');
    return found;
  };

  /** Which store it is, and why in the words of its health. */
  const explain = async (stores: readonly ProtectedStore[], error: BerthError): Promise<BerthError> => {
    const healths = await watch.look();
    const reasonOf = ({ id }: ProtectedStore) => healths.find((health) => health.id === id)?.error ?? undefined;
    const blamed = stores.find(({ id }) => id === error.fields['id']) ?? stores.find(reasonOf) ?? stores[0];
    return blamed === undefined ? error : storeNotFollowed(blamed, reasonOf(blamed) ?? error);
  };

  const reasonsToWait = async (ids: readonly string[]): Promise<readonly string[]> => {
    const healths = (await watch.look()).filter(({ id }) => ids.includes(id));
    const reasons = healths.flatMap(({ error, targets }) => [
      ...(error === null ? [] : [error.message]),
      ...targets.flatMap(({ target, error: failed }) => (failed === null ? [] : [`${target}: ${failed.message}`])),
    ]);
    return [...new Set(reasons)];
  };

  return {
    kind: 'sqlite',
    supports: { continuous: true },
    get replicatorPid() {
      return following.running?.replicator.pid;
    },
    async protect(stores, targets) {
      wanted = { stores: [...stores], plan: planReplicator(stores, targets, settings) };
      // One that does not come to an end is told of by the health of the stores.
      await within(following.follow(wanted.plan), PROTECT_MS, sleep);
    },
    async mark(ids) {
      const stores = await existing(ids);
      if (stores.length === 0) return new Map();
      const asked = stores.map(({ id }) => id);
      try {
        const points = await askReplicator(asking, { untilMs: now().getTime() + MARK_MS }, (replicator, timeoutMs) =>
          replicator.point({ ids: asked, timeoutMs }),
        );
        return new Map(points.map(({ id, lineage, txid }): [string, StorePosition] => [id, { kind: 'sqlite', lineage, txid }]));
      } catch (thrown) {
        throw await explain(stores, asBerthError(thrown));
      }
    },
    async backup(ids, { timeoutMs, signal }) {
      const asked = (await existing(ids)).map(({ id }) => id);
      if (asked.length === 0) return;
      try {
        await askReplicator(asking, { untilMs: now().getTime() + timeoutMs, signal }, (replicator, leftMs) =>
          replicator.flush({ ids: asked, timeoutMs: leftMs }),
        );
      } catch (thrown) {
        signal?.throwIfAborted();
        throw backupLate(timeoutMs, await reasonsToWait(asked), thrown);
      }
      await watch.look();
    },
    health: () => watch.health(),
    ranges: (store, at, signal) => work.ranges(store, at, signal),
    restore: (request) => work.restore(request),
    parts: databaseFiles,
    upkeep: (request) => work.upkeep(request),
    stop: (options) => following.stop(options),
    detach: () => following.detach(),
  };
};

/**
 * The replicator tries again by itself, and says of a target that fails as much; one that tries for minutes seems to work. What
 * carries many bytes has longer by their number.
 */
const WHILE_FOLLOWING: Partial<RetryLimits> = { totalMs: 5000, attemptMs: 10_000 };

const translateNotice = (notice: Notice, plan: ReplicatorPlan): StoreNotice => ({
  level: notice.level,
  name: notice.name,
  id: notice.id,
  target: plan.targets.find(({ key }) => key === notice.target)?.name ?? null,
  fields: notice.fields,
});

const refuseUnknown = (id: string): never => {
  throw storeUnknown(id);
};

const systemClock: StoreClock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** A database that is just read for the first time is waited for. */
const MARK_MS = 10_000;
const PROTECT_MS = 20_000;
