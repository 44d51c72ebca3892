import { lstatSync } from 'node:fs';
import { lchown, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exec, isSame, readProcess, type SystemUser } from '@berth/host';
import { treeInTheWay, treeNotEqual, treeTargetFailed } from './errors.ts';
import type { Repository } from './repositories.ts';
import { walkTree } from './tree-walk.ts';
import type { Tree } from './trees.ts';

export type RestoreTree = {
  readonly run: Repository['run'];
  readonly target: string;
  readonly into: string;
  readonly owner: SystemUser | null;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((fraction: number) => void) | undefined;
};

/** Beside `into` first, compared with what was saved, and renamed when all of it is on the disk. */
export const restoreTree = async (tree: Tree, restore: RestoreTree): Promise<{ entries: number; bytes: number }> => {
  const { run, into, signal, target, onProgress } = restore;
  if (isThere(into)) throw treeInTheWay(into);
  await removeLeftovers(dirname(into));
  const scratch = scratchOf(into, 'restoring');
  const complete = scratchOf(into, 'restored');
  try {
    await mkdir(scratch, { mode: 0o700 });
    const wanted = await sizeOf(tree, restore);
    onProgress?.(0.05);
    await run({
      doing: 'bringing back',
      args: ['restore', tree.id, '--no-lock', '--target', scratch],
      signal,
      turn: 'together',
      onWritten: (bytes) => onProgress?.(0.05 + 0.85 * Math.min(1, bytes / Math.max(1, wanted.bytes))),
    });
    // It was saved with its own name, whatever that was.
    const [name, ...others] = await readdir(scratch);
    if (name === undefined || others.length > 0) throw notEqual(`${1 + others.length} directories`);
    const found = await adopt(join(scratch, name), restore);
    if (found.entries !== wanted.entries || found.bytes !== wanted.bytes)
      throw notEqual(`${found.entries} entries with ${found.bytes} bytes of ${wanted.entries} with ${wanted.bytes}`);
    onProgress?.(0.95);
    await syncFileSystem(scratch, signal);
    signal?.throwIfAborted();
    await rename(join(scratch, name), complete);
    await rmdir(scratch);
    if (isThere(into)) throw treeInTheWay(into);
    await rename(complete, into);
    await syncDirectory(dirname(into));
    onProgress?.(1);
    return found;
  } finally {
    for (const path of [scratch, complete]) await rm(path, REMOVE);
  }

  function notEqual(why: string): Error {
    return treeNotEqual(target, { tag: tree.tag, why });
  }
};

const REMOVE = { recursive: true, force: true, maxRetries: 5, retryDelay: 200 } as const;

/** Whose it is stands in its name, so that only what nobody works at any more is removed. */
const SCRATCH = /^\..+\.(?:restoring|restored)-(\d+)-(\d+)-\d+$/;

let scratches = 0;

const scratchOf = (into: string, state: 'restoring' | 'restored'): string =>
  join(dirname(into), `.${basename(into)}.${state}-${process.pid}-${ownStartTime()}-${++scratches}`);

const ownStartTime = (): number => readProcess(process.pid)?.startTime ?? 0;

const removeLeftovers = async (directory: string): Promise<void> => {
  for (const name of await readdir(directory)) {
    const [, pid, startTime] = name.match(SCRATCH) ?? [];
    if (pid !== undefined && !isSame(Number(pid), Number(startTime))) await rm(join(directory, name), REMOVE);
  }
};

const sizeOf = async (tree: Tree, { run, signal, target }: RestoreTree): Promise<{ entries: number; bytes: number }> => {
  const args = ['stats', '--json', '--no-lock', '--mode', 'restore-size', tree.id];
  const end = await run({ doing: 'measuring', args, signal, turn: 'together' });
  const line = end?.stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw treeTargetFailed(target, { doing: 'measuring', said: end?.stdout ?? '' });
  const stats = JSON.parse(line);
  return { entries: stats.total_file_count, bytes: stats.total_size };
};

/** Counts as restic does: every name, and the bytes of a file once whatever its names. */
const adopt = async (root: string, { owner, signal }: RestoreTree): Promise<{ entries: number; bytes: number }> => {
  const counted = new Set<string>();
  let entries = 0;
  let bytes = 0;
  for await (const { path, stats } of walkTree(root, { signal })) {
    entries += 1;
    const identity = stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : null;
    if (stats.isFile() && (identity === null || !counted.has(identity))) bytes += Number(stats.size);
    if (stats.isFile() && identity !== null) counted.add(identity);
    if (owner !== null && (stats.uid !== BigInt(owner.uid) || stats.gid !== BigInt(owner.gid)))
      await lchown(path, owner.uid, owner.gid);
  }
  return { entries, bytes };
};

/** Of files by the thousand: one call for all of them. */
const syncFileSystem = async (path: string, signal: AbortSignal | undefined): Promise<void> => {
  const { exitCode, stderr } = await exec(['sync', '--file-system', path], { signal });
  if (exitCode !== 0) throw treeTargetFailed(path, { doing: 'writing it to the disk', said: stderr });
};

const syncDirectory = async (path: string): Promise<void> => {
  await using directory = await open(path);
  await directory.sync();
};

/** A link that leads nowhere is in the way too. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
