export { type Catalogue, type Holding, type LineageHoldings, listDatabases, readCatalogue } from './catalogue.ts';
export { compact, type CompactOptions, type CompactResult } from './compact.ts';
export { COMPACTION_LEVELS, type CompactionLevel, type Pin } from './compact-plan.ts';
export { type DescribedLineage, type DescribedRange, describeReplica } from './describe.ts';
export { createDirectoryTarget } from './directory-target.ts';
export { endReplicator } from './left-replicator.ts';
export { giveWay } from './give-way.ts';
export { getLineage, type Lineage, putLineage } from './lineage.ts';
export { getMark, type Mark } from './mark.ts';
export {
  createLineageId,
  isDatabaseId,
  isLineageId,
  type ObjectName,
  parseObjectName,
  renderObjectName,
} from './object-name.ts';
export { restorableRanges, type RestoreStep, type TxidRange } from './restore-plan.ts';
export { findRestorePlan, type RestorePlan, type RestorePoint, type RestoreTo } from './restore-point.ts';
export {
  checksumOfFile,
  removeUnfinishedRestores,
  restore,
  type RestoreOptions,
  type RestoreProgress,
  type RestoreResult,
} from './restore.ts';
export { applyRetention, type RetentionOptions, type RetentionResult } from './retention.ts';
export { DEFAULT_RETENTION, type RetentionPolicy } from './retention-plan.ts';
export { createSealer, type Sealer, sealTarget } from './seal.ts';
export type {
  ReplicatedDatabase,
  ReplicationOptions,
  ReplicationPlan,
  SafePoint,
  TargetDescription,
} from './replication-messages.ts';
export type { DatabaseStatus, Notice, ReplicationStatus } from './replication-status.ts';
export { type Patience, type Replication, type ReplicationObserver, type Some, startReplication } from './start-replication.ts';
export type { GetOptions, PutOptions, Target } from './target.ts';
export { type Verification, verifyReplica } from './verify.ts';
