export { finishKilledInstall, installWithApt, wasInstallKilled } from './apt-install.ts';
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
export { allListeners, isLoopback, type Listener, listeningPorts, ownerOfPort, type PortOwner } from './listeners.ts';
export { acquireLock, type HeldLock } from './lock.ts';
export { createLogger, type LogFields, type Logger, type LoggerOptions, type LogLevel, silentLogger } from './log.ts';
export { createNotifier, type NotifyPlace } from './notify.ts';
export {
  anyPortOf,
  type ClaimedPorts,
  claimPortRange,
  type FreePortQuery,
  findFreePort,
  isPortFree,
  type PortRange,
  portRangeOf,
} from './ports.ts';
export { takePrecedence } from './precedence.ts';
export { isPublicName } from './public-names.ts';
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
export { isSystemdRunning, parseProperties, showUnit, systemdVersion, type UnitProperties } from './systemd.ts';
export { checkUserName, ensureSystemUser, findUser, removeSystemUser, type SystemUser, systemUserName } from './users.ts';
export { ensureRestic, ensureTools, isAtLeast, type Restic, type ToolName, type Tools, type ToolsOptions } from './tools.ts';
