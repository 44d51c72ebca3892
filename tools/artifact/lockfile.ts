/** What Berth's programs need to run, computed from the lockfile: the same that npm would install for them alone. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

type Names = Readonly<Record<string, string>>;
type Locked = {
  readonly version?: string;
  /** Of a link: the folder of the workspace. */
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
};

export type BerthPackages = {
  /** Folders of this repository, and the names by which they import each other. */
  readonly workspaces: readonly { readonly folder: string; readonly name: string }[];
  /** Folders below node_modules; an optional one may be missing. */
  readonly packages: readonly { readonly folder: string; readonly optional: boolean }[];
};

export const berthPackages = (root: string): BerthPackages => {
  const locked = readLocked(root);
  const workspaces = new Map<string, string>();
  const packages = new Map<string, boolean>();
  const follow = (from: string, names: Names | undefined, optional: boolean): void => {
    for (const name of Object.keys(names ?? {})) {
      const folder = folderOf(locked, from, name);
      const { link, resolved = '' } = locked.get(folder ?? '') ?? {};
      if (folder === undefined) continue;
      if (link === true) {
        if (workspaces.has(resolved)) continue;
        workspaces.set(resolved, name);
      } else {
        if (packages.get(folder) === false || packages.get(folder) === optional) continue;
        packages.set(folder, optional);
      }
      const inside = link === true ? resolved : folder;
      followAll(inside, optional);
    }
  };
  const followAll = (inside: string, optional: boolean): void => {
    const entry = locked.get(inside);
    follow(inside, entry?.dependencies, optional);
    follow(inside, entry?.optionalDependencies, true);
    const peers = Object.entries(entry?.peerDependencies ?? {});
    follow(
      inside,
      Object.fromEntries(peers.filter(([name]) => entry?.peerDependenciesMeta?.[name]?.optional !== true)),
      optional,
    );
  };
  for (const [folder, { link, resolved }] of locked) {
    if (link === true && resolved?.startsWith('programs/')) {
      workspaces.set(resolved, folder.replace(/^node_modules\//, ''));
      followAll(resolved, false);
    }
  }
  return {
    workspaces: [...workspaces].map(([folder, name]) => ({ folder, name })),
    packages: [...packages].map(([folder, optional]) => ({ folder, optional })),
  };
};

/** The exact version of a package that the lockfile names. */
export const lockedVersion = (root: string, name: string): string | undefined =>
  readLocked(root).get(`node_modules/${name}`)?.version;

const readLocked = (root: string): ReadonlyMap<string, Locked> => {
  const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  return new Map(Object.entries((JSON.parse(text) as { packages: Record<string, Locked> }).packages));
};

/** Where Node finds a package from another's folder: the nearest node_modules that has it, on the way up. */
const folderOf = (locked: ReadonlyMap<string, Locked>, from: string, name: string): string | undefined => {
  for (let at = from; ; at = at.includes('/') ? path.dirname(at) : '') {
    const folder = path.join(at, 'node_modules', name);
    if (locked.has(folder)) return folder;
    if (at === '') return undefined;
  }
};
