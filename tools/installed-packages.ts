/**
 * Asked by the launcher when node_modules was not filled by itself: exits with 0 if what npm says it installed there
 * is what the lockfile asks for, as far as Berth needs it to run.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

type Locked = { version?: string; integrity?: string; link?: boolean; dev?: boolean; devOptional?: boolean; optional?: boolean };

const lockedPackages = (file: string): Map<string, Locked> => {
  const lockfile = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> };
  return new Map(Object.entries(lockfile.packages).filter(([folder]) => folder.startsWith('node_modules/')));
};

/** The first package that differs, or undefined when the installation is the one the lockfile describes. */
const firstDifference = (root: string): string | undefined => {
  const wanted = lockedPackages(path.join(root, 'package-lock.json'));
  const installed = lockedPackages(path.join(root, 'node_modules/.package-lock.json'));
  for (const [folder, entry] of installed) {
    const asked = wanted.get(folder);
    // What is there and no longer asked for does no harm, and is no reason to take everything away under a running daemon.
    if (asked !== undefined && (asked.version !== entry.version || asked.integrity !== entry.integrity)) return folder;
  }
  for (const [folder, entry] of wanted) {
    const needed = !entry.dev && !entry.devOptional && !entry.optional;
    if (needed && !(installed.has(folder) && existsSync(path.join(root, folder)))) return folder;
  }
  return undefined;
};

const root = process.argv[2];
if (root === undefined) throw new Error('usage: installed-packages.ts ROOT');
process.exitCode = firstDifference(root) === undefined ? 0 : 1;
