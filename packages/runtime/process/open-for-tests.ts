import { createFault, openCgroups, silentLogger } from '@berth/host';
import type { OpenDriver } from '../testing/driver-bench.ts';
import { createProcessDriver } from './driver.ts';

/** The process driver with everything that this machine allows. */
export const openDriver: OpenDriver = async ({ directory, fault }) => {
  const uid = process.getuid?.() ?? 0;
  return createProcessDriver({
    directory,
    cgroups: await openCgroups({ uid }),
    log: silentLogger,
    uid,
    fault: createFault(fault),
  });
};
