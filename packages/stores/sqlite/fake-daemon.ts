/** A daemon that protects what it is told over IPC, until it is killed. Forked by tests. */
import type { VaultAccess } from '@berth/vault';
import type { ProtectedStore } from '../store.ts';
import { createSqliteDriver } from './sqlite-driver.ts';

export type DaemonWork = {
  readonly stateDirectory: string;
  readonly stores: readonly ProtectedStore[];
  readonly targets: readonly VaultAccess[];
};

const protect = async ({ stateDirectory, stores, targets }: DaemonWork): Promise<void> => {
  const driver = createSqliteDriver({ stateDirectory, onNotice: () => undefined, replication: { intervalMs: 50 } });
  await driver.protect(stores, targets);
  process.send?.(driver.replicatorPid);
};

process.on('message', (work: DaemonWork) => void protect(work));
