import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkpointingProcess, type LockTable } from './foreign-locks.ts';
import { giveWay } from './give-way.ts';
import type { HeldDatabase } from './held-database.ts';

/**
 * Copies a large log into the database file by a process of its own: that may take minutes, in which the replicator captures from
 * this database and follows others. To all that it does this is a passive checkpoint of somebody else. As soon as our reader is
 * out of the way an application would copy everything within its next commit: so that it does not, the process is there first,
 * while writers are kept out for some milliseconds. Should the replicator die, the process comes to its end by itself.
 */
export interface LogCopying extends Disposable {
  /** It pauses after it was in vain, as a writer, a reader or a checkpoint of the application was in the way: longer each time. */
  readonly state: 'ready' | 'running' | 'pausing';
  /** How often it was in vain since it last copied anything. */
  readonly inVain: number;
  /** Whether so much is left to copy that it is worth a process. */
  isNeeded(database: HeldDatabase): boolean;
  /**
   * Resolves when it copies, with the milliseconds that writers were kept out, or has given up, with undefined. `moveReader` lets
   * our reader go to the end of the log; nobody can commit meanwhile. For one turn at a time.
   */
  begin(database: HeldDatabase, moveReader: () => void): Promise<number | undefined>;
}

export type LogCopyingParts = {
  readonly largerThanBytes: number;
  readonly locks: LockTable;
  /** With what went wrong, if anything did. */
  readonly onEnd: (failure: string | undefined) => void;
};

export const createLogCopying = ({ largerThanBytes, locks, onEnd }: LogCopyingParts): LogCopying => {
  let child: ChildProcess | undefined;
  let isDisposed = false;
  let inVain = 0;
  let notBefore = 0;

  /** Ends with the process, whose end is told. */
  const follow = async (started: ChildProcessWithoutNullStreams, database: HeldDatabase): Promise<void> => {
    const before = database.index();
    const failure = await failureOf(started);
    const after = database.index();
    running -= 1;
    child = undefined;
    const hasCopied = before?.salt1 !== after?.salt1 || before?.backfilled !== after?.backfilled;
    inVain = hasCopied ? 0 : inVain + 1;
    notBefore = hasCopied ? 0 : performance.now() + Math.min(PAUSE_LIMIT_MS, PAUSE_MS * 2 ** inVain);
    if (!isDisposed) onEnd(failure);
  };

  /** True once this process has SQLite's lock for copying the log, with undefined once nobody has; false if that took too long. */
  const untilLockedBy = async (pid: number | undefined, { shm }: HeldDatabase, withinMs: number): Promise<boolean> => {
    const until = performance.now() + withinMs;
    while (checkpointingProcess(await locks.read(), shm.inode) !== pid) {
      if (child === undefined || performance.now() > until) return false;
      await pause(1);
    }
    return true;
  };

  const beginBehindBarrier = async (
    started: ChildProcessWithoutNullStreams,
    { database, moveReader }: { database: HeldDatabase; moveReader: () => void },
  ): Promise<number | undefined> => {
    let isTold = false;
    try {
      // Behind a commit an application may begin a checkpoint. It sorts the log, which takes a while of a large one, before it sees
      // that our reader is in its way: were the reader moved meanwhile, it would copy everything.
      if (!(await untilLockedBy(undefined, database, SORTED_MS)) || !database.connections.lockWriters()) return undefined;
      const from = performance.now();
      await pause(1);
      if (!(await untilLockedBy(undefined, database, SORTED_MS))) return undefined;
      if (child !== started || isDisposed || database.isReplaced()) return undefined;
      moveReader();
      started.stdin.end('go');
      isTold = true;
      await untilLockedBy(started.pid, database, KEPT_OUT_MS);
      return performance.now() - from;
    } finally {
      database.connections.unlockWriters();
      if (!isTold) started.kill('SIGKILL');
    }
  };

  return {
    get state() {
      if (child !== undefined) return 'running';
      return performance.now() < notBefore || running >= RUNNING_LIMIT ? 'pausing' : 'ready';
    },
    get inVain() {
      return inVain;
    },
    isNeeded(database) {
      const index = database.index();
      return index !== undefined && (index.frames - index.backfilled) * index.pageSize > largerThanBytes;
    },
    async begin(database, moveReader) {
      if (isDisposed || database.isReplaced()) return undefined;
      const started = spawn(process.execPath, ['--no-warnings', PROGRAM, database.path], { stdio: 'pipe', env: {} });
      child = started;
      running += 1;
      giveWay(started.pid, NICENESS);
      const ended = follow(started, database).then(() => false);
      if (await Promise.race([isReady(started), ended, pause(READY_MS, false)])) {
        return beginBehindBarrier(started, { database, moveReader });
      }
      started.kill('SIGKILL');
      return undefined;
    },
    [Symbol.dispose]() {
      isDisposed = true;
      child?.kill('SIGKILL');
    },
  };
};

/** False for one that could not even be started (without file descriptors it has no streams): its end tells why. */
const isReady = async (started: ChildProcessWithoutNullStreams): Promise<boolean> => {
  try {
    // It may be gone before it hears anything, which its end tells, too.
    started.stdin.on('error', () => undefined);
    await once(started.stdout, 'data');
    return true;
  } catch {
    return false;
  }
};

const failureOf = async (started: ChildProcessWithoutNullStreams): Promise<string | undefined> => {
  try {
    const [said, [code, signal]] = await Promise.all([text(started.stderr), once(started, 'exit')]);
    return code === 0 || started.killed ? undefined : `${said || 'the copying process ended'} (${String(code ?? signal)})`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** Of all databases of this replicator. */
let running = 0;

const PROGRAM = fileURLToPath(new URL('./copy-log-process.ts', import.meta.url));
const RUNNING_LIMIT = 2;
const NICENESS = 5;
const READY_MS = 5_000;
const KEPT_OUT_MS = 50;
/** It takes some 10 ms per gigabyte, more on a busy machine. */
const SORTED_MS = 1_000;
const PAUSE_MS = 125;
const PAUSE_LIMIT_MS = 30_000;
