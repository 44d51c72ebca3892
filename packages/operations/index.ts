export { openPlatform, type PlatformDeps, type RunningPlatform } from './open-platform.ts';
export type { LogQuery, Platform } from './platform.ts';
export { runVaultWork } from './protection/run-vault-work.ts';
export { defaultSettings } from './settings.ts';
export type { Users } from './steps/deps.ts';
