/** A directory to which nothing can be put while a file is there, as a module that a replication plan names. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDirectoryTarget } from '../directory-target.ts';
import type { Target } from '../target.ts';

export type ClosableDirectory = { readonly path: string; readonly closedBy: string };

export const openTarget = ({ path, closedBy }: ClosableDirectory): Target => {
  const directory = createDirectoryTarget(path);
  return {
    ...directory,
    async put(name, body, options) {
      while (existsSync(closedBy)) await sleep(10, undefined, options.signal && { signal: options.signal });
      await directory.put(name, body, options);
    },
  };
};
