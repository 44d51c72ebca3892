export type DaemonUnit = {
  /** Where Berth is installed: its own Node and its programs are below it. */
  readonly root: string;
  readonly home?: string;
};

/** How berthd ends when it was told to stop everything: only then systemd does not start it again. */
export const STOPPED_EXIT_CODE = 77;

/**
 * /etc/systemd/system/berthd.service. The edge and the replicator are its children and outlive it (KillMode=process);
 * instances are units of their own. What it may do is bounded by what its work needs: it installs packages, makes users,
 * changes owners, opens ports below 1024, and so can neither be kept from /usr and /etc nor from a root's files. Where cores
 * are short it and the edge, which everybody waits for, have three shares to an app's one.
 */
export const renderDaemonUnit = ({ root, home = '/var/lib/berth' }: DaemonUnit): string => `# Written by Berth
[Unit]
Description=Berth, the platform of this machine
Wants=network-online.target
After=network-online.target systemd-journald.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=${root}/node_modules/.bin/node --max-semi-space-size=1 ${root}/programs/daemon/main.ts
Environment=BERTH_RUNTIME=systemd
Environment=BERTH_HOME=${home}
Environment=NODE_COMPILE_CACHE=/var/cache/berth
EnvironmentFile=-${home}/run/start.env
WorkingDirectory=/
CacheDirectory=berth
CacheDirectoryMode=0700
UMask=0022
Restart=always
RestartSec=1
SuccessExitStatus=${STOPPED_EXIT_CODE}
RestartPreventExitStatus=${STOPPED_EXIT_CODE}
KillMode=process
TimeoutStartSec=15min
TimeoutStopSec=2min
WatchdogSec=60
TimeoutAbortSec=10
LimitNOFILE=1048576
TasksMax=8192
CPUWeight=300
MemoryMax=50%
OOMScoreAdjust=-500
OOMPolicy=continue
NoNewPrivileges=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=mnt
RestrictRealtime=yes
SystemCallArchitectures=native
SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP
CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_NET_ADMIN CAP_SYS_PTRACE CAP_SYS_RESOURCE CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SETFCAP CAP_MKNOD

[Install]
WantedBy=multi-user.target
`;
