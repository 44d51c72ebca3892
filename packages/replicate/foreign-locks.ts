import { closeSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { createTurns } from './turns.ts';

/**
 * The shared-memory files (by inode) in which another process holds the write lock and the checkpoint lock at once: a FULL,
 * RESTART or TRUNCATE checkpoint, which may be waiting for our reader while every writer waits for it. Linux only; locks of
 * processes in other containers are not shown.
 */
export const findBlockingCheckpoints = (locks: string, ownPid: number): Set<number> => {
  const held = new Map<string, number>();
  for (const line of lockLines(locks)) {
    if (line.pid === ownPid) continue;
    const key = `${line.pid} ${line.inode}`;
    let bits = held.get(key) ?? 0;
    if (covers(line, WRITE_LOCK_BYTE)) bits |= 1;
    if (covers(line, CHECKPOINT_LOCK_BYTE)) bits |= 2;
    held.set(key, bits);
  }
  return new Set([...held].filter(([, bits]) => bits === 3).map(([key]) => Number(key.split(' ')[1])));
};

/** The process that copies the log of this database at present, or finds out how far it may. */
export const checkpointingProcess = (locks: string, inode: number): number | undefined =>
  locks.includes(`:${inode} `)
    ? lockLines(locks).find((line) => line.inode === inode && covers(line, CHECKPOINT_LOCK_BYTE))?.pid
    : undefined;

/** One look at the locks of the machine for all databases of this process. */
export interface LockWatch extends Disposable {
  readonly table: LockTable;
  /** Calls back when somebody's checkpoint seems to wait, and looks only while `isExposed` says that our reader can be in the way. */
  add(inode: number, watched: Watched): () => void;
  /** To be called when `isExposed` may have become true: while nobody is exposed there is not even a timer. */
  wake(): void;
}

export type Watched = { readonly isExposed: () => boolean; readonly onBlocked: () => void };

type LockLine = { readonly pid: number; readonly inode: number; readonly from: number; readonly to: number };

/** Those that keep others out of a part of a file (proc_locks(5)). */
const lockLines = (locks: string): LockLine[] => {
  const lines: LockLine[] = [];
  for (const line of locks.split('\n')) {
    const [, pid, inode, from, to] = /^\d+: POSIX +\S+ +WRITE (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) (\d+)$/.exec(line) ?? [];
    if (pid !== undefined) lines.push({ pid: Number(pid), inode: Number(inode), from: Number(from), to: Number(to) });
  }
  return lines;
};

const covers = ({ from, to }: LockLine, byte: number): boolean => from <= byte && to >= byte;

/** What the locks of the machine are, as text; '' where that cannot be known. */
export interface LockTable extends Disposable {
  read(): Promise<string>;
}

export const createLockWatch = (table: LockTable = openLockTable(), now = (): number => performance.now()): LockWatch => {
  const watched = new Map<number, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (!watched.values().some(({ isExposed }) => isExposed())) return;
    isLooking = true;
    const locks = await table.read().finally(() => {
      isLooking = false;
    });
    const from = now();
    for (const inode of findBlockingCheckpoints(locks, process.pid)) watched.get(inode)?.onBlocked();
    // The table of a machine with a thousand databases is long: looking at it as often would be work for half a core.
    lookIn(Math.max(LOOK_EVERY_MS, (now() - from) * BREATHS));
  };
  const lookIn = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void look();
    }, ms).unref();
  };
  const wake = (): void => {
    if (!isLooking) lookIn(LOOK_EVERY_MS);
  };
  return {
    table,
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

/**
 * Opened once: forty looks a second that each opened it were a tenth of what following a busy database costs. Read beside other
 * work: it takes no processor time to speak of, but a kernel with several cores first waits until all of them have noticed.
 */
const openLockTable = (): LockTable => {
  let fd: number | undefined;
  let buffer = Buffer.alloc(FIRST_READ_BYTES);
  const turns = createTurns();
  const readAll = async (): Promise<string> => {
    try {
      fd ??= openSync('/proc/locks', 'r');
      let used = 0;
      // The kernel gives a page at a time, each as full as whole locks with all who wait for them allow. Less than half a page is
      // taken for the last one, as each read waits anew; should thirty wait for one lock, what is behind it is overlooked.
      for (let bytes = PAGE_BYTES; bytes > PAGE_BYTES / 2; used += bytes) {
        if (buffer.length - used < PAGE_BYTES) buffer = Buffer.concat([buffer, buffer]);
        ({ bytesRead: bytes } = await readAt(fd, buffer, used, buffer.length - used, used));
      }
      return buffer.toString('latin1', 0, used);
    } catch {
      // Not Linux, or not allowed: such a checkpoint waits for as long as its busy timeout says.
      return '';
    }
  };
  return {
    read: () => turns(readAll),
    [Symbol.dispose]() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
};

const readAt = promisify(read);

const FIRST_READ_BYTES = 16 * 1024;
const PAGE_BYTES = 4096;

/** Bytes of the shared-memory file that SQLite locks (sqlite.org/walformat.html, 2.3). */
const WRITE_LOCK_BYTE = 120;
const CHECKPOINT_LOCK_BYTE = 121;
const LOOK_EVERY_MS = 25;
/** Understanding what was read takes at most one in so many parts of a core; for the kernel it is some ten times as much work. */
const BREATHS = 150;
