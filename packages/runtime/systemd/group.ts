import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type Process, readProcess } from '@berth/host';

/** The living processes of a unit's control group, and of groups below it. `group` is systemd's own name of it. */
export const groupMembers = (group: string): readonly Process[] => {
  if (group === '' || group === '/') return [];
  const top = HIERARCHIES.map((root) => `${root}${group}`).find((path) => existsSync(`${path}/cgroup.procs`));
  return top === undefined
    ? []
    : (pidsBelow(top)
        .map(readProcess)
        .filter((found) => found !== null && isAlive(found)) as Process[]);
};

/** Where systemd's own hierarchy is: version 2, both beside each other, version 1 (systemd.io/CGROUP_DELEGATION). */
const HIERARCHIES = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

const pidsBelow = (directory: string): readonly number[] => {
  try {
    const own = readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...below.flatMap(({ name }) => pidsBelow(join(directory, name)))];
  } catch (error) {
    // It went away between two looks.
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};
