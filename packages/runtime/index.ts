export type { InstanceSpec, InstanceStatus, RuntimeDriver } from './driver.ts';
export { createProcessDriver, type ProcessDriverDeps } from './process/driver.ts';
export { createAppUnits } from './systemd/app-units.ts';
export { renderDaemonUnit, STOPPED_EXIT_CODE } from './systemd/daemon-unit.ts';
export { takeOwnStop } from './systemd/own-stop.ts';
export { openSystemdDriver, type SystemdDriverDeps } from './systemd/driver.ts';
