import { asBerthError, type BerthError } from '@berth/core';
import type { ReplicationStatus } from '@berth/replicate';
import type { ProtectedStore, StoreHealth } from '../store.ts';
import { replicatorNotRunning } from './errors.ts';
import type { Following } from './following.ts';
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
  readonly following: Following;
  readonly protected: () => { readonly stores: readonly ProtectedStore[]; readonly plan: ReplicatorPlan | null };
  readonly now: () => Date;
};

export const createSqliteWatch = ({ following, protected: whatIsProtected, now }: SqliteWatchDeps): SqliteWatch => {
  let status: ReplicationStatus | undefined;
  let followedAtMs = new Map<string, number>();
  let last: { readonly atMs: number; readonly of: object; readonly answer: Promise<readonly StoreHealth[]> } | undefined;

  const remember = (fresh: ReplicationStatus, nowMs: number): void => {
    status = fresh;
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
      const replicator = following.running?.replicator;
      if (replicator === undefined) throw following.failure ?? replicatorNotRunning(undefined);
      remember(await replicator.status(), nowMs);
    } catch (thrown) {
      failure = asBerthError(thrown);
    }
    return healthOf({ plan, status, failure, followedAtMs, bytes, nowMs });
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
