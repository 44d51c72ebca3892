import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Tree } from './trees.ts';

/** What a run that did not end with 0 means, by what it said: 0.14 has one exit code for almost everything. */
export type ResticFailure = 'no-repository' | 'wrong-key' | 'locked' | 'damaged' | 'incomplete' | 'other';

export const classifyRestic = (stderr: string): ResticFailure => {
  if (/wrong password or no key found/i.test(stderr)) return 'wrong-key';
  if (/already locked|unable to create lock/i.test(stderr)) return 'locked';
  if (/unable to open config file|config file does not exist|Is there a repository at/i.test(stderr)) return 'no-repository';
  if (DAMAGED.test(stderr)) return 'damaged';
  // Of a target that is away nothing is there either.
  if (INCOMPLETE.test(stderr)) return 'incomplete';
  return 'other';
};

/** What no line and no disk that is away can cause: restic has read all of it, and it is something else. */
const DAMAGED =
  /ciphertext verification failed|invalid data returned|wrong data returned|checksum mismatch|hash (?:mismatch|does not match)|not found in (?:repository|index)|blob \S+ not found|is damaged|Unmarshal: |repository contains errors/i;
/** An object that an index or a record names. Of another end of a stream the line may be the cause, unless it is a file. */
const INCOMPLETE =
  /^load ?\(?<[^\n]*(?:no such file or directory|does not exist|no such key|NoSuchKey|ReadFull: (?:unexpected )?EOF)/im;

/** What `restic snapshots` complains of, though it ends with 0: records that are there and not in its answer. */
export const parseUnreadable = (stderr: string): readonly string[] =>
  stderr.split('\n').filter((line) => /could not load snapshot|unable to load snapshot|ignoring snapshot/i.test(line));

/** Tags of ours have a dot, those of callers have none. */
const AT = /^at\.(\d+)$/;
const STATE = /^state\.(.+)$/;
const INCOMPLETE_TAG = 'not.complete';

export const isTag = (tag: string): boolean => /^[A-Za-z0-9][A-Za-z0-9:_-]{0,127}$/.test(tag);

export const tagsOf = ({ tag, at, state }: { tag: string; at: number; state: string | null }): string =>
  [tag, `at.${at}`, ...(state === null ? [] : [`state.${state}`])].join(',');

/** Of `restic snapshots --json`, oldest first; snapshots of somebody else, which have none of our tags, are left out. */
export const parseSnapshots = (stdout: string): readonly Tree[] =>
  (JSON.parse(stdout === '' ? '[]' : stdout) ?? [])
    .flatMap(({ id, tags }: { id: string; tags?: readonly string[] }): Tree[] => {
      const tag = tags?.find((word) => !word.includes('.'));
      const at = Number(tags?.map((word) => word.match(AT)?.[1]).find((word) => word !== undefined));
      if (tag === undefined || !Number.isSafeInteger(at)) return [];
      const state = tags?.map((word) => word.match(STATE)?.[1]).find((word) => word !== undefined) ?? null;
      return [{ id, tag, at, state, isComplete: !tags?.includes(INCOMPLETE_TAG) }];
    })
    .sort((a: Tree, b: Tree) => a.at - b.at);

export const incompleteTag = INCOMPLETE_TAG;

/** The last line of `restic backup --json`; null when it ended before that. */
export const parseSummary = (stdout: string): { id: string; files: number; bytes: number; addedBytes: number } | null => {
  const line = stdout.split('\n').findLast((text) => text.startsWith('{"message_type":"summary"'));
  if (line === undefined) return null;
  const summary = JSON.parse(line);
  return {
    id: summary.snapshot_id,
    files: summary.total_files_processed,
    bytes: summary.total_bytes_processed,
    addedBytes: summary.data_added,
  };
};

/**
 * What a backup could not read, of what it complained. What has been deleted meanwhile is not missing in the copy; names that are
 * not UTF-8 cannot be looked up again and count as unread.
 */
export const parseUnread = (stderr: string, cwd: string): readonly string[] => {
  const unread = new Set<string>();
  for (const line of stderr.split('\n')) {
    if (!line.startsWith('{"message_type":"error"') || !line.includes('"during":"archival"')) continue;
    const { error, item } = JSON.parse(line) as { error?: { Err?: number }; item: string };
    const path = resolve(cwd, item);
    if (error?.Err === ENOENT || (!path.includes('\ufffd') && isGone(path))) continue;
    unread.add(path);
  }
  return [...unread];
};

/** Of `restic prune`: "total prune:  7 blobs / 222.131 MiB". */
export const parsePruned = (stdout: string): number => {
  const [, amount = '0', unit = 'B'] = stdout.match(/total prune:\s+\d+ blobs \/ ([\d.]+) (\w+)/) ?? [];
  return Math.round(Number(amount) * (UNITS[unit] ?? 1));
};

const ENOENT = 2;
const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

const isGone = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) === undefined;
