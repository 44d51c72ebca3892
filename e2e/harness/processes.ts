import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readProcess } from '@berth/host';

/** Processes that belong to a platform: they work in its home or were started with it in their environment or arguments. */
export const processesOfHome = (home: string): number[] => {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => pid !== process.pid && readProcess(pid) !== null && isOfHome(pid, home));
};

/** Its id and its words. */
export const describeProcess = (pid: number): string => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`;

/** Ends it at once; one that has gone by itself meanwhile is ended too. */
export const killProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Ids of the instances that really run, one for each process that leads one. */
export const runningInstances = (home: string): string[] =>
  processesOfHome(home).flatMap((pid) => {
    const id = environment(pid).find((entry) => entry.startsWith('BERTH_INSTANCE='));
    const process = readProcess(pid);
    return id && process && process.pgid === pid && process.state !== 'Z' ? [id.slice('BERTH_INSTANCE='.length)] : [];
  });

/** Those that copy databases away: they outlive the daemon. */
export const replicatorsOf = (home: string): number[] =>
  processesOfHome(home).filter((pid) => read(`/proc/${pid}/cmdline`).includes('/replicator-process.ts'));

const isOfHome = (pid: number, home: string): boolean =>
  readProcess(pid)?.state !== 'Z' &&
  (read(`/proc/${pid}/cmdline`).includes(home) || workingDirectory(pid).startsWith(home) || isStartedFor(pid, home));

/** What the daemon starts for itself works where the daemon does. */
const isStartedFor = (pid: number, home: string): boolean =>
  environment(pid).some((entry) => entry === `BERTH_HOME=${home}` || entry.startsWith(`NODE_COMPILE_CACHE=${home}/`));

const environment = (pid: number): string[] => read(`/proc/${pid}/environ`).split('\0');

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
};

const workingDirectory = (pid: number): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
};
