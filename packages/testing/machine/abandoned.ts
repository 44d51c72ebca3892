import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../wait-until.ts';
import { closeNetwork } from './network.ts';

/** Where machines are: one directory each, named after the process that booted it. */
export const MACHINES = '/var/tmp';
export const directoryPrefix = (pid: number): string => `berth-machine-${pid}-`;

/** Says which network belongs to the machine of a directory. */
export const NETWORK_NOTE = 'network';

/** Machines whose test was killed: they are switched off, and what they took of this host is given back. */
export async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(MACHINES)) {
    const owner = Number(name.match(/^berth-machine-(\d+)-/)?.[1] ?? Number.NaN);
    if (Number.isNaN(owner) || existsSync(`/proc/${owner}`)) continue;
    const directory = join(MACHINES, name);
    await switchOff(directory);
    const note = join(directory, NETWORK_NOTE);
    if (existsSync(note)) await closeNetwork(Number(readFileSync(note, 'utf8')));
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

const switchOff = async (directory: string): Promise<void> => {
  const isOff = (): boolean => {
    const pids = processesOf(directory);
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  };
  await waitUntil(isOff, { what: `all processes of ${directory} are gone` });
};

/**
 * systemd-nspawn of a machine, and what has the machine's disk as its root: the first does not always take the second along
 * when it is killed.
 */
export const processesOf = (directory: string): number[] => {
  const root = join(directory, 'root');
  const disk = statSync(root, { throwIfNoEntry: false });
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(`--directory=${root}`)) return true;
        const own = statSync(`/proc/${pid}/root/`);
        return own.ino === disk?.ino && own.dev === disk.dev;
      } catch {
        return false; // it has just ended
      }
    });
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};
