export type { InstanceSpec, InstanceStatus, RuntimeDriver } from './driver.ts';
export { createProcessDriver, type ProcessDriverDeps } from './process/driver.ts';
