import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TreeEntry, walkTree } from './tree-walk.ts';

/** What a walk tells of a tree, without reading any file. */
export type Fingerprint = {
  /**
   * Equal as long as nothing has changed; null while that cannot be told because something changed just then. It says nothing on
   * another machine: it is made of times and numbers of files too.
   */
  readonly state: string | null;
  /** On the disk. */
  readonly bytes: number;
  readonly entries: number;
  /** SQLite databases near the root, absolute; the first ones. */
  readonly databases: readonly string[];
  readonly ms: number;
};

/** Of a tree that is quiet for some milliseconds, if it ever is. */
export const fingerprintOf = async (root: string, signal?: AbortSignal): Promise<Fingerprint> => {
  for (let attempt = 1; ; attempt++) {
    const found = await walkOnce(root, signal);
    if (found.state !== null || attempt === ATTEMPTS || found.ms > LONG_WALK_MS) return found;
    await sleep(2 * CLOCK_TICK_MS, undefined, { signal });
  }
};

/** The kernel's clock for changes goes in steps of up to 10 ms: two changes within one cannot be told apart. */
const CLOCK_TICK_MS = 20;
const ATTEMPTS = 3;
const LONG_WALK_MS = 2_000;

const DATABASE_DEPTH = 2;
const FILES_LOOKED_INTO = 200;
const DATABASES_NAMED = 5;
const SQLITE_HEADER = 'SQLite format 3\0';

const walkOnce = async (root: string, signal: AbortSignal | undefined): Promise<Fingerprint> => {
  const beganAt = Date.now();
  const startedAt = performance.now();
  const hash = createHash('sha256');
  const counted = new Set<string>();
  const databases: string[] = [];
  let newest = 0n;
  let blocks = 0n;
  let entries = 0;
  let lookedInto = 0;
  for await (const entry of walkTree(root, { signal })) {
    const { path, stats } = entry;
    entries += 1;
    hash.update(path);
    hash.update(`\0${stats.mode}:${stats.uid}:${stats.gid}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}\0`);
    if (stats.ctimeMs > newest) newest = stats.ctimeMs;
    if (isFirstName(stats, counted)) blocks += stats.blocks;
    if (!mayBeDatabase(entry) || lookedInto >= FILES_LOOKED_INTO || databases.length >= DATABASES_NAMED) continue;
    lookedInto += 1;
    if (await isDatabase(path)) databases.push(path.toString());
  }
  const isQuiet = Number(newest) < beganAt - CLOCK_TICK_MS;
  return {
    state: isQuiet ? hash.digest('hex').slice(0, 24) : null,
    bytes: Number(blocks) * 512,
    entries,
    databases,
    ms: performance.now() - startedAt,
  };
};

const isFirstName = ({ nlink, dev, ino }: TreeEntry['stats'], counted: Set<string>): boolean => {
  if (nlink <= 1n) return true;
  const identity = `${dev}:${ino}`;
  if (counted.has(identity)) return false;
  counted.add(identity);
  return true;
};

const mayBeDatabase = ({ stats, depth }: TreeEntry): boolean =>
  stats.isFile() && depth <= DATABASE_DEPTH && stats.size >= 512n && stats.size % 512n === 0n;

const isDatabase = async (path: Buffer): Promise<boolean> => {
  try {
    // It may have become something that open(2) would wait for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return bytesRead === 16 && buffer.toString('latin1') === SQLITE_HEADER;
  } catch {
    // Gone, or not to be read: then it is named elsewhere.
    return false;
  }
};
