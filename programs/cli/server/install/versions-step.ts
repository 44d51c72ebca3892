import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PROGRAMS, UNITS } from './places.ts';
import type { InstallStep } from './step.ts';

/** Of those that are neither installed nor in use: one to go back to by hand. */
const VERSIONS_KEPT = 1;

/** What earlier installations left below /usr/lib/berth, some 150 MB each. `id`: the one that is installed. */
export const versionsStep = (id: string): InstallStep => {
  const old = (): string[] => {
    const used = whatIsUsed();
    return readdirSync(PROGRAMS, { withFileTypes: true })
      .filter(
        (entry) =>
          entry.isDirectory() && /^\d/.test(entry.name) && entry.name !== id && !used.includes(`${PROGRAMS}/${entry.name}/`),
      )
      .map(({ name }) => ({ name, at: statSync(join(PROGRAMS, name)).mtimeMs }))
      .sort((one, other) => other.at - one.at)
      .slice(VERSIONS_KEPT)
      .map(({ name }) => name);
  };
  return {
    name: 'versions',
    title: 'older versions',
    inspect: async () => old().map((name) => `remove ${PROGRAMS}/${name}`),
    async apply() {
      for (const name of old()) await rm(join(PROGRAMS, name), { recursive: true, force: true });
    },
  };
};

/** The edge and what copies data outlive the daemon that started them; units of apps name a program by its whole path. */
const whatIsUsed = (): string => {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const units = readdirSync(UNITS).filter((name) => name.endsWith('.service'));
  return [
    ...processes.flatMap((pid) => [link(`/proc/${pid}/exe`), text(`/proc/${pid}/cmdline`)]),
    ...units.map((unit) => text(join(UNITS, unit))),
  ].join('\n');
};

const text = (path: string): string => {
  try {
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : '';
  } catch {
    return ''; // a process that ended at this moment
  }
};

const link = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // one that ended, or one of the kernel's own
  }
};
