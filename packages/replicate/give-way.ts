import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * Lets others go first when cores are short, from its start on: `niceness` as nice(1) means it. A process that is less important
 * than that already stays so; one that is gone, or not ours, is no error.
 */
export const giveWay = (pid: number | undefined, niceness: number): void => {
  if (pid === undefined || niceness <= 0) return;
  attempt(() => {
    if (getPriority(pid) < niceness) setPriority(pid, niceness);
  });
  // sched(7): where sessions are scheduled as groups, niceness only counts among the processes of one session.
  if (sessionOf(pid) === pid) attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(niceness)));
};

/** proc_pid_stat(5): the name, which may hold anything, is in brackets; the session is field 6. */
const sessionOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  } catch {
    return undefined;
  }
};

const attempt = (act: () => void): void => {
  try {
    act();
  } catch {
    // It has ended meanwhile, or the kernel has no such groups: a courtesy that is not possible is no fault.
  }
};
