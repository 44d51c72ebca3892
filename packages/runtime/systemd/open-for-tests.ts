import { createFault, silentLogger } from '@berth/host';
import type { OpenDriver } from '../testing/driver-bench.ts';
import { openSystemdDriver } from './driver.ts';

/** The systemd driver of the machine that the tests run in. */
export const openDriver: OpenDriver = ({ directory, fault }) =>
  openSystemdDriver({ directory, log: silentLogger, fault: createFault(fault) });
