import { type Fault, type HomeLayout, isSystemdRunning, type Logger, openCgroups } from '@berth/host';
import { createProcessDriver, openSystemdDriver, type RuntimeDriver } from '@berth/runtime';
import type { DaemonEnv } from './env.ts';

type Deps = { readonly layout: HomeLayout; readonly log: Logger; readonly fault: Fault };

/** Units where systemd runs this machine and this daemon, else processes. */
export const openRuntime = async (env: DaemonEnv, { layout, log, fault }: Deps): Promise<RuntimeDriver> => {
  const processes = createProcessDriver({
    directory: layout.instances,
    cgroups: await openCgroups({ uid: env.uid }),
    ...{ log, uid: env.uid, fault },
  });
  if (env.runtime !== 'systemd' || env.uid !== 0 || !isSystemdRunning()) return processes;
  // A home that was used before its machine got a berthd.service: nothing may run twice.
  for (const id of await processes.list()) {
    log.info('runtime.moved', { instance: id });
    await processes.stop(id, { stopSignal: 'SIGTERM', withinMs: MOVE_WITHIN_MS });
    await processes.forget(id);
  }
  return openSystemdDriver({ directory: layout.instances, log, fault });
};

const MOVE_WITHIN_MS = 10_000;
