import { closeSync, openSync, readSync } from 'node:fs';

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
  /** To be called when `isExposed` may have become true: while nobody is exposed there is not even a timer. */
  wake(): void;
}

export type Watched = { readonly isExposed: () => boolean; readonly onBlocked: () => void };

/** What the locks of the machine are, as text; '' where that cannot be known. */
export interface LockTable extends Disposable {
  read(): string;
}

export const createLockWatch = (table: LockTable = openLockTable(), now = (): number => performance.now()): LockWatch => {
  const watched = new Map<number, Watched>();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    timer = undefined;
    if (!watched.values().some(({ isExposed }) => isExposed())) return;
    const from = now();
    for (const inode of findBlockingCheckpoints(table.read(), process.pid)) watched.get(inode)?.onBlocked();
    // The table of a machine with a thousand databases is long: looking at it as often would be work for half a core.
    lookIn(Math.max(LOOK_EVERY_MS, (now() - from) * BREATHS));
  };
  const lookIn = (ms: number): void => {
    timer = setTimeout(look, ms).unref();
  };
  const wake = (): void => {
    if (timer === undefined) lookIn(LOOK_EVERY_MS);
  };
  return {
    add(inode, one) {
      watched.set(inode, one);
      wake();
      return () => {
        if (watched.get(inode) === one) watched.delete(inode);
      };
    },
    wake,
    [Symbol.dispose]() {
      clearTimeout(timer);
      watched.clear();
      table[Symbol.dispose]();
    },
  };
};

/** Opened once: forty looks a second that each opened it were a tenth of what following a busy database costs. */
const openLockTable = (): LockTable => {
  let fd: number | undefined;
  let buffer = Buffer.alloc(FIRST_READ_BYTES);
  return {
    read() {
      try {
        fd ??= openSync('/proc/locks', 'r');
        let used = 0;
        // The kernel gives a page at a time, and nothing at the end.
        for (let bytes = -1; bytes !== 0; used += bytes) {
          if (used === buffer.length) buffer = Buffer.concat([buffer, buffer]);
          bytes = readSync(fd, buffer, used, buffer.length - used, used);
        }
        return buffer.toString('latin1', 0, used);
      } catch {
        // Not Linux, or not allowed: such a checkpoint waits for as long as its busy timeout says.
        return '';
      }
    },
    [Symbol.dispose]() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
};

const FIRST_READ_BYTES = 16 * 1024;

/** Bytes of the shared-memory file that SQLite locks (sqlite.org/walformat.html, 2.3). */
const WRITE_LOCK_BYTE = 120;
const CHECKPOINT_LOCK_BYTE = 121;
const LOOK_EVERY_MS = 25;
/** What a look takes, at most one in so many parts of a core. */
const BREATHS = 50;
