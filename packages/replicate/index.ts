export { type Catalogue, type Holding, type LineageHoldings, listDatabases, readCatalogue } from './catalogue.ts';
export { createDirectoryTarget } from './directory-target.ts';
export { getLineage, type Lineage, putLineage } from './lineage.ts';
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
export { checksumOfFile, restore, type RestoreOptions, type RestoreProgress, type RestoreResult } from './restore.ts';
export { createSealer, type Sealer, sealTarget } from './seal.ts';
export type { GetOptions, PutOptions, Target } from './target.ts';
export { type DescribedLineage, type DescribedRange, describeReplica, type Verification, verifyReplica } from './verify.ts';
