import { asBerthError, type BerthError } from '@berth/core';
import type { ReplicationStatus } from '@berth/replicate';
import type { ProtectedStore, StoreHealth } from '../store.ts';
import { type Asking, askReplicator } from './asking.ts';
import { databaseBytes } from './database-files.ts';
import type { ReplicatorPlan } from './replicator-plan.ts';
import { healthOf } from './sqlite-health.ts';

/** The health of what is protected. */
export interface SqliteWatch {
  /** Not older than a second. */
  health(): Promise<readonly StoreHealth[]>;
  /** As of now. */
  look(): Promise<readonly StoreHealth[]>;
}

export type SqliteWatchDeps = {
  readonly asking: Asking;
  readonly protected: () => { readonly stores: readonly ProtectedStore[]; readonly plan: ReplicatorPlan | null };
};

export const createSqliteWatch = ({ asking, protected: whatIsProtected }: SqliteWatchDeps): SqliteWatch => {
  const { now } = asking;
  let known: ReplicationStatus | undefined;
  let followedAtMs = new Map<string, number>();
  let last: { readonly atMs: number; readonly of: object; readonly answer: Promise<readonly StoreHealth[]> } | undefined;

  const remember = (fresh: ReplicationStatus, nowMs: number): void => {
    known = fresh;
    followedAtMs = new Map(
      fresh.databases.map(({ id, state }) => [id, state === 'following' ? nowMs : (followedAtMs.get(id) ?? nowMs)]),
    );
  };

  const measure = async (): Promise<readonly StoreHealth[]> => {
    const { stores, plan } = whatIsProtected();
    const bytes = await databaseBytes(stores);
    const nowMs = now().getTime();
    if (plan === null) return stores.map(({ id }) => ({ id, bytes: bytes.get(id) ?? null, error: null, targets: [] }));
    let failure: BerthError | undefined;
    try {
      // While it is exchanged for another one nothing is wrong.
      const status = await askReplicator(asking, { untilMs: nowMs + PATIENCE_MS }, (replicator) => replicator.status());
      remember(status, nowMs);
    } catch (thrown) {
      failure = asBerthError(thrown);
    }
    return healthOf({ plan, status: known, failure, followedAtMs, bytes, nowMs });
  };

  const look = (): Promise<readonly StoreHealth[]> => {
    const answer = measure();
    last = { atMs: now().getTime(), of: whatIsProtected().stores, answer };
    return answer;
  };

  return {
    look,
    health() {
      // The clock may have been set back.
      const isFresh = last?.of === whatIsProtected().stores && Math.abs(now().getTime() - last.atMs) < FRESH_MS;
      return isFresh && last !== undefined ? last.answer : look();
    },
  };
};

const FRESH_MS = 1000;
const PATIENCE_MS = 2000;
