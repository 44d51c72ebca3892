export { createDirectoryTarget } from './directory-target.ts';
export { getLineage, type Lineage, putLineage } from './lineage.ts';
export {
  createLineageId,
  epochsPrefix,
  isDatabaseId,
  isLineageId,
  lineagePrefix,
  lineagesPrefix,
  type ObjectName,
  parseObjectName,
  renderObjectName,
} from './object-name.ts';
export { createSealer, type Sealer, sealTarget } from './seal.ts';
export type { GetOptions, PutOptions, Target } from './target.ts';
