import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bootId,
  type Cgroups,
  cgroupOomKills,
  type Fault,
  isSame,
  type Logger,
  noFault,
  type Process,
  type ProcessIdentity,
  readProcess,
  removeCgroup,
} from '@berth/host';
import type { InstanceSpec, InstanceStatus, RuntimeDriver } from '../driver.ts';
import { startFailed, stillRunning, stopFailed } from '../errors.ts';
import { createTurns } from '../turns.ts';
import { checkLaunchable, planLaunch } from './launch.ts';
import { createMembers, type Members, memoryBytesOf } from './members.ts';
import { createRecords, type InstanceRecord, type ProgramClaim } from './records.ts';

export type ProcessDriverDeps = {
  /** Directory of the instances' records, private to Berth. */
  readonly directory: string;
  /** What openCgroups found; null leaves control groups alone. */
  readonly cgroups: Cgroups | null;
  readonly log: Logger;
  readonly uid: number;
  readonly fault?: Fault;
};

/** Instances as plain processes, each under a shell shim that outlives the daemon. */
export const createProcessDriver = ({ directory, cgroups, log, uid, fault = noFault }: ProcessDriverDeps): RuntimeDriver => {
  const records = createRecords(directory);
  const boot = bootId();
  /** Ids are unique in a home; control groups belong to the machine. */
  const homeTag = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  const inTurn = createTurns();
  const seen = new Map<string, { key: string; members: Members }>();
  /** Shims that this process started: their exit is an event, that of adopted ones has to be asked for. */
  const shims = new Map<string, { ended: Promise<void>; hasEnded: () => boolean }>();

  const membersOf = (id: string, record: InstanceRecord): Members => {
    const program = records.program(id, record.run);
    const of = { program: program === 'cancelled' ? null : program, cgroup: record.cgroup };
    const key = JSON.stringify(of);
    const known = seen.get(id);
    if (known?.key === key) return known.members;
    const members = createMembers(record.bootId === boot ? of : { program: null, cgroup: null });
    seen.set(id, { key, members });
    return members;
  };

  /** Where a run stands. A shim on its way to the program (some milliseconds) is waited for. */
  const observe = async (id: string): Promise<Observation> => {
    const record = records.read(id);
    if (record === null) return { state: 'absent' };
    const giveUpAt = performance.now() + START_WITHIN_MS;
    for (;;) {
      const program = records.program(id, record.run);
      const shim = records.shim(id, record.run);
      const shimLives = record.bootId === boot && shim !== null && isSame(shim.pid, shim.startTime);
      if (program === 'cancelled') return { state: 'ended', record };
      if (program !== null) {
        if (record.bootId === boot && isSame(program.pid, program.startTime)) return { state: 'running', record, program };
        if (!shimLives || records.hasEnding(id, record.run)) return { state: 'ended', record };
      } else {
        if (shim === null && record.bootId === boot) return { state: 'pending', record };
        if (!shimLives && records.cancel(id, record.run)) return { state: 'ended', record };
      }
      if (performance.now() > giveUpAt) {
        const what =
          program === null ? 'its shim does not get to start the program' : 'its shim does not write down how it ended';
        throw startFailed(id, { why: what, log: logTail(record.logFile) });
      }
      await sleep(SHIM_POLL_MS);
    }
  };

  const noteOutOfMemory = (id: string, record: InstanceRecord): void => {
    if (record.cgroup === null || record.bootId !== boot || records.wasOutOfMemory(id, record.run)) return;
    if (cgroupOomKills(record.cgroup) > 0) records.noteOutOfMemory(id, record.run);
  };

  const endedStatus = (id: string, record: InstanceRecord): InstanceStatus => {
    noteOutOfMemory(id, record);
    const { exitCode, signal } = records.ending(id, record.run) ?? { exitCode: null, signal: null };
    // A worker that was killed while the program went on and ended well later is not how the program ended.
    const outOfMemory = exitCode !== 0 && records.wasOutOfMemory(id, record.run);
    return { state: 'exited', exitCode, signal, outOfMemory };
  };

  const killAll = async (id: string, members: Members): Promise<void> => {
    const giveUpAt = performance.now() + KILL_WITHIN_MS;
    for (let living = members.lookEverywhere(); living.length > 0; living = members.lookEverywhere()) {
      if (performance.now() > giveUpAt)
        throw stopFailed(
          id,
          living.map(({ pid }) => pid),
        );
      for (const member of living) sendSignal(member, 'SIGKILL');
      await sleep(MEMBERS_POLL_MS);
    }
  };

  /** What a run that has ended leaves behind: processes of its group and its control group. */
  const clean = async (id: string, record: InstanceRecord): Promise<void> => {
    await killAll(id, membersOf(id, record));
    noteOutOfMemory(id, record);
    if (record.cgroup !== null) await removeCgroup(record.cgroup);
    seen.delete(id);
  };

  const start = async (spec: InstanceSpec, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const { id } = spec;
    const before = await observe(id);
    if (before.state === 'running') return;
    checkLaunchable(spec, uid);
    if (before.state === 'ended') await clean(id, before.record);

    const run = before.state === 'absent' ? 1 : before.state === 'pending' ? before.record.run : before.record.run + 1;
    const { memoryBytes, cpu } = spec.limits;
    const limits = { memoryBytes, cpu, share: spec.priority } as const;
    const cgroup =
      cgroups?.available.memory || cgroups?.available.cpu ? cgroups.create(`berth-${homeTag}-${id}-${run}`, limits) : null;
    const launch = planLaunch(spec, { directory: records.directory(id), run, cgroup, uid });
    await records.write(id, { version: 1, run, bootId: boot, memoryBytes, cgroup, logFile: spec.logFile });
    records.removeRunsBefore(id, run - 1);
    fault('runtime.start.recorded');

    const child = spawnShim(spec, launch);
    shims.set(id, watchExit(child));
    fault('runtime.start.spawned');
    await untilStarted(spec, run, child);
    log.debug('instance.started', { id, run });
  };

  const untilStarted = async (spec: InstanceSpec, run: number, child: ChildProcess): Promise<void> => {
    const { id } = spec;
    let failure: Error | null = null;
    child.once('error', (error) => {
      failure = error;
    });
    const giveUpAt = performance.now() + START_WITHIN_MS;
    for (;;) {
      const program = records.program(id, run);
      if (program !== null && program !== 'cancelled') return;
      const failed = failure ?? (child.exitCode !== null || child.signalCode !== null ? new Error('its shim ended') : null);
      // A shim that an earlier daemon started for the same run may have been faster than ours.
      const shim = records.shim(id, run);
      const rival = shim !== null && shim.pid !== child.pid && isSame(shim.pid, shim.startTime);
      if (failed !== null && !rival && records.program(id, run) === null)
        throw startFailed(id, { why: failed.message, log: logTail(spec.logFile), cause: failed });
      if (program === 'cancelled' || performance.now() > giveUpAt)
        throw startFailed(id, {
          why: program === null ? `no program after ${START_WITHIN_MS} ms` : 'it was cancelled',
          log: logTail(spec.logFile),
        });
      await sleep(SHIM_POLL_MS);
    }
  };

  const stop = async (id: string, how: Parameters<RuntimeDriver['stop']>[1]): Promise<void> => {
    let now = await observe(id);
    if (now.state === 'pending') {
      records.cancel(id, now.record.run);
      now = await observe(id);
    }
    if (now.state === 'absent' || now.state === 'pending') return;
    const { record } = now;
    const members = membersOf(id, record);
    signalAll(members.lookEverywhere(), records.program(id, record.run), how.stopSignal);
    fault('runtime.stop.signalled');
    const graceEndsAt = performance.now() + how.withinMs;
    while (members.lookEverywhere().length > 0 && performance.now() < graceEndsAt)
      await sleep(Math.min(MEMBERS_POLL_MS, Math.max(1, graceEndsAt - performance.now())));
    await clean(id, record);
    await observe(id);
  };

  const status = async (id: string): Promise<InstanceStatus> => {
    const now = await observe(id);
    if (now.state === 'absent' || now.state === 'pending') return { state: 'absent' };
    if (now.state === 'ended') return endedStatus(id, now.record);
    const members = membersOf(id, now.record);
    const memoryBytes = memoryBytesOf(members.look());
    const { memoryBytes: limit, cgroup } = now.record;
    const watched = limit !== null && (cgroup === null || cgroup.memory === null);
    if (!watched || memoryBytes <= limit) return { state: 'running', pid: now.program.pid, memoryBytes };
    log.warn('instance.out-of-memory', { id, memoryBytes, limitBytes: limit });
    records.noteOutOfMemory(id, now.record.run);
    await killAll(id, members);
    const after = await observe(id);
    return after.state === 'ended' ? endedStatus(id, after.record) : { state: 'absent' };
  };

  /** Returns when the process has gone, and after a second: only a status finds that a watched memory limit is exceeded. */
  const untilGoneOrLater = async (id: string, pid: number, signal: AbortSignal): Promise<void> => {
    const startTime = readProcess(pid)?.startTime;
    const laterAt = performance.now() + STATUS_EVERY_MS;
    while (startTime !== undefined && isSame(pid, startTime) && performance.now() < laterAt) {
      const shim = shims.get(id);
      const ours = shim !== undefined && !shim.hasEnded();
      const pause = sleep(ours ? STATUS_EVERY_MS : ADOPTED_POLL_MS, undefined, { signal });
      pause.catch(() => undefined); // when the shim's end comes first nobody else waits for it
      await Promise.race(ours ? [pause, shim.ended] : [pause]).catch((error) => {
        throw signal.aborted ? signal.reason : error;
      });
    }
  };

  return {
    id: 'process',
    supports: { memoryLimit: cgroups?.available.memory ? 'enforced' : 'watched', cpuLimit: cgroups?.available.cpu ?? false },
    start: (spec, signal) => inTurn(spec.id, () => start(spec, signal)),
    stop: (id, how) => inTurn(id, () => stop(id, how)),
    status,

    async exited(id, signal) {
      for (;;) {
        const now = await status(id);
        if (now.state !== 'running') return now;
        await untilGoneOrLater(id, now.pid, signal);
      }
    },

    async list() {
      return records.list();
    },

    forget: (id) =>
      inTurn(id, async () => {
        const now = await observe(id);
        if (now.state === 'running') throw stillRunning(id);
        if (now.state === 'absent') return records.remove(id);
        // A shim that is still on its way finds that its run is over, or no directory to claim it in.
        if (now.state === 'pending' && !records.cancel(id, now.record.run)) throw stillRunning(id);
        await clean(id, now.record);
        records.remove(id);
        shims.delete(id);
      }),

    foreground: () => null,
    beside: async () => null,
    close: async () => undefined,
  };
};

type Observation =
  | { readonly state: 'absent' }
  /** Recorded, and perhaps a shim is about to begin, or the daemon died before it started one. */
  | { readonly state: 'pending'; readonly record: InstanceRecord }
  | { readonly state: 'running'; readonly record: InstanceRecord; readonly program: ProcessIdentity }
  | { readonly state: 'ended'; readonly record: InstanceRecord };

/** From the shim's spawn to the program some 5 ms pass; a machine that swaps may take a thousand times as long. */
const START_WITHIN_MS = 20_000;
const KILL_WITHIN_MS = 20_000;
const SHIM_POLL_MS = 3;
const MEMBERS_POLL_MS = 25;
const ADOPTED_POLL_MS = 100;
const STATUS_EVERY_MS = 1_000;

const spawnShim = (spec: InstanceSpec, { argv, env }: ReturnType<typeof planLaunch>): ChildProcess => {
  const [command = '', ...args] = argv;
  let logFd: number | undefined;
  try {
    // Not through a link: the directory may belong to the app's user, and root must not write where that points.
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    logFd = openSync(spec.logFile, flags, 0o640);
    const child = spawn(command, args, { cwd: '/', env: { ...env }, detached: true, stdio: ['ignore', logFd, logFd] });
    child.unref();
    return child;
  } catch (cause) {
    throw startFailed(spec.id, { why: (cause as Error).message, log: '', cause });
  } finally {
    if (logFd !== undefined) closeSync(logFd);
  }
};

const watchExit = (child: ChildProcess): { ended: Promise<void>; hasEnded: () => boolean } => {
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  return { ended, hasEnded: () => over };
};

/** Looks once more, so that a pid which was given to somebody else meanwhile is left alone. */
const sendSignal = ({ pid, startTime }: Process, signal: NodeJS.Signals): void => {
  if (isSame(pid, startTime)) sendSignalTo(pid, signal);
};

const sendSignalTo = (target: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** The program's own group at once, so that no child born meanwhile is missed; then those that have left it. */
const signalAll = (members: readonly Process[], program: ProgramClaim | null, signal: NodeJS.Signals): void => {
  const leader = program === null || program === 'cancelled' ? null : program.pid;
  const inGroup = members.filter(({ pgid }) => pgid === leader);
  if (leader !== null && inGroup.length > 0) sendSignalTo(-leader, signal);
  for (const member of members) if (member.pgid !== leader) sendSignal(member, signal);
  // One that was stopped by job control or a debugger takes no signal but SIGKILL before it goes on.
  for (const member of members) if (member.state === 'T') sendSignal(member, 'SIGCONT');
};

const LOG_LINES_SHOWN = 10;

const logTail = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n') : '';
