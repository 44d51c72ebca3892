import { readFileSync } from 'node:fs';

/**
 * The shared-memory files (by inode) in which another process holds the write lock and the checkpoint lock at once: a FULL,
 * RESTART or TRUNCATE checkpoint, which may be waiting for our reader while every writer waits for it. Linux only; locks of
 * processes in other containers are not shown.
 */
export const findBlockingCheckpoints = (locks: string, ownPid: number): Set<number> => {
  const held = new Map<string, number>();
  for (const line of locks.split('\n')) {
    const [, pid, inode, from, to] = /^\d+: POSIX +\S+ +WRITE (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+)$/.exec(line) ?? [];
    if (pid === undefined || inode === undefined || Number(pid) === ownPid) continue;
    const key = `${pid} ${inode}`;
    let bits = held.get(key) ?? 0;
    if (Number(from) <= WRITE_LOCK_BYTE && Number(to) >= WRITE_LOCK_BYTE) bits |= 1;
    if (Number(from) <= CHECKPOINT_LOCK_BYTE && Number(to) >= CHECKPOINT_LOCK_BYTE) bits |= 2;
    held.set(key, bits);
  }
  return new Set([...held].filter(([, bits]) => bits === 3).map(([key]) => Number(key.split(' ')[1])));
};

/** One look at the locks of the machine for all databases of this process. */
export interface LockWatch extends Disposable {
  /** Calls back when somebody's checkpoint seems to wait, and looks only while `isExposed` says that our reader can be in the way. */
  add(inode: number, watched: Watched): () => void;
}

export type Watched = { readonly isExposed: () => boolean; readonly onBlocked: () => void };

export const createLockWatch = (readLocks: () => string = readProcLocks): LockWatch => {
  const watched = new Map<number, Watched>();
  const timer = setInterval(() => {
    if (![...watched.values()].some(({ isExposed }) => isExposed())) return;
    for (const inode of findBlockingCheckpoints(readLocks(), process.pid)) watched.get(inode)?.onBlocked();
  }, LOOK_EVERY_MS).unref();
  return {
    add(inode, one) {
      watched.set(inode, one);
      return () => {
        if (watched.get(inode) === one) watched.delete(inode);
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
};

const readProcLocks = (): string => {
  try {
    return readFileSync('/proc/locks', 'latin1');
  } catch {
    // Not Linux, or not allowed: such a checkpoint waits for as long as its busy timeout says.
    return '';
  }
};

/** Bytes of the shared-memory file that SQLite locks (sqlite.org/walformat.html, 2.3). */
const WRITE_LOCK_BYTE = 120;
const CHECKPOINT_LOCK_BYTE = 121;
const LOOK_EVERY_MS = 25;
