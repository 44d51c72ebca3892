/** Which build runs: its version, the revision of its source, and the release that the platform gave it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from './configuration.ts';

export type BuildInformation = {
  /** Of the nearest package.json that has one. */
  readonly version: string | null;
  /** The first seven digits of the git commit; with a + where a variable says so: the source differed from it. */
  readonly revision: string | null;
  /** What Berth calls the running release. */
  readonly release: string | null;
};

const REVISION_VARIABLES = ['BUILD_SHA', 'VITE_SHA', 'GIT_COMMIT', 'BERTH_COMMIT'];

/**
 * Null for whatever cannot be found; never throws. Git itself is not run: it is seldom there in production.
 * @param options.directory where the program is; looked at upward
 */
export const readBuildInformation = (options: {
  readonly environment: Environment;
  readonly directory: string;
}): BuildInformation => {
  const { environment } = options;
  const directories = upward(path.resolve(options.directory));
  const given = REVISION_VARIABLES.map((name) => shortRevision(environment[name])).find((revision) => revision !== null);
  const release = environment['BERTH_RELEASE']?.trim() ?? '';
  return {
    version: firstFound(directories, versionIn),
    revision: given ?? firstFound(directories, revisionIn),
    release: release === '' ? null : release,
  };
};

const upward = (directory: string): string[] => {
  const parent = path.dirname(directory);
  return parent === directory ? [directory] : [directory, ...upward(parent)];
};

const firstFound = (directories: readonly string[], find: (directory: string) => string | null): string | null => {
  for (const directory of directories) {
    const found = find(directory);
    if (found !== null) return found;
  }
  return null;
};

const versionIn = (directory: string): string | null => {
  const text = readOrNull(path.join(directory, 'package.json'));
  if (text === null) return null;
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    return typeof version === 'string' && version !== '' ? version : null;
  } catch {
    return null;
  }
};

const revisionIn = (directory: string): string | null => {
  const gitDirectory = findGitDirectory(path.join(directory, '.git'));
  const head = readOrNull(path.join(gitDirectory, 'HEAD'))?.trim();
  if (head === undefined) return null;
  const reference = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  if (reference === undefined) return shortRevision(head);
  if (reference.includes('..')) return null;
  // A worktree has its own HEAD, and shares the branches with the repository that it belongs to.
  const shared = path.resolve(gitDirectory, readOrNull(path.join(gitDirectory, 'commondir'))?.trim() ?? '.');
  const packed = readOrNull(path.join(shared, 'packed-refs'))?.split('\n') ?? [];
  return (
    shortRevision(readOrNull(path.join(gitDirectory, reference))) ??
    shortRevision(readOrNull(path.join(shared, reference))) ??
    shortRevision(packed.find((line) => line.endsWith(` ${reference}`))?.split(' ', 1)[0])
  );
};

/** In a worktree or a submodule `.git` is a file that says where it is. */
const findGitDirectory = (dotGit: string): string => {
  const elsewhere = /^gitdir: (.+)$/m.exec(readOrNull(dotGit) ?? '')?.[1];
  return elsewhere === undefined ? dotGit : path.resolve(path.dirname(dotGit), elsewhere);
};

const shortRevision = (text: string | null | undefined): string | null => {
  const [, digits, changed = ''] = /^([0-9a-f]{7})[0-9a-f]{0,57}(\+?)$/i.exec(text?.trim() ?? '') ?? [];
  return digits === undefined ? null : digits.toLowerCase() + changed;
};

const readOrNull = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};
