import { ensureSystemUser, systemUserName } from '@berth/host';
import type { RecoveryUsers } from './deps.ts';

/** As root every app and the edge get the users that the daemon will look for; otherwise all belongs to whoever recovers. */
export function createRecoveryUsers(home: string, uid: number): RecoveryUsers {
  if (uid !== 0) return { app: async () => null, edge: async () => null };
  return {
    app: (app) => ensureSystemUser(systemUserName(home, app)),
    edge: () => ensureSystemUser(systemUserName(home, 'edge')),
  };
}
