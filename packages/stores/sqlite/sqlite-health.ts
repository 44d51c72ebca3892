import { BerthError } from '@berth/core';
import type { DatabaseStatus, ReplicationStatus } from '@berth/replicate';
import type { StoreHealth } from '../store.ts';
import type { ReplicatorPlan } from './replicator-plan.ts';

export type HealthFacts = {
  readonly plan: ReplicatorPlan;
  /** The newest that is known; undefined before the first. */
  readonly status: ReplicationStatus | undefined;
  /** Why the replicator does not answer; undefined while it does. */
  readonly failure: BerthError | undefined;
  /** When each store was last known to be followed, milliseconds since 1970. */
  readonly followedAtMs: ReadonlyMap<string, number>;
  /** Bytes of each database's file; those that do not exist, or are empty, are absent. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly nowMs: number;
};

/** What the replicator knows, in the words of the contract. */
export const healthOf = (facts: HealthFacts): StoreHealth[] => {
  const databases = new Map(facts.status?.databases.map((database) => [database.id, database]));
  return facts.plan.stores.map(({ id }) => {
    const database = databases.get(id);
    const fileBytes = facts.bytes.get(id);
    const exists = fileBytes !== undefined;
    const error = exists ? (facts.failure ?? errorOf(database?.error)) : null;
    // What was committed since it was last followed may be nowhere else.
    const unfollowedMs = exists && error !== null ? Math.max(0, facts.nowMs - (facts.followedAtMs.get(id) ?? facts.nowMs)) : 0;
    return {
      id,
      bytes: exists ? (database?.pageBytes ?? fileBytes) : null,
      error,
      targets: facts.plan.targets.map((target) => targetHealth(target, { database, unfollowedMs })),
    };
  });
};

const targetHealth = (
  { name, key }: ReplicatorPlan['targets'][number],
  { database, unfollowedMs }: { database: DatabaseStatus | undefined; unfollowedMs: number },
): StoreHealth['targets'][number] => {
  const status = database?.targets.find((target) => target.name === key);
  if (status === undefined)
    return { target: name, lagMs: null, safeAtMs: null, error: null, isFenced: false, sentBytes: 0, requests: 0 };
  return {
    target: name,
    lagMs: status.safeTxid === undefined ? null : Math.max(status.lagMs, unfollowedMs),
    safeAtMs: status.safeAt ?? null,
    error: errorOf(status.error),
    isFenced: status.state === 'fenced',
    sentBytes: status.bytes,
    requests: status.requests,
  };
};

const errorOf = (error: DatabaseStatus['error']): BerthError | null =>
  error === undefined ? null : new BerthError(error.code, error.message, { hint: error.hint, fields: { since: error.atMs } });
