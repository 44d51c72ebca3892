import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Exec, exec as execCommand } from './exec.ts';
import { readProcess } from './processes.ts';

export type CgroupLimits = {
  readonly memoryBytes: number | null;
  /** Cores; 0.5 is half of one. */
  readonly cpu: number | null;
  /** `low` yields to every normal group when all want the processor. */
  readonly share: 'normal' | 'low';
};

/** One control group, as plain data that fits into a record. A directory per controller; in version 2 both are the same. */
export type Cgroup = { readonly version: 1 | 2; readonly memory: string | null; readonly cpu: string | null };

/** What this process may do with control groups, tried out rather than assumed. */
export type Cgroups = {
  readonly available: { readonly memory: boolean; readonly cpu: boolean };
  /** For each controller that is not available, the reason. */
  readonly reasons: readonly string[];
  /** Creates the group or, when it is there, sets its limits. A process joins by writing 0 to `cgroup.procs` in each directory. */
  create(name: string, limits: CgroupLimits): Cgroup;
};

export type CgroupsOptions = {
  readonly uid: number;
  readonly exec?: Exec;
  /** Text of /proc/self/cgroup and /proc/self/mountinfo. */
  readonly membership?: string;
  readonly mounts?: string;
};

/**
 * Groups are made below the one that we are in, so that whatever limits hold for us hold for all that we start. In
 * version 2 that works where our group is delegated to us alone; else root makes them at the top of the hierarchy.
 */
export const openCgroups = async ({ uid, exec = execCommand, ...texts }: CgroupsOptions): Promise<Cgroups> => {
  const membership = texts.membership ?? readFileSync('/proc/self/cgroup', 'utf8');
  const mounts = texts.mounts ?? readFileSync('/proc/self/mountinfo', 'utf8');
  const places = findPlaces(membership, mounts);
  const reasons: string[] = [];

  const firstUsable = async (controller: Controller, version?: 1 | 2): Promise<Place | null> => {
    const failures: string[] = [];
    const candidates = places[controller].filter(
      (place) => (place.own || uid === 0) && (version ?? place.version) === place.version,
    );
    for (const place of candidates) {
      const failure = await tryOut(place, controller, exec);
      if (failure === null) return place;
      failures.push(failure);
    }
    reasons.push(`${controller}: ${failures.join('; ') || 'this machine has no such control group controller'}`);
    return null;
  };
  const memory = await firstUsable('memory');
  const cpu = await firstUsable('cpu', memory?.version);

  return {
    available: { memory: memory !== null, cpu: cpu !== null },
    reasons,
    create(name, limits) {
      const directory = (place: Place | null): string | null => (place === null ? null : join(place.parent, name));
      const group: Cgroup = { version: (memory ?? cpu)?.version ?? 1, memory: directory(memory), cpu: directory(cpu) };
      for (const path of cgroupDirectories(group)) mkdirSync(path, { recursive: true });
      for (const { controller, file, value, optional } of limitFiles(group.version, limits)) {
        const path = group[controller];
        if (path !== null) writeLimit(join(path, file), value, optional);
      }
      return group;
    },
  };
};

/** The directories of a group, each once. */
export const cgroupDirectories = (group: Cgroup): readonly string[] =>
  [...new Set([group.memory, group.cpu])].filter((path) => path !== null);

/** Pids in the group; none when it has gone. */
export const cgroupMembers = (group: Cgroup): readonly number[] => [
  ...new Set(
    cgroupDirectories(group).flatMap((path) => readIfThere(join(path, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)),
  ),
];

/** How many of its processes the kernel has killed because the group was at its memory limit. */
export const cgroupOomKills = (group: Cgroup): number => {
  if (group.memory === null) return 0;
  const text = readIfThere(join(group.memory, group.version === 1 ? 'memory.oom_control' : 'memory.events'));
  return Number(text.match(/^oom_kill (\d+)$/m)?.[1] ?? 0);
};

/** Removes a group without members, and what its members may have made below it. Absent: a no-op. */
export const removeCgroup = async (group: Cgroup): Promise<void> => {
  const giveUpAt = performance.now() + REMOVE_WITHIN_MS;
  for (const path of cgroupDirectories(group)) {
    for (;;) {
      try {
        removeTree(path);
        break;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') break;
        // A killed process leaves its group a moment after it can no longer be seen.
        if (code !== 'EBUSY' || performance.now() > giveUpAt) throw error;
        await sleep(20);
      }
    }
  }
};

export type LimitFile = {
  readonly controller: Controller;
  readonly file: string;
  readonly value: string;
  /** The kernel may have been built without it. */
  readonly optional: boolean;
};

/** What is written to limit a group; without a limit the kernel's "none" is written, since the group may have had one before. */
export const limitFiles = (version: 1 | 2, { memoryBytes, cpu, share }: CgroupLimits): readonly LimitFile[] => {
  const quotaUs = cpu === null ? null : Math.max(MIN_QUOTA_US, Math.round(cpu * PERIOD_US));
  const file = (controller: Controller, name: string, value: string | number, optional = false): LimitFile => ({
    controller,
    file: name,
    value: String(value),
    optional,
  });
  if (version === 2)
    return [
      file('memory', 'memory.max', memoryBytes ?? 'max'),
      // Memory that is only moved to swap would make the limit a slow death instead of a clear one.
      file('memory', 'memory.swap.max', memoryBytes === null ? 'max' : 0, true),
      file('memory', 'memory.oom.group', 1, true),
      file('cpu', 'cpu.max', `${quotaUs ?? 'max'} ${PERIOD_US}`),
      file('cpu', 'cpu.weight', share === 'low' ? 10 : 100),
    ];
  return [
    // The limit with swap may never be below the one without: it is lifted before that is raised.
    file('memory', 'memory.memsw.limit_in_bytes', -1, true),
    file('memory', 'memory.limit_in_bytes', memoryBytes ?? -1),
    file('memory', 'memory.memsw.limit_in_bytes', memoryBytes ?? -1, true),
    file('cpu', 'cpu.cfs_period_us', PERIOD_US),
    file('cpu', 'cpu.cfs_quota_us', quotaUs ?? -1),
    file('cpu', 'cpu.shares', share === 'low' ? 102 : 1024),
  ];
};

type Controller = 'memory' | 'cpu';

/** A directory in which groups for one controller may be made. `own`: it is the group that we are in. */
type Place = { readonly version: 1 | 2; readonly parent: string; readonly own: boolean };

// The kernel's default period, and the least quota that it takes (sched-bwc.rst).
const PERIOD_US = 100_000;
const MIN_QUOTA_US = 1_000;
const REMOVE_WITHIN_MS = 5_000;

const findPlaces = (membership: string, mounts: string): Readonly<Record<Controller, readonly Place[]>> => {
  const ours = membership.split('\n').map((line) => line.match(/^\d+:([^:]*):(.*)$/)?.slice(1) ?? []);
  const mounted = mounts.split('\n').map(parseMount);

  const placesOf = (controller: Controller): readonly Place[] => {
    const path1 = ours.find(([controllers]) => controllers?.split(',').includes(controller))?.[1];
    const mount1 = mounted.find((mount) => mount.type === 'cgroup' && mount.options.includes(controller));
    if (path1 !== undefined && mount1 !== undefined) return [{ version: 1, parent: below(mount1, path1), own: true }];
    const path2 = ours.find(([controllers]) => controllers === '')?.[1];
    const mount2 = mounted.find((mount) => mount.type === 'cgroup2');
    if (path2 === undefined || mount2 === undefined) return [];
    const offered = readIfThere(join(mount2.point, 'cgroup.controllers')).trim().split(' ');
    if (!offered.includes(controller)) return [];
    return [
      { version: 2, parent: below(mount2, path2), own: true },
      { version: 2, parent: mount2.point, own: false },
    ];
  };
  return { memory: placesOf('memory'), cpu: placesOf('cpu') };
};

type Mount = { readonly root: string; readonly point: string; readonly type: string; readonly options: readonly string[] };

/** `36 35 98:0 /root /mount/point rw … - cgroup cgroup rw,memory` as in proc(5). */
const parseMount = (line: string): Mount => {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root = '', point = ''] = before.split(' ');
  const [type = '', , options = ''] = after.split(' ');
  return { root, point, type, options: options.split(',') };
};

/** Inside a container the mount may show only a part of the hierarchy in which our path is told. */
const below = (mount: Mount, path: string): string =>
  join(mount.point, mount.root !== '/' && path.startsWith(mount.root) ? path.slice(mount.root.length) : path);

/** Makes a group, limits it, reads the limit back and has a process join it. null: it all worked; else the reason. */
const tryOut = async (place: Place, controller: Controller, exec: Exec): Promise<string | null> => {
  const path = join(place.parent, `${TRIAL}${process.pid}`);
  const group: Cgroup = { version: place.version, memory: null, cpu: null, [controller]: path };
  try {
    await removeOldTrials(place);
    if (place.version === 2) enableInChildren(place, controller);
    mkdirSync(path);
    for (const { controller: of, file, value, optional } of limitFiles(place.version, TRIAL_LIMITS))
      if (of === controller) writeLimit(join(path, file), value, optional);
    const joined = await exec(['/bin/sh', '-c', 'echo 0 >"$1"', 'join', join(path, 'cgroup.procs')]);
    return joined.exitCode === 0 ? null : `no process can join ${path}: ${joined.stderr.trim()}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await removeCgroup(group);
  }
};

/** What a process left that was killed while it tried. */
const removeOldTrials = async (place: Place): Promise<void> => {
  const trials = readdirSync(place.parent).filter((name) => name.startsWith(TRIAL));
  for (const name of trials) {
    if (readProcess(Number(name.slice(TRIAL.length))) !== null) continue;
    await removeCgroup({ version: place.version, memory: join(place.parent, name), cpu: null });
  }
};

const TRIAL = 'berth-trial-';
const TRIAL_LIMITS: CgroupLimits = { memoryBytes: 64 * 1024 * 1024, cpu: 0.5, share: 'low' };

/** Version 2 hands a controller to the children of a group only while the group itself has no processes. */
const enableInChildren = (place: Place, controller: Controller): void => {
  const control = join(place.parent, 'cgroup.subtree_control');
  if (readFileSync(control, 'utf8').trim().split(' ').includes(controller)) return;
  const members = readFileSync(join(place.parent, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
  if (place.own && members.length === 1 && members[0] === String(process.pid)) {
    mkdirSync(join(place.parent, 'daemon'), { recursive: true });
    writeFileSync(join(place.parent, 'daemon', 'cgroup.procs'), members[0]);
  }
  writeFileSync(control, `+${controller}`);
};

const writeLimit = (path: string, value: string, optional: boolean): void => {
  try {
    // Never creates: in a place that is no control group this must fail.
    writeFileSync(path, value, { flag: 'r+' });
  } catch (error) {
    if (optional && ['ENOENT', 'EOPNOTSUPP', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
    throw error;
  }
  const kept = readFileSync(path, 'utf8').trim();
  // Bytes are rounded down to pages, and "none" is told as a very large number.
  const asked = Number(value);
  const near = asked > 0 && Math.abs(Number(kept) - asked) < 65_536;
  if (kept !== value && !near && asked !== -1) throw new Error(`${path} was set to ${value} and says ${kept}`);
};

const removeTree = (path: string): void => {
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(path, entry.name));
  rmdirSync(path);
};

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ENODEV: the group was removed while its file was open.
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
};
