export { type Exec, type ExecOptions, type ExecResult, exec, execOk } from './exec.ts';
export {
  allProcesses,
  bootId,
  descendants,
  isAlive,
  isSame,
  type Process,
  type ProcessIdentity,
  parseProcessStat,
  processGroup,
  processSession,
  pssBytes,
  readProcess,
} from './processes.ts';
export { checkUserName, ensureSystemUser, findUser, removeSystemUser, type SystemUser, systemUserName } from './users.ts';
