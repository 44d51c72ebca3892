import { type ReplicationStatus, startReplication } from '@berth/replicate';
import type { StartReplicator } from './following.ts';
import { assignTargetKeys, vaultOfKey } from './target-keys.ts';

/** The process of @berth/replicate. Resolves once it has taken over from one that an earlier daemon left behind. */
export const startReplicator: StartReplicator = async ({ replication: plan, targets }, onNotice) => {
  const keys = await assignTargetKeys(
    plan.stateDirectory,
    targets.map(({ key }) => key),
  );
  const named = plan.targets.map((target) => ({ ...target, name: keys.get(target.name) ?? target.name }));
  const replication = await startReplication(
    { ...plan, targets: named },
    {
      onNotice: ({ target, ...notice }) => onNotice({ ...notice, ...(target !== undefined && { target: vaultOfKey(target) }) }),
    },
  );
  return {
    get pid() {
      return replication.pid;
    },
    status: async () => inOurWords(await replication.status()),
    point: ({ ids, timeoutMs }) => replication.point(ids, { timeoutMs }),
    flush: (options) => replication.flush(options),
    stop: (options) => replication.stop(options),
    detach: () => replication.leave(),
  };
};

const inOurWords = ({ databases, ...status }: ReplicationStatus): ReplicationStatus => ({
  ...status,
  databases: databases.map(({ targets, ...database }) => ({
    ...database,
    targets: targets.map((target) => ({ ...target, name: vaultOfKey(target.name) })),
  })),
});
