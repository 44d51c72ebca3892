export type { Area, Check, Evidence, Finding, Severity, State } from './check.ts';
export { renderCheckTable } from './check-table.ts';
export { CHECKS } from './checks/list.ts';
export {
  type AuditReport,
  type Awaiting,
  auditHost,
  type CheckReport,
  confirmHardening,
  type HardenOptions,
  type HardenReport,
  type HardenResult,
  type HardenRun,
  hardenHost,
  type UndoResult,
  undoHardening,
} from './harden.ts';
