import type { BackupPolicy } from './model.ts';

/** Of an app that says nothing of backups, and of manifests that were read before there were any. */
export const DEFAULT_BACKUP_POLICY: BackupPolicy = {
  keepMs: 30 * 86_400_000,
  filesEveryMs: 3_600_000,
  drillEveryMs: 7 * 86_400_000,
  check: null,
};
