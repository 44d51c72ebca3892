import type { BigIntStats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';

export type TreeEntry = {
  /** As bytes: names need not be text. */
  readonly path: Buffer;
  readonly stats: BigIntStats;
  /** 0 for the root itself. */
  readonly depth: number;
};

export type TreeWalk = {
  readonly signal?: AbortSignal | undefined;
  /** Directories that cannot be read; they are left out otherwise. What vanishes meanwhile is never told. */
  readonly onUnreadable?: (path: Buffer) => void;
};

/**
 * Everything in a tree, the root first, a directory before what is in it, links not followed. Asks for little at once, and lets
 * everything else go on in between; memory is bounded by the directories, not by the files.
 */
export async function* walkTree(root: string, { signal, onUnreadable }: TreeWalk = {}): AsyncGenerator<TreeEntry> {
  const rootPath = Buffer.from(root);
  const rootStats = await lstat(rootPath, { bigint: true });
  yield { path: rootPath, stats: rootStats, depth: 0 };
  const directories = rootStats.isDirectory() ? [{ path: rootPath, depth: 0 }] : [];
  for (;;) {
    const directory = directories.pop();
    if (directory === undefined) return;
    for await (const names of namesIn(directory.path, onUnreadable)) {
      signal?.throwIfAborted();
      const paths = names.map((name) => Buffer.concat([directory.path, SLASH, name]));
      const found = await Promise.all(paths.map(statsOf));
      for (const [index, path] of paths.entries()) {
        const stats = found[index];
        if (stats === undefined || stats === null) continue;
        const depth = directory.depth + 1;
        yield { path, stats, depth };
        if (stats.isDirectory()) directories.push({ path, depth });
      }
    }
  }
}

const SLASH = Buffer.from('/');
const AT_ONCE = 64;

async function* namesIn(path: Buffer, onUnreadable: TreeWalk['onUnreadable']): AsyncGenerator<readonly Buffer[]> {
  let names: Buffer[] = [];
  try {
    // The types do not know that entries have names of bytes then.
    for await (const { name } of await opendir(path as unknown as string, {
      encoding: 'buffer' as 'utf8',
      bufferSize: AT_ONCE,
    })) {
      names.push(name as unknown as Buffer);
      if (names.length < AT_ONCE) continue;
      yield names;
      names = [];
    }
  } catch (error) {
    if (isAbsence(error)) return;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    onUnreadable?.(path);
    return;
  }
  if (names.length > 0) yield names;
}

const statsOf = (path: Buffer): Promise<BigIntStats | null> =>
  lstat(path, { bigint: true }).catch((error: unknown) => {
    if (isAbsence(error)) return null;
    throw error;
  });

const isAbsence = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
};
