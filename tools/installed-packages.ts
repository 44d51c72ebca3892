/**
 * Asked by the launcher when node_modules was not filled by itself: exits with 0 if what npm says it installed there
 * is what the lockfile asks for, as far as Berth needs it to run. What only the apps of this repository need is theirs.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

type Names = Readonly<Record<string, string>>;
type Locked = {
  version?: string;
  integrity?: string;
  /** Of a link: the folder of the workspace. */
  resolved?: string;
  link?: boolean;
  dependencies?: Names;
  optionalDependencies?: Names;
  peerDependencies?: Names;
  devDependencies?: Names;
};
type Lockfile = ReadonlyMap<string, Locked>;

const readLockfile = (file: string): Lockfile =>
  new Map(Object.entries((JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> }).packages));

/**
 * The folders of what Berth's programs need, and of what this repository may have beside it (its Node, development
 * tools): those may be missing, but if they are there they have to be the right ones.
 */
const packagesOfBerth = (lockfile: Lockfile): ReadonlyMap<string, 'needed' | 'if there'> => {
  const found = new Map<string, 'needed' | 'if there'>();
  const follow = (from: string, names: Names | undefined, how: 'needed' | 'if there'): void => {
    for (const name of Object.keys(names ?? {})) {
      const folder = folderOf(lockfile, from, name);
      const known = folder === undefined ? 'needed' : found.get(folder);
      if (folder === undefined || known === 'needed' || known === how) continue;
      found.set(folder, how);
      const { link, resolved } = lockfile.get(folder) ?? {};
      const inside = link === true && resolved !== undefined ? resolved : folder;
      const entry = lockfile.get(inside);
      follow(inside, entry?.dependencies, how);
      follow(inside, { ...entry?.optionalDependencies, ...entry?.peerDependencies }, 'if there');
    }
  };
  for (const [folder, entry] of lockfile) if (/^programs\/[^/]+$/.test(folder)) follow(folder, entry.dependencies, 'needed');
  const root = lockfile.get('');
  follow('', { ...root?.dependencies, ...root?.optionalDependencies, ...root?.devDependencies }, 'if there');
  return found;
};

/** Where Node finds a package from another's folder: the nearest node_modules that has it, on the way up. */
const folderOf = (lockfile: Lockfile, from: string, name: string): string | undefined => {
  for (let at = from; ; at = at.includes('/') ? path.dirname(at) : '') {
    const folder = path.join(at, 'node_modules', name);
    if (lockfile.has(folder)) return folder;
    if (at === '') return undefined;
  }
};

/** The first package that differs, or undefined when the installation is the one the lockfile describes. */
const firstDifference = (root: string): string | undefined => {
  const wanted = readLockfile(path.join(root, 'package-lock.json'));
  const installed = readLockfile(path.join(root, 'node_modules/.package-lock.json'));
  for (const [folder, how] of packagesOfBerth(wanted)) {
    const [asked, there] = [wanted.get(folder), installed.get(folder)];
    if (there === undefined) {
      if (how === 'needed') return folder;
    } else if (asked?.version !== there.version || asked?.integrity !== there.integrity) return folder;
    if (how === 'needed' && !existsSync(path.join(root, folder))) return folder;
  }
  return undefined;
};

const root = process.argv[2];
if (root === undefined) throw new Error('usage: installed-packages.ts ROOT');
process.exitCode = firstDifference(root) === undefined ? 0 : 1;
