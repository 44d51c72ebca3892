export { openPlatform, type PlatformDeps, type RunningPlatform } from './open-platform.ts';
export type { LogQuery, Platform } from './platform.ts';
export type { ProtectionParts } from './protection/open-protection.ts';
export { runVaultWork } from './protection/run-vault-work.ts';
export { defaultSettings } from './settings.ts';
export type { Users } from './steps/deps.ts';
export type { RecoveryDeps, RecoveryEvent } from './recovery/deps.ts';
export type { Estimate } from './recovery/estimate.ts';
export { openRecovery, type RecoveryOptions } from './recovery/open-recovery.ts';
export { type PlannedApp, type PlannedStore, planRecovery, type RecoveryPlan } from './recovery/plan.ts';
export {
  checkRecovered,
  finishRecovery,
  readRecord,
  type Recovered,
  type RecoveredApp,
  type RecoveredPart,
} from './recovery/record.ts';
export { recover, type RecoverRequest } from './recovery/recover.ts';
