import { createHash } from 'node:crypto';
import type { ReplicationOptions, ReplicationPlan, TargetDescription } from '@berth/replicate';
import type { VaultAccess } from '@berth/vault';
import type { ProtectedStore } from '../store.ts';

/** What shall be followed, in the words of the replicator and in ours. */
export type ReplicatorPlan = {
  readonly stores: readonly ProtectedStore[];
  readonly targets: readonly NamedTarget[];
  /** Equal for plans that ask the replicator for the same. */
  readonly fingerprint: string;
  readonly replication: ReplicationPlan;
};

export type NamedTarget = {
  /** What people call it. */
  readonly name: string;
  /** What the replicator calls it. */
  readonly key: string;
};

export type PlanSettings = {
  readonly stateDirectory: string;
  readonly describe: (access: VaultAccess) => TargetDescription;
  readonly options?: ReplicationOptions;
};

/** Null where nothing is to be followed or nowhere to go: no process is needed then. */
export const planReplicator = (
  stores: readonly ProtectedStore[],
  targets: readonly VaultAccess[],
  { stateDirectory, describe, options }: PlanSettings,
): ReplicatorPlan | null => {
  if (stores.length === 0 || targets.length === 0) return null;
  const ordered = stores.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const described = targets
    .map((access) => ({ access, key: keyOf(access) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ access, key }) => ({ named: { name: access.name, key }, description: { ...describe(access), name: key } }));
  const databases = ordered.map(({ id, path }) => ({ id, path }));
  const descriptions = described.map(({ description }) => description);
  return {
    stores: ordered,
    targets: described.map(({ named }) => named),
    fingerprint: digestOf(JSON.stringify([databases, descriptions], asText)),
    replication: {
      databases,
      targets: descriptions,
      stateDirectory,
      // It outlives us, and whoever follows us takes it over: apps go on while the daemon is away.
      options: { ...options, whenParentDies: 'continue' },
    },
  };
};

/**
 * The replicator remembers by this what a target has already. It belongs to the vault, not to its name: another vault under the
 * old name has nothing yet, and one that was moved still has all.
 */
const keyOf = ({ dataKey }: VaultAccess): string => createHash('sha256').update(dataKey).digest('hex').slice(0, 16);

/** Holds keys and credentials until here: only a digest of them is kept. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

const asText = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
