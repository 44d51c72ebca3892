export {
  type Cgroup,
  type CgroupLimits,
  type Cgroups,
  type CgroupsOptions,
  cgroupDirectories,
  cgroupMembers,
  cgroupOomKills,
  openCgroups,
  removeCgroup,
} from './cgroups.ts';
export { directoryBytes, freeBytes, writeFileAtomic } from './disk.ts';
export { type Exec, type ExecOptions, type ExecResult, exec, execOk } from './exec.ts';
export { createFault, type Fault, noFault } from './fault.ts';
export { type AppLayout, ensureDirectory, type HomeLayout, homeLayout, prepareHome, resolveHome } from './home.ts';
export { type Listener, listeningPorts, ownerOfPort, type PortOwner } from './listeners.ts';
export { acquireLock, type HeldLock } from './lock.ts';
export { createLogger, type LogFields, type Logger, type LoggerOptions, type LogLevel, silentLogger } from './log.ts';
export { type FreePortQuery, findFreePort, isPortFree, type PortRange, portRangeOf } from './ports.ts';
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
export { ensureRestic, ensureTools, type Restic, type ToolName, type Tools, type ToolsOptions } from './tools.ts';
