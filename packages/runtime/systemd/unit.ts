import type { InstanceSpec } from '../driver.ts';
import { sandbox, type UnitProperty } from './sandbox.ts';

export type UnitPlace = {
  readonly unit: string;
  readonly slice: string;
  /** The script that becomes the program, and where how the run ended is written; both for root's eyes only. */
  readonly enterFile: string;
  readonly endFile: string;
  /** A file with NOTE_END_SCRIPT. */
  readonly noteScript: string;
  /** Whose lines they are, in the journal: `berth`, or the mark of another home. */
  readonly home: string;
  /** Version of systemd. */
  readonly systemd: number;
};

/** Where systemd shows a unit its credentials, to nobody else. */
export const credentialsDirectory = (unit: string): string => `/run/credentials/${unit}`;

/** The command that makes systemd run an instance as a transient unit: no file is written, nothing has to be read again. */
export const startCommand = (spec: InstanceSpec, place: UnitPlace): readonly string[] => [
  ...['systemd-run', '--quiet', '--no-ask-password', `--unit=${place.unit}`, `--slice=${place.slice}`],
  `--description=${describe(spec)}`,
  ...unitProperties(spec, place).map(([name, value]) => `--property=${name}=${value}`),
  ...['--', '/usr/bin/env', '-i', '/bin/sh', `${credentialsDirectory(place.unit)}/${ENTER}`],
];

/** The same, for a command whose streams the program gets. It is gone when it has ended. */
export const foregroundCommand = (
  spec: InstanceSpec,
  place: Pick<UnitPlace, 'unit' | 'slice' | 'enterFile'>,
): readonly string[] => [
  ...['systemd-run', '--quiet', '--no-ask-password', '--wait', '--pipe', '--collect'],
  ...[`--unit=${place.unit}`, `--slice=${place.slice}`, `--description=${describe(spec)}`],
  ...[...identity(spec, place), ...sandbox(spec), ...limits(spec), ...stopping(spec)].map(
    ([name, value]) => `--property=${name}=${value}`,
  ),
  ...['--', '/usr/bin/env', '-i', '/bin/sh', `${credentialsDirectory(place.unit)}/${ENTER}`],
];

export const unitProperties = (spec: InstanceSpec, place: UnitPlace): readonly UnitProperty[] => [
  ['Type', 'exec'],
  // How it ended stays known until Berth has asked, and its name is taken until then: nothing runs twice.
  ['RemainAfterExit', 'yes'],
  ...identity(spec, place),
  ...logging(spec, place),
  ...sandbox(spec),
  ...limits(spec),
  ...ending(spec, place),
];

const ENTER = 'enter';

const identity = (
  { user, secretFiles, shared }: InstanceSpec,
  { enterFile }: Pick<UnitPlace, 'enterFile'>,
): readonly UnitProperty[] => [
  ...(user === null ? [] : [['User', String(user.uid)] as const, ['Group', String(user.gid)] as const]),
  ['LoadCredential', `${ENTER}:${enterFile}`],
  ...Object.entries(secretFiles).map(([name, file]) => ['LoadCredential', `${name}:${file}`] as const),
  ['UMask', shared ? '0022' : '0027'],
];

const describe = ({ app, service, id, kind }: InstanceSpec): string => {
  if (app === null) return `${id} (Berth)`;
  return kind === 'instance' ? `${app}: ${service ?? id}, instance ${id} (Berth)` : `${app}: ${id} (Berth)`;
};

/** Into the journal, every line with the home and the instance that it is of. */
const logging = ({ id, app, service }: InstanceSpec, { home }: UnitPlace): readonly UnitProperty[] => [
  ['StandardOutput', 'journal'],
  ['StandardError', 'journal'],
  ['SyslogIdentifier', [app ?? id, ...(service === null ? [] : [service])].join('-')],
  // A line that begins with "<3>" is a line that begins with "<3>".
  ['SyslogLevelPrefix', 'no'],
  // By default journald drops lines of a service that says much.
  ['LogRateLimitIntervalSec', '0'],
  ['LogExtraFields', `BERTH_HOME=${home}`],
  ['LogExtraFields', `BERTH_INSTANCE=${id}`],
];

const TASKS_MAX = { instance: 2_048, 'one-off': 2_048, build: 8_192 } as const;
/** From here on the kernel slows a program down and takes back what it can, before it ends it (control groups, version 2). */
const MEMORY_HIGH = 0.95;

const limits = ({ limits: { memoryBytes, cpu, files }, priority, kind }: InstanceSpec): readonly UnitProperty[] => [
  ...(memoryBytes === null
    ? []
    : [['MemoryHigh', String(Math.floor(memoryBytes * MEMORY_HIGH))] as const, ['MemoryMax', String(memoryBytes)] as const]),
  ...(cpu === null ? [] : [['CPUQuota', `${Math.max(1, Math.round(cpu * 100))}%`] as const]),
  ['TasksMax', String(TASKS_MAX[kind])],
  ['LimitNOFILE', String(files)],
  ['OOMPolicy', 'continue'],
  ...(priority === 'low' ? YIELDING : []),
];

const YIELDING: readonly UnitProperty[] = [
  ['Nice', '10'],
  ['IOSchedulingClass', 'idle'],
  ['OOMScoreAdjust', '500'],
  ['CPUWeight', '20'],
];

/** Longer than Berth takes to see that an instance has died and to start it again itself. */
const RESTART_AFTER_S = 15;

/**
 * Berth restarts instances. systemd does when Berth is not there to: after a while, a few times, and then it starts Berth.
 * Before berthd: at shutdown, whose order is the reverse, Berth stops looking before what it looks after is stopped.
 */
const ending = (spec: InstanceSpec, { noteScript, endFile, systemd }: UnitPlace): readonly UnitProperty[] => [
  ...stopping(spec),
  ['ExecStopPost', `+/bin/sh ${noteScript} ${endFile}`],
  ['Before', 'berthd.service'],
  ...(spec.kind === 'instance'
    ? ([
        ['Restart', 'on-failure'],
        ['RestartSec', `${RESTART_AFTER_S}s`],
        ['StartLimitIntervalSec', '600s'],
        ['StartLimitBurst', '10'],
        ['OnFailure', 'berthd.service'],
      ] as const)
    : []),
  // From version 254 on every restart would count as a failure otherwise.
  ...(spec.kind === 'instance' && systemd >= 254 ? [['RestartMode', 'direct'] as const] : []),
];

const stopping = ({ stop }: InstanceSpec): readonly UnitProperty[] => [
  ['KillMode', 'control-group'],
  ['KillSignal', stop.signal],
  ['TimeoutStopSec', `${stop.withinMs}ms`],
];

/**
 * What a unit runs when it has ended: how it ended, and how many of its processes the kernel killed for want of memory. The
 * unit and its control group may be gone before anybody asks. A file, because systemd does not read a "$" back as it was
 * given: the next daemon-reload would double it. Version 252 even forgets this command then, because of its "+"; how a unit
 * failed systemd itself remembers, and one that ended well is known by being gone.
 */
export const NOTE_END_SCRIPT = `group=$(sed -n 's/^[0-9]*:memory://p;s/^0:://p' /proc/self/cgroup | head -n 1)
kills=$(cat "/sys/fs/cgroup/memory$group/memory.oom_control" "/sys/fs/cgroup$group/memory.events" 2>/dev/null |
  sed -n 's/^oom_kill //p' | head -n 1)
echo "$SERVICE_RESULT $EXIT_CODE $EXIT_STATUS \${kills:-0}" >"$1.new"
mv "$1.new" "$1"
`;
