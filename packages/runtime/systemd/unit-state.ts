import { type UnitProperties, readProcess, isAlive } from '@berth/host';
import { endedBySignal, type Exited, exitedWith } from './records.ts';

/** What to ask systemd for. */
export const STATE_PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'MainPID',
  'Job',
  'ExecMainCode',
  'ExecMainStatus',
  'Result',
  'ControlGroup',
] as const;

export type UnitState =
  | { readonly state: 'running'; readonly pid: number; readonly startTime: number; readonly group: string }
  /** systemd is in the middle of something that takes milliseconds. */
  | { readonly state: 'changing' }
  /** `willRestart`: by systemd, after a while. */
  | { readonly state: 'ended'; readonly ending: Exited | null; readonly willRestart: boolean }
  | { readonly state: 'unknown' };

/** Pure but for a look whether the main process is still alive: systemd hears of its end a moment later. */
export const readUnitState = (unit: UnitProperties | null): UnitState => {
  if (unit === null || unit.LoadState !== 'loaded') return { state: 'unknown' };
  const { ActiveState: active = '', SubState: sub, Job: job = '' } = unit;
  const ending = endingOf(unit);
  const ended = { state: 'ended', ending, willRestart: sub === 'auto-restart' } as const;
  if (ended.willRestart) return ended;
  // Up to the execution of the program its process is systemd's own, which may still find that it cannot.
  if (active === 'activating') return CHANGING;
  const pid = Number(unit.MainPID);
  if (pid > 0) {
    const main = readProcess(pid);
    if (main === null || !isAlive(main)) return CHANGING;
    return { state: 'running', pid, startTime: main.startTime, group: unit.ControlGroup ?? '' };
  }
  switch (active) {
    case 'inactive':
      if (job !== '' && job !== '0') return CHANGING;
      return ending === null ? { state: 'unknown' } : ended;
    case 'failed':
      return job !== '' && job !== '0' ? CHANGING : ended;
    case 'active':
      return sub === 'exited' ? ended : CHANGING;
    default:
      // Its children are being ended; the program itself is over once systemd knows how.
      return sub === 'stop-post' || ending === null ? CHANGING : ended;
  }
};

const CHANGING = { state: 'changing' } as const;

/** ExecMainCode: CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3 (waitid(2)); 0 when it never ran. */
const endingOf = (unit: UnitProperties): Exited | null => {
  const [code, status, isOutOfMemory] = [Number(unit.ExecMainCode), Number(unit.ExecMainStatus), unit.Result === 'oom-kill'];
  if (code === 1) return exitedWith(status, isOutOfMemory);
  return code === 2 || code === 3 ? endedBySignal(status, isOutOfMemory) : null;
};
