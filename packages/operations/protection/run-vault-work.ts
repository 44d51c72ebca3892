import { runVaultTask } from '@berth/vault';
import type { VaultWork } from './vault-work.ts';

/** `compileCache`: where the processes keep compiled code, absolute. */
export const runVaultWork = (compileCache: string): VaultWork => {
  const options = (signal: AbortSignal | undefined) => ({ compileCache, ...(signal && { signal }) });
  return {
    check: ({ url, credentials }, signal) =>
      runVaultTask({ kind: 'check-target', url, ...(credentials && { credentials }) }, options(signal)),
    async setUp({ url, credentials }, { vault, identity, installation, takeOver, nowMs }, signal) {
      const place = { url, ...(credentials && { credentials }) };
      const { dataKey } = await runVaultTask(
        { kind: 'open', ...place, identity, vault, create: { now: nowMs } },
        options(signal),
      );
      const access = { name: url, ...place, dataKey };
      const how = takeOver ? ('take-over' as const) : ('claim' as const);
      await runVaultTask({ kind: 'owner', access, action: how, installation, now: nowMs }, options(signal));
      return { dataKey };
    },
    async erase(access, id, signal) {
      await runVaultTask({ kind: 'erase', access, id }, { ...options(signal), polite: true });
    },
    async tend(access, { takeOver, installation, nowMs, stores, points, deletePoints }, signal) {
      const action = takeOver ? ('take-over' as const) : ('renew' as const);
      await runVaultTask({ kind: 'owner', access, action, installation, now: nowMs }, options(signal));
      if (stores.length + points.length + deletePoints.length === 0) return;
      await runVaultTask({ kind: 'record', access, stores, points, deletePoints }, options(signal));
    },
  };
};
