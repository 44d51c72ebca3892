import { readdirSync, readFileSync } from 'node:fs';

/** One process and no other, ever: numbers of processes are given again, but not with the same start in the same boot. */
export type ProcessIdentity = {
  readonly pid: number;
  /** In clock ticks since the machine was booted, as the kernel says it. */
  readonly startedAt: string;
  readonly boot: string;
};

/** Undefined for a process that is gone, or a mere zombie, and where there is no /proc. */
export const identifyProcess = (pid: number): ProcessIdentity | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // proc_pid_stat(5): the name, which may hold anything, is in brackets; the state is field 3 and the start field 22.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startedAt = fields[18];
    if (startedAt === undefined || state === 'X') return undefined;
    // While other threads of it still end, its files and locks are still held.
    if (state === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1) return undefined;
    return { pid, startedAt, boot: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() };
  } catch {
    return undefined;
  }
};

/** Whether there is a process of that number. One that has ended and that nobody has asked about yet is none. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // Somebody else's, but there.
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  const isKnown = identifyProcess(process.pid) !== undefined;
  return !isKnown || identifyProcess(pid) !== undefined;
};

export const isRunning = ({ pid, startedAt, boot }: ProcessIdentity): boolean => {
  const now = identifyProcess(pid);
  return now !== undefined && now.startedAt === startedAt && now.boot === boot;
};

/** False when it is gone already; whoever has its number now is not signalled. */
export const signalProcess = (identity: ProcessIdentity, signal: NodeJS.Signals): boolean => {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};
