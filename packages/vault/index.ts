export type { VaultAccess } from './access.ts';
export { checkTarget, type CheckTargetOptions, type TargetCheck, type TargetReport } from './check-target.ts';
export { isLocked, type Kit, lockKit, parseKit, renderKit } from './kit.ts';
export { describeForReplication, openAccess } from './open-access.ts';
export { openTarget, type TargetAccess } from './open-target.ts';
export { createVault, createVaultId, openVault, type OpenVaultOptions } from './open-vault.ts';
export type { RetryLimits } from './retry.ts';
export { runVaultTask, type VaultTaskOptions } from './run-vault-task.ts';
export type { S3Credentials } from './s3-connection.ts';
export { createS3Target, type S3TargetOptions } from './s3-target.ts';
export {
  type ConditionalWrites,
  type DirectoryPlace,
  parseTargetUrl,
  renderTargetUrl,
  type S3Place,
  type TargetPlace,
} from './target-place.ts';
export type { Installation, Owner, PointAbout, StoreAbout, Vault, VaultCatalogue, VaultHeader } from './vault.ts';
export type {
  CatalogueTask,
  CheckTargetTask,
  OpenTask,
  OwnerTask,
  RangesTask,
  RecordTask,
  RestoredDatabase,
  RestoreTask,
  UpkeepTask,
  VaultProgress,
  VaultTask,
  VaultTaskResults,
} from './vault-task.ts';
