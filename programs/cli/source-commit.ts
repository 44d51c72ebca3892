/** Which commit of its git repository a source is. */
import { join, relative } from 'node:path';
import type { Commit } from '@berth/core';
import { execOk } from '@berth/host';
import { isSent, type SourceLayout } from './source-layout.ts';

/** A repository for which this is too little gets no commit, rather than a deploy that waits. */
const TIMEOUT_MS = 10_000;

export type GitOptions = {
  /** The caller's environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
};

/**
 * Null where there is no git, no repository, no commit, or the commit does not have the app's directory (a repository further
 * up, such as one of a home directory). Never throws and prints nothing: a deploy does without.
 */
export const findCommit = async (layout: SourceLayout, options: GitOptions): Promise<Commit | null> => {
  const own = join(layout.root, layout.directory);
  const git = async (...words: string[]): Promise<string> => {
    const argv = ['git', '-C', own, ...QUIETLY, ...words];
    return (await execOk(argv, { env: environmentOf(options), timeoutMs: TIMEOUT_MS, signal: options.signal })).stdout;
  };
  try {
    const [hash = '', , top = ''] = (await git('rev-parse', 'HEAD', 'HEAD:./', '--show-toplevel')).split('\n');
    const parts = layout.include === null ? [layout.root] : [own, ...layout.include.map((path) => join(layout.root, path))];
    const status = await git('status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal', '--', ...parts);
    return { hash, dirty: await someAreSent(layout, top, changedPaths(status)) };
  } catch {
    return null;
  }
};

/** A look leaves nothing behind, in the index or as a process, and takes a path for a path. */
const QUIETLY = ['--no-optional-locks', '--literal-pathspecs', '-c', 'core.fsmonitor=false'];

/** In a hook git says where its repository is, which need not be the one of this directory. */
const ABOUT_ANOTHER = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_NAMESPACE', 'GIT_PREFIX'];

const environmentOf = ({ variables }: GitOptions): Record<string, string | undefined> => ({
  ...Object.fromEntries(Object.entries(variables).filter(([name]) => !ABOUT_ANOTHER.includes(name))),
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
});

/** Of `XY path\0…`, relative to the top of the repository; a directory that git does not know at all ends in "/". */
const changedPaths = (status: string): string[] =>
  status
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3));

/** Git also tells of files that .berthignore keeps back. */
const someAreSent = async (layout: SourceLayout, top: string, paths: readonly string[]): Promise<boolean> => {
  for (const path of paths) {
    const kind = path.endsWith('/') ? 'directory' : 'file';
    if (await isSent(layout, relative(layout.root, join(top, path)), kind)) return true;
  }
  return false;
};
