import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
    for (const pid of containersOf(directory)) process.kill(pid, 'SIGKILL');
    const note = join(directory, NETWORK_NOTE);
    if (existsSync(note)) await closeNetwork(Number(readFileSync(note, 'utf8')));
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** systemd-nspawn of a machine; it kills what is inside when it is killed. */
const containersOf = (directory: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
          .split('\0')
          .includes(`--directory=${join(directory, 'root')}`);
      } catch {
        return false; // it has just ended
      }
    });
