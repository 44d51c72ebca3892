import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './process-identity.ts';

/** Removes what programs that are gone left in a directory: names of the prefix, the process id of the owner, '-' and the rest. */
export const removeLeftovers = async (directory: string, prefix: string): Promise<void> => {
  for (const name of await readdir(directory)) {
    const pid = /^(\d+)-/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '')?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(path.join(directory, name), { recursive: true, force: true });
  }
};
