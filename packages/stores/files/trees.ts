import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { SystemUser } from '@berth/host';
import type { VaultAccess } from '@berth/vault';
import type { RestoredStore, StoreNotice } from '../store.ts';
import { treeMissing, treeRecordDamaged, treeTagInvalid, treeTargetFailed, treeUnreadable } from './errors.ts';
import { chooseTree } from './plan-forget.ts';
import { createRepositories, type Repository } from './repositories.ts';
import {
  incompleteTag,
  isTag,
  parsePruned,
  parseSnapshots,
  parseUnreadable,
  parseSummary,
  parseUnread,
  tagsOf,
} from './restic-answer.ts';
import { restoreTree } from './restore-tree.ts';

/** One saved state of a directory. */
export type Tree = {
  /** Of the snapshot; another one when it is marked as incomplete. */
  readonly id: string;
  /** What was saved: the id of a store, the digest of a build. */
  readonly tag: string;
  /** The moment whose state it is, milliseconds since 1970. */
  readonly at: number;
  /** Whatever the caller gave, to tell later whether anything has changed. */
  readonly state: string | null;
  /** False when some files could not be read: they are not in it. */
  readonly isComplete: boolean;
};

export type SavedTree = Tree & {
  readonly files: number;
  readonly bytes: number;
  /** Of them, what the target did not have; before compression. */
  readonly addedBytes: number;
  /** Paths that could not be read, absolute. */
  readonly unread: readonly string[];
};

export type TreeSave = {
  /** Letters, digits, ":", "_" and "-". */
  readonly tag: string;
  /** A directory, or a link to one. */
  readonly directory: string;
  readonly at: number;
  /** Letters and digits. */
  readonly state?: string;
  readonly signal?: AbortSignal;
  /** What restic complains of while it tries again, a line. */
  readonly onComplaint?: (line: string) => void;
};

export type TreeRestore = {
  readonly tag: string;
  /** The copy of that very moment, or the last one before it; the newest without it. */
  readonly at?: number;
  /** A path that does not exist, in a directory that does. */
  readonly into: string;
  /** Who shall own all of it; without root it belongs to whoever runs this. */
  readonly owner?: SystemUser | null;
  /** Reads everything from the target itself, nothing from a cache. */
  readonly fresh?: boolean | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
};

export type TreesDeps = {
  /** Asked when a tree is saved or brought back for the first time: nothing is installed for those who have none. */
  readonly restic: () => Promise<{ readonly path: string; readonly env: Readonly<Record<string, string>> }>;
  /** For restic's own cache and for what it has in hand; nothing in it is missed when it is gone. */
  readonly cache: string;
  readonly now: () => Date;
  readonly notice: (notice: StoreNotice) => void;
};

/**
 * Directories, saved at targets: deduplicated, compressed and encrypted by restic, all those of a target in one repository. Make
 * one of it per process: runs that would be in each other's way wait for each other here.
 */
export interface Trees {
  /**
   * Resolves when the copy is safe. A copy from which files are missing is kept and says so. Throws TREE_UNREADABLE,
   * TREE_TARGET_FAILED, TREE_DAMAGED, TREE_TARGET_HANGS, TREE_KEY_WRONG, TREE_LOCKED, TREES_GONE.
   */
  save(access: VaultAccess, save: TreeSave): Promise<SavedTree>;
  /** Oldest first; empty where nothing was ever saved. Of records that are damaged there is a notice. */
  list(access: VaultAccess, options?: { readonly tag?: string; readonly signal?: AbortSignal }): Promise<readonly Tree[]>;
  /** All of it at `into`, on the disk and compared with what was saved, or nothing. Throws TREE_MISSING, TREE_NOT_EQUAL, TREE_DAMAGED. */
  restore(access: VaultAccess, restore: TreeRestore): Promise<RestoredStore>;
  /** The copies themselves; what they are made of goes with `prune`. */
  forget(access: VaultAccess, trees: readonly Pick<Tree, 'id'>[], signal?: AbortSignal): Promise<void>;
  /** All copies with these tags. */
  forgetTags(access: VaultAccess, tags: readonly string[], signal?: AbortSignal): Promise<number>;
  /** Deletes what no copy needs; rewrites at most so much. May take long, and everything else waits for it: abort it if need be. */
  prune(
    access: VaultAccess,
    options: { readonly maxRepackBytes: number; readonly signal?: AbortSignal },
  ): Promise<{ bytesFreed: number }>;
  /** Reads part of what is stored and proves it: `subset` as restic takes it, "3/12" or "5%". Throws TREE_DAMAGED. */
  check(access: VaultAccess, options: { readonly subset: string; readonly signal?: AbortSignal }): Promise<{ evidence: string }>;
}

export const createTrees = (deps: TreesDeps): Trees => {
  const repositories = createRepositories(deps);

  /** What was told of already, as every list finds it again. */
  const told = new Set<string>();

  const read = async (access: VaultAccess, { tag, signal, fresh }: Listing): Promise<Listed> => {
    const { run } = repositories.of(access);
    const args = ['snapshots', '--json', '--no-lock', ...cacheOf(fresh), ...(tag === undefined ? [] : ['--tag', checked(tag)])];
    const end = await run({ doing: 'listing', args, signal, turn: 'together', ifNone: 'nothing', timeoutMs: ANSWER_MS });
    if (end === null) return { trees: [], unreadable: [] };
    const unreadable = parseUnreadable(end.stderr);
    for (const said of unreadable) {
      const key = `${access.name} ${access.url} ${said}`;
      if (!told.has(key))
        deps.notice({ level: 'warning', name: 'tree.unreadable', id: '', target: access.name, fields: { said } });
      told.add(key);
    }
    return { trees: parseSnapshots(end.stdout), unreadable };
  };

  const list: Trees['list'] = async (access, { tag, signal } = {}) => (await read(access, { tag, signal })).trees;

  const forget: Trees['forget'] = async (access, trees, signal) => {
    const ids = trees.map(({ id }) => id);
    for (let from = 0; from < ids.length; from += IDS_AT_ONCE)
      await repositories.of(access).run({
        doing: 'forgetting',
        args: ['forget', ...ids.slice(from, from + IDS_AT_ONCE)],
        signal,
        turn: 'alone',
      });
  };

  return {
    list,
    forget,
    async save(access, { tag, directory, at, state = null, signal, onComplaint }) {
      const tags = tagsOf({ tag: checked(tag), at, state });
      const path = await directoryOf(directory);
      const { run } = repositories.of(access);
      const options = ['--json', '--host', HOST, '--tag', tags, '--time', renderTime(at)];
      const cwd = dirname(path);
      // With the directory itself, so that it may be empty and its own mode comes back.
      const args = ['backup', ...options, '--', `./${basename(path)}`];
      const end = await run({ doing: 'saving', args, signal, cwd, turn: 'together', ifNone: 'make', accept: [3], onComplaint });
      const summary = parseSummary(end?.stdout ?? '');
      if (summary === null) throw treeTargetFailed(access.name, { doing: 'saving', said: end?.stderr ?? '' });
      const unread = end?.exitCode === 3 ? parseUnread(end.stderr, cwd) : [];
      // It is there for the time being: better most of the files than none.
      if (unread.length > 0)
        await run({ doing: 'saving', args: ['tag', '--add', incompleteTag, summary.id], signal, turn: 'alone' });
      return { ...summary, tag, at, state, isComplete: unread.length === 0, unread };
    },
    async restore(access, { tag, at, into, owner = null, fresh, signal, onProgress }) {
      const startedAt = performance.now();
      const { trees, unreadable } = await read(access, { tag, signal, fresh });
      const tree = at === undefined ? trees.at(-1) : chooseTree(trees, at);
      // What cannot be read may be a newer one of these; who asks for that very moment wants none.
      if (unreadable.length > 0 && (tree === undefined || tree.at !== at))
        throw treeRecordDamaged(access.name, { tag, newest: tree?.at, said: unreadable.join('\n') });
      if (tree === undefined)
        throw treeMissing(access.name, {
          tag,
          wanted: at === undefined ? 'at all' : `at or before ${new Date(at).toISOString()}`,
        });
      const { run } = repositories.of(access);
      const { entries, bytes } = await restoreTree(tree, {
        run: freshly(run, fresh),
        target: access.name,
        into,
        owner,
        signal,
        onProgress,
      });
      const missing = tree.isComplete ? '' : '; some files could not be read when it was saved and are not in it';
      return {
        atMs: tree.at,
        bytes,
        evidence: `${entries} entries with ${bytes} bytes, as many as in snapshot ${tree.id.slice(0, 8)}, each block by its hash${missing}`,
        ms: Math.round(performance.now() - startedAt),
        ...(unreadable.length > 0 && { warnings: unreadable.map((said) => `${access.name}: ${said}`) }),
      };
    },
    async forgetTags(access, tags, signal) {
      const wanted = new Set(tags);
      const trees = await list(access, signal === undefined ? {} : { signal });
      const gone = trees.filter(({ tag }) => wanted.has(tag));
      await forget(access, gone, signal);
      return gone.length;
    },
    async prune(access, { maxRepackBytes, signal }) {
      const args = ['prune', '--cleanup-cache', '--max-repack-size', `${Math.ceil(maxRepackBytes / 1024)}K`];
      const end = await repositories.of(access).run({ doing: 'pruning', args, signal, turn: 'alone', ifNone: 'nothing' });
      return { bytesFreed: end === null ? 0 : parsePruned(end.stdout) };
    },
    async check(access, { subset, signal }) {
      const args = ['check', '--read-data-subset', subset];
      const end = await repositories.of(access).run({ doing: 'checking', args, signal, turn: 'alone' });
      if (!end?.stdout.includes('no errors were found'))
        throw treeTargetFailed(access.name, { doing: 'checking', said: `${end?.stdout}\n${end?.stderr}` });
      return { evidence: `restic check read ${subset} of what is stored and found no errors` };
    },
  };
};

type Listing = {
  readonly tag?: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly fresh?: boolean | undefined;
};
type Listed = { readonly trees: readonly Tree[]; readonly unreadable: readonly string[] };

const cacheOf = (fresh: boolean | undefined): readonly string[] => (fresh === true ? ['--no-cache'] : []);

const freshly =
  (run: Repository['run'], fresh: boolean | undefined): Repository['run'] =>
  (command) =>
    run({ ...command, args: [...command.args, ...cacheOf(fresh)] });

/** Names nothing of the machine, and stays the same when another one takes over. */
const HOST = 'berth';

/** For what asks and does not carry data: whoever asks wants to know that the target does not answer. */
const ANSWER_MS = 60_000;

/** 64 characters each: well below what a command may be long. */
const IDS_AT_ONCE = 500;

const checked = (tag: string): string => {
  if (!isTag(tag)) throw treeTagInvalid(tag);
  return tag;
};

/** Of this form alone, in the zone that restic runs in, which is UTC; the milliseconds are in a tag. */
const renderTime = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

const directoryOf = async (directory: string): Promise<string> => {
  try {
    const path = await realpath(directory);
    if (!(await lstat(path)).isDirectory()) throw treeUnreadable(directory, 'it is not a directory');
    return path;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code?.startsWith('E') === true ? treeUnreadable(directory, code) : cause;
  }
};
