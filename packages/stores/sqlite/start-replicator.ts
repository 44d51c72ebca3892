import { startReplication } from '@berth/replicate';
import type { StartReplicator } from './following.ts';

/** The process of @berth/replicate. Resolves once it has taken over from one that an earlier daemon left behind. */
export const startReplicator: StartReplicator = async ({ replication: plan }, onNotice) => {
  const replication = await startReplication(plan, { onNotice });
  return {
    get pid() {
      return replication.pid;
    },
    status: () => replication.status(),
    point: ({ ids, timeoutMs }) => replication.point(ids, { timeoutMs }),
    flush: (options) => replication.flush(options),
    stop: (options) => replication.stop(options),
    detach: () => replication.leave(),
  };
};
