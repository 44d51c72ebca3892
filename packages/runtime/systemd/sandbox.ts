import type { InstanceSpec } from '../driver.ts';

/** A setting of a unit, as `systemd-run --property` takes it. */
export type UnitProperty = readonly [name: string, value: string];

/**
 * What a program may see and do beyond its own files (systemd.exec(5)). MemoryDenyWriteExecute stays off: V8 compiles at
 * run time. A build installs and compiles what nobody foresaw, so it is held by its user, its files and its limits.
 */
export const sandbox = (spec: Pick<InstanceSpec, 'kind' | 'cwd' | 'writable'>): readonly UnitProperty[] => [
  ...everywhere,
  ...(spec.kind === 'build' ? forBuilds : forPrograms),
  // Below these a home may have been put; what is mounted over them would hide it.
  ['ProtectHome', isBelow(spec, ['/home', '/root', '/run/user']) ? 'read-only' : 'yes'],
  ['PrivateTmp', isBelow(spec, ['/tmp', '/var/tmp']) ? 'no' : 'yes'],
  ...(spec.writable.length === 0 ? [] : [['ReadWritePaths', spec.writable.map(quotePath).join(' ')] as const]),
];

const everywhere: readonly UnitProperty[] = [
  ['NoNewPrivileges', 'yes'],
  ['ProtectSystem', 'strict'],
  ['PrivateDevices', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectClock', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectProc', 'invisible'],
  ['RestrictRealtime', 'yes'],
  ['LockPersonality', 'yes'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallFilter', '@system-service'],
  ['CapabilityBoundingSet', ''],
  ['AmbientCapabilities', ''],
  ['KeyringMode', 'private'],
  ['RemoveIPC', 'yes'],
  ['LimitCORE', '0'],
];

const forPrograms: readonly UnitProperty[] = [
  // Loopback to the edge, the world outside, sockets of its own, and what getifaddrs(3) asks the kernel by.
  ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX AF_NETLINK'],
  // None at all cannot be said: systemd writes that down in a way that it reads back as "all", with the next daemon-reload.
  // This one is of no use to whoever may not make a user namespace.
  ['RestrictNamespaces', 'uts'],
  ['RestrictSUIDSGID', 'yes'],
  ['SystemCallFilter', '~@privileged @resources'],
  // Also how a program learns its own limits: `ulimit -n`, getrlimit(2). Nothing can be raised with it above a hard limit.
  ['SystemCallFilter', 'prlimit64 getrlimit'],
  ['SystemCallErrorNumber', 'EPERM'],
];

const forBuilds: readonly UnitProperty[] = [['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX AF_NETLINK']];

const isBelow = ({ cwd, writable }: Pick<InstanceSpec, 'cwd' | 'writable'>, tops: readonly string[]): boolean =>
  [cwd, ...writable].some((path) => tops.some((top) => path === top || path.startsWith(`${top}/`)));

/** "-": one that is not there yet is no reason not to start. */
const quotePath = (path: string): string => `"-${path.replace(/["\\]/g, '\\$&')}"`;
