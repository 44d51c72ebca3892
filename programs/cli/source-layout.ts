/** What is sent of an app: its directory, or that and the part of a repository that its manifest names. */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Manifest } from '@berth/core';
import { includeIgnored, includeMissing, sourceRootInvalid } from './errors.ts';
import { readIgnoreRules } from './ignore-rules.ts';

export type SourceLayout = {
  /** The directory whose layout the source keeps; absolute and without links on the way. */
  readonly root: string;
  /** The app's own in it; "." where it is all there is. */
  readonly directory: string;
  /** What else comes along, relative to the root; null for everything. */
  readonly include: readonly string[] | null;
};

/** Throws SOURCE_ROOT_INVALID, SOURCE_INCLUDE_MISSING and SOURCE_INCLUDE_IGNORED, each with all that is wrong. */
export const planSource = async (given: string, { source }: Pick<Manifest, 'source'>): Promise<SourceLayout> => {
  // A link to the app's directory must not make something else the top of its repository.
  const own = await realpath(given);
  if (source === undefined) return { root: own, directory: '.', include: null };
  const root = resolve(own, source.root);
  if (root === '/') throw sourceRootInvalid(own, source.root);
  const layout = { root, directory: relative(root, own) || '.', include: source.include };
  await checkIncluded(layout);
  return layout;
};

/** `above`: a directory that only holds something that is sent. */
export const placeIn = ({ directory, include }: SourceLayout, path: string): 'inside' | 'above' | 'outside' => {
  if (include === null || path === '') return 'inside';
  const parts = [directory, ...include];
  if (parts.some((part) => part === '.' || path === part || path.startsWith(`${part}/`))) return 'inside';
  return parts.some((part) => part.startsWith(`${path}/`)) ? 'above' : 'outside';
};

/** Whether a file of that name, or a directory with something in it, is sent. */
export const isSent = async (layout: SourceLayout, path: string, kind: 'file' | 'directory'): Promise<boolean> => {
  if (path === join(layout.directory, 'berth.yaml')) return true;
  const place = placeIn(layout, path);
  if (place === 'outside' || (place === 'above' && kind === 'file')) return false;
  return !(await isIgnored(layout.root, path, kind));
};

const checkIncluded = async ({ root, directory, include }: SourceLayout): Promise<void> => {
  const kinds = new Map<string, 'file' | 'directory' | null>();
  for (const path of include ?? []) kinds.set(path, await kindOf(join(root, path)));
  const missing = [...kinds.keys()].filter((path) => kinds.get(path) === null);
  if (missing.length > 0) throw includeMissing(root, missing);
  const ignored: string[] = [];
  for (const path of [directory, ...kinds.keys()])
    if (path !== '.' && (await isIgnored(root, path, kinds.get(path) ?? 'directory'))) ignored.push(path);
  if (ignored.length > 0) throw includeIgnored(root, ignored);
};

const kindOf = async (path: string): Promise<'file' | 'directory' | null> => {
  try {
    // What lies behind a link is not in this place of the repository, and would not be found there when it is packed.
    if ((await realpath(dirname(path))) !== dirname(path)) return null;
    return (await lstat(path)).isDirectory() ? 'directory' : 'file';
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw cause;
  }
};

/** By the rules of every directory on the way, or because one of those is left out itself. */
const isIgnored = async (root: string, path: string, kind: 'file' | 'directory'): Promise<boolean> => {
  const segments = path.split('/');
  let rules = await readIgnoreRules(root);
  for (const [index] of segments.entries()) {
    const here = segments.slice(0, index + 1).join('/');
    const isLast = index === segments.length - 1;
    if (rules.excludes(here, isLast ? kind : 'directory')) return true;
    if (!isLast) rules = await rules.enter(here);
  }
  return false;
};
