import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  acquireLock,
  bootId,
  exec,
  type Fault,
  isSame,
  type Logger,
  noFault,
  readProcess,
  showUnit,
  systemdVersion,
  writeFileAtomic,
} from '@berth/host';
import type { InstanceSpec, InstanceStatus, RuntimeDriver } from '../driver.ts';
import { startFailed, stillRunning, stopFailed } from '../errors.ts';
import { checkLaunchable } from '../process/launch.ts';
import { memoryBytesOf } from '../process/members.ts';
import { createTurns } from '../turns.ts';
import { besideCommand } from './beside.ts';
import { renderEnterScript } from './enter-script.ts';
import { prepareForeground } from './foreground.ts';
import { groupMembers } from './group.ts';
import { followJournal, type JournalFollower } from './journal-follower.ts';
import { probeLimits } from './probe-limits.ts';
import { createUnitRecords, type Exited, outOfMemoryAware, type UnitRecord } from './records.ts';
import { credentialsDirectory, NOTE_END_SCRIPT, startCommand } from './unit.ts';
import { appSlice, homeTag, instanceUnit } from './unit-name.ts';
import { readUnitState, STATE_PROPERTIES } from './unit-state.ts';

export type SystemdDriverDeps = {
  /** Directory of the instances' records, private to Berth. */
  readonly directory: string;
  readonly log: Logger;
  readonly fault?: Fault;
};

/** Instances as units of the machine's systemd; Berth must be root. */
export const openSystemdDriver = async ({ directory, log, fault = noFault }: SystemdDriverDeps): Promise<RuntimeDriver> => {
  const records = createUnitRecords(directory);
  const tag = homeTag(directory);
  const boot = bootId();
  const inTurn = createTurns();
  const limits = await probeLimits(tag);
  const systemd = await systemdVersion();
  const noteScript = join(directory, '.note-end.sh');
  await writeFileAtomic(noteScript, NOTE_END_SCRIPT);
  /** Programs seen running: as long as the very process lives systemd need not be asked. */
  const seen = new Map<string, { run: number; pid: number; startTime: number; group: string }>();
  /** Runs that are over; `isSettled`: with nothing left of them. */
  const over = new Map<string, { run: number; ending: Exited; isSettled: boolean }>();
  const logFiles = createLogFileIndex(records);
  const follower = openFollower({ directory, log, logFileOf: logFiles.of });

  const observe = async (id: string): Promise<Observation> => {
    const record = records.read(id);
    if (record === null) return { state: 'absent' };
    const known = seen.get(id);
    if (known?.run === record.run && isSame(known.pid, known.startTime)) return { state: 'running', record, ...known };
    const past = over.get(id);
    if (past?.run === record.run) return { state: 'ended', record, ending: past.ending, willRestart: false };
    if (record.bootId !== boot) return endedBefore(id, record);
    const giveUpAt = performance.now() + SETTLE_WITHIN_MS;
    for (;;) {
      const unit = readUnitState(await showUnit(record.unit, STATE_PROPERTIES));
      if (unit.state === 'running') {
        seen.set(id, { run: record.run, pid: unit.pid, startTime: unit.startTime, group: unit.group });
        return { ...unit, record };
      }
      if (unit.state !== 'changing') {
        const ending = unit.state === 'ended' ? unit.ending : null;
        const written = records.ending(id, record.run);
        if (unit.state === 'unknown' && written === null) return { state: 'pending', record };
        const willRestart = unit.state === 'ended' && unit.willRestart;
        return { state: 'ended', record, willRestart, ending: combine(ending, written, records.wasOutOfMemory(id, record.run)) };
      }
      if (performance.now() > giveUpAt)
        throw startFailed(id, { why: `systemd does not get on with ${record.unit}`, log: await unitLog(record.unit) });
      await sleep(CHANGING_POLL_MS);
    }
  };

  /** A reboot is no death of an instance: it simply does not run. Of a command one wants to know how it ended. */
  const endedBefore = (id: string, record: UnitRecord): Observation =>
    record.kind === 'instance'
      ? { state: 'pending', record }
      : { state: 'ended', record, ending: records.ending(id, record.run) ?? UNKNOWN_ENDING, willRestart: false };

  /** systemd will not start it again, since Berth is there to do it, and all that it said is in its log. */
  const conclude = async (id: string, { record, ending, willRestart }: Ended): Promise<Exited> => {
    if (over.get(id)?.run === record.run) return ending;
    seen.delete(id);
    if (record.bootId === boot) {
      if (willRestart) await exec(['systemctl', 'stop', '--', record.unit]);
      await follower?.flush(record.unit);
    }
    over.set(id, { run: record.run, ending, isSettled: record.bootId !== boot });
    return ending;
  };

  /** Nothing of it is left, and its unit's name is free. */
  const settle = async (id: string, now: Ended): Promise<void> => {
    const ending = await conclude(id, now);
    if (over.get(id)?.isSettled) return;
    const { unit, run } = now.record;
    await exec(['systemctl', 'stop', '--', unit]);
    // A unit that ended well is gone now, and systemd complains in its log when it is asked of one whose file is gone.
    if (records.wasSuccess(id, run) !== true) await exec(['systemctl', 'reset-failed', '--', unit]);
    await follower?.flush(unit);
    over.set(id, { run, ending, isSettled: true });
  };

  const start = async (spec: InstanceSpec, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const { id } = spec;
    const before = await observe(id);
    if (before.state === 'running') return;
    checkLaunchable(spec, 0);
    if (before.state === 'ended') await settle(id, before);
    const run = before.state === 'absent' ? 1 : before.state === 'pending' ? before.record.run : before.record.run + 1;
    const unit = instanceUnit(spec, tag);
    const { memoryBytes } = spec.limits;
    const record: UnitRecord = {
      ...{ version: 1, runtime: 'systemd', run, unit, bootId: boot, kind: spec.kind },
      ...{ memoryBytes, logFile: spec.logFile, stop: spec.stop },
    };
    over.delete(id);
    logFiles.add(unit, spec.logFile);
    await records.write(id, record, renderEnterScript(spec, credentialsDirectory(unit)));
    fault('runtime.start.recorded');

    const place = {
      systemd,
      noteScript,
      unit,
      slice: appSlice(spec.app, tag),
      enterFile: records.enterFile(id),
      endFile: records.endFile(id, run),
    };
    const command = startCommand(spec, { ...place, home: tag === '' ? 'berth' : tag });
    const giveUpAt = performance.now() + NAME_FREE_WITHIN_MS;
    for (;;) {
      const starting = exec(command);
      fault('runtime.start.spawned');
      const { exitCode, stderr } = await starting;
      if (exitCode === 0 || (await hasRun(spec, unit))) break;
      // systemd lets go of the name of a run that has ended a moment after it has said so.
      const isTaken = stderr.includes('already loaded') && performance.now() < giveUpAt;
      if (!isTaken) throw await notStarted(spec, unit, stderr);
      await sleep(CHANGING_POLL_MS);
    }
    log.debug('instance.started', { id, run, unit });
  };

  /** Also when it ended at once, or when an earlier daemon asked systemd for the same just before it died. */
  const hasRun = async ({ id }: InstanceSpec, unit: string): Promise<boolean> => {
    const now = await observe(id);
    if (now.state === 'running') return true;
    if (now.state !== 'ended' || isSetUpFailure(now.ending)) return false;
    return (await showUnit(unit, ['ExecStopPost']))?.ExecStopPost?.includes(records.endFile(id, now.record.run)) ?? false;
  };

  const notStarted = async ({ id }: InstanceSpec, unit: string, stderr: string): Promise<Error> => {
    const now = await observe(id);
    if (now.state === 'ended') await settle(id, now);
    records.cancel(id);
    return startFailed(id, { why: stderr.trim() || `systemd could not start ${unit}`, log: await unitLog(unit) });
  };

  const stop = async (id: string, how: Parameters<RuntimeDriver['stop']>[1]): Promise<void> => {
    const record = records.read(id);
    if (record === null) return;
    records.cancel(id);
    const now = await observe(id);
    if (now.state === 'absent' || now.state === 'pending') return;
    if (now.state === 'ended') return settle(id, now);
    const { group } = now;
    if (how.stopSignal !== record.stop.signal || how.withinMs !== record.stop.withinMs) await ask(id, now, how);
    fault('runtime.stop.signalled');
    await exec(['systemctl', 'stop', '--', record.unit]);
    const left = groupMembers(group);
    if (left.length > 0)
      throw stopFailed(
        id,
        left.map(({ pid }) => pid),
      );
    seen.delete(id);
    const ending = records.ending(id, record.run);
    if (ending !== null && records.wasSuccess(id, record.run) === true) {
      await follower?.flush(record.unit);
      over.set(id, { run: record.run, ending, isSettled: true });
      return;
    }
    let after = await observe(id);
    if (after.state === 'pending') {
      await records.noteStopped(id, record.run);
      after = await observe(id);
    }
    if (after.state === 'ended') await settle(id, after);
  };

  /** In another way than its unit says. */
  const ask = async (id: string, { record, group }: Running, how: Parameters<RuntimeDriver['stop']>[1]): Promise<void> => {
    const { unit, run } = record;
    const send = (signal: string) => exec(['systemctl', 'kill', '--kill-who=all', `--signal=${signal}`, '--', unit]);
    await send(how.stopSignal);
    // One that was stopped by job control or a debugger takes no signal but SIGKILL before it goes on.
    if (groupMembers(group).some(({ state }) => state === 'T')) await send('SIGCONT');
    const graceEndsAt = performance.now() + how.withinMs;
    for (;;) {
      // Once empty is enough: what notes how the program ended runs in the same group right afterwards.
      if (groupMembers(group).length === 0) return;
      const leftMs = graceEndsAt - performance.now();
      if (leftMs <= 0) break;
      await sleep(Math.min(MEMBERS_POLL_MS, leftMs));
    }
    await records.noteKilled(id, run);
    await send('SIGKILL');
  };

  const status = async (id: string): Promise<InstanceStatus> => {
    for (;;) {
      const now = await observe(id);
      if (now.state === 'absent' || now.state === 'pending') return { state: 'absent' };
      if (now.state === 'ended') {
        // In its turn: somebody may be starting it again, and must not have it stopped under his hands.
        const ending = await inTurn(id, async () => {
          const still = await observe(id);
          return still.state === 'ended' ? conclude(id, still) : null;
        });
        if (ending !== null) return ending;
        continue;
      }
      const memoryBytes = memoryBytesOf(groupMembers(now.group));
      const limit = now.record.memoryBytes;
      if (limits.memory || limit === null || memoryBytes <= limit) return { state: 'running', pid: now.pid, memoryBytes };
      log.warn('instance.out-of-memory', { id, memoryBytes, limitBytes: limit });
      await records.noteOutOfMemory(id, now.record.run);
      await records.noteKilled(id, now.record.run);
      await exec(['systemctl', 'kill', '--kill-who=all', '--signal=SIGKILL', '--', now.record.unit]);
      while (isSame(now.pid, now.startTime)) await sleep(CHANGING_POLL_MS);
    }
  };

  return {
    id: 'systemd',
    supports: { memoryLimit: limits.memory ? 'enforced' : 'watched', cpuLimit: limits.cpu },
    start: (spec, signal) => inTurn(spec.id, () => start(spec, signal)),
    stop: (id, how) => inTurn(id, () => stop(id, how)),
    status,

    async exited(id, signal) {
      for (;;) {
        const now = await status(id);
        if (now.state !== 'running') return now;
        const startTime = readProcess(now.pid)?.startTime;
        const laterAt = performance.now() + STATUS_EVERY_MS;
        while (startTime !== undefined && isSame(now.pid, startTime) && performance.now() < laterAt)
          await sleep(ALIVE_POLL_MS, undefined, { signal }).catch((error) => {
            throw signal.aborted ? signal.reason : error;
          });
      }
    },

    list: async () => records.list(),

    forget: (id) =>
      inTurn(id, async () => {
        const now = await observe(id);
        if (now.state === 'running') throw stillRunning(id);
        if (now.state === 'absent') return records.remove(id);
        records.cancel(id);
        if (now.state === 'ended') await settle(id, now);
        records.remove(id);
        over.delete(id);
        follower?.drop(now.record.logFile);
        logFiles.remove(now.record.unit);
      }),

    foreground: (spec) => prepareForeground(spec, { directory, tag }),
    async beside(spec, argv) {
      const now = await observe(spec.id);
      if (now.state !== 'running') throw new Error(`${spec.id} does not run`);
      return besideCommand(spec, { pid: now.pid, unit: now.record.unit, argv });
    },
    close: async () => follower?.close(),
  };
};

type Ended = Extract<Observation, { state: 'ended' }>;
type Running = Extract<Observation, { state: 'running' }>;

type Observation =
  | { readonly state: 'absent' }
  /** Recorded, and systemd knows nothing of it: it is about to be asked, or the daemon died before it asked. */
  | { readonly state: 'pending'; readonly record: UnitRecord }
  | {
      readonly state: 'running';
      readonly record: UnitRecord;
      readonly pid: number;
      readonly startTime: number;
      readonly group: string;
    }
  | { readonly state: 'ended'; readonly record: UnitRecord; readonly ending: Exited; readonly willRestart: boolean };

const SETTLE_WITHIN_MS = 30_000;
const CHANGING_POLL_MS = 5;
const MEMBERS_POLL_MS = 20;
const ALIVE_POLL_MS = 25;
const STATUS_EVERY_MS = 1_000;
const NAME_FREE_WITHIN_MS = 5_000;
const LOG_LINES_SHOWN = 10;

const UNKNOWN_ENDING: Exited = { state: 'exited', exitCode: null, signal: null, outOfMemory: false };

/** The unit's own note also tells of memory; without one, what systemd says. */
const combine = (ending: Exited | null, written: Exited | null, wasOutOfMemory: boolean): Exited =>
  outOfMemoryAware(
    ending === null ? (written ?? UNKNOWN_ENDING) : { ...ending, outOfMemory: written?.outOfMemory ?? ending.outOfMemory },
    wasOutOfMemory,
  );

/** systemd's own codes for what it could not do before the program, systemd.exec(5); a program may use them as well. */
const isSetUpFailure = ({ exitCode }: Exited): boolean => exitCode !== null && exitCode >= 200 && exitCode <= 243;

/** The log file of each unit; null for units of others. */
const createLogFileIndex = (records: ReturnType<typeof createUnitRecords>) => {
  const known = new Map<string, string | null>();
  const readRecords = (): void => {
    for (const id of records.list()) {
      const record = records.read(id);
      if (record !== null) known.set(record.unit, record.logFile);
    }
  };
  return {
    of(unit: string): string | null {
      // Once for each unit of the machine: an instance is recorded before its unit can say anything.
      if (!known.has(unit)) {
        readRecords();
        if (!known.has(unit)) known.set(unit, null);
      }
      return known.get(unit) ?? null;
    },
    add: (unit: string, logFile: string): void => void known.set(unit, logFile),
    remove: (unit: string): void => void known.delete(unit),
  };
};

/** One follows for all: a second process on the same directory starts and stops, and leaves the logs to the first. */
const openFollower = (deps: {
  directory: string;
  log: Logger;
  logFileOf: (unit: string) => string | null;
}): JournalFollower | null => {
  try {
    const lock = acquireLock(`${deps.directory}/.journal.lock`);
    const follower = followJournal({ ...deps, stateFile: `${deps.directory}/.journal.json` });
    return {
      ...follower,
      async close() {
        await follower.close();
        lock.release();
      },
    };
  } catch (error) {
    if ((error as { code?: string }).code === 'HOME_LOCKED') return null;
    throw error;
  }
};

/** What systemd itself said of a unit. */
const unitLog = async (unit: string): Promise<string> => {
  const { stdout } = await exec(['journalctl', '--no-pager', '--output=cat', `--lines=${LOG_LINES_SHOWN}`, `--unit=${unit}`]);
  return stdout.trim();
};
