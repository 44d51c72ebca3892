/** Where log lines go: a file descriptor, written at once, whose reader can neither stop nor crash the program. */
import { constants, fstatSync, openSync, writeSync } from 'node:fs';

export type LogDestination = {
  /** Gets one whole line, with its newline. Must not throw. */
  write(line: string): void;
  /** Writes what was kept back, if it keeps anything back. */
  flush?(): void;
};

export type LogDestinationOptions = {
  /** Default 1, standard output. */
  readonly fd?: number;
  /** How much is kept for a reader that takes nothing; beyond it the oldest lines are dropped. Default 1 MiB. */
  readonly maxKeptBytes?: number;
  /** Replaces fs.writeSync in tests: returns how many bytes were taken. */
  readonly writeBytes?: (fd: number, bytes: Buffer, offset: number) => number;
  /** For how long `flush` waits for a reader that takes nothing. Default 1000. */
  readonly maxFlushMs?: number;
};

const RETRY_MS = 20;

/**
 * A line is in the kernel's hands when `write` returns, so that a crash loses none. Three ways in which the reader can fail:
 * - its pipe is full (EAGAIN): lines are kept, in order and up to `maxKeptBytes`, and tried again; the program goes on
 *   (a full socket, as journald's, makes it wait unless whoever started it made the socket non-blocking);
 * - it is gone (EPIPE): lines are dropped, silently, since there is nowhere to say it;
 * - the disk is full and the like: that line is dropped, and the next is tried.
 * Once lines were dropped for want of room, a line `log_lines_dropped` says how many.
 */
export const createLogDestination = (options: LogDestinationOptions = {}): LogDestination => {
  const { maxKeptBytes = 1_048_576, maxFlushMs = 1000 } = options;
  const writeBytes = options.writeBytes ?? ((to, bytes, offset) => writeSync(to, bytes, offset));
  const fd = options.writeBytes === undefined ? withoutBlocking(options.fd ?? 1) : (options.fd ?? 1);
  const kept: Buffer[] = [];
  let keptBytes = 0;
  /** How much of the first kept line is written already: that one must be finished, or the reader sees half a line. */
  let writtenOfFirst = 0;
  let dropped = 0;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  /** False when the pipe is full. */
  const drain = (): boolean => {
    for (let first = kept[0]; first !== undefined; first = kept[0]) {
      try {
        writtenOfFirst += writeBytes(fd, first, writtenOfFirst);
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'EAGAIN' || code === 'EBUSY' || code === 'EINTR') return false;
        closed ||= code === 'EPIPE' || code === 'EBADF' || code === 'ECONNRESET';
        writtenOfFirst = first.length;
      }
      if (writtenOfFirst < first.length) continue;
      kept.shift();
      keptBytes -= first.length;
      writtenOfFirst = 0;
      if (closed) {
        kept.length = 0;
        keptBytes = 0;
      }
    }
    return true;
  };

  const keep = (line: string): void => {
    const bytes = Buffer.from(line);
    kept.push(bytes);
    keptBytes += bytes.length;
    while (keptBytes > maxKeptBytes && kept.length > 1) {
      const [oldest] = kept.splice(writtenOfFirst > 0 ? 1 : 0, 1);
      keptBytes -= oldest?.length ?? 0;
      dropped += 1;
    }
  };

  const drainOrRetry = (): void => {
    if (!drain()) {
      // Unreferenced: whoever exits meanwhile calls flush.
      retry ??= setTimeout(() => {
        retry = undefined;
        drainOrRetry();
      }, RETRY_MS).unref();
      return;
    }
    if (dropped === 0 || closed) return;
    const lines = dropped;
    dropped = 0;
    keep(`${JSON.stringify({ level: 'warn', ts: Date.now() / 1000, msg: 'log_lines_dropped', lines })}\n`);
    drainOrRetry();
  };

  return {
    write(line) {
      if (closed) return;
      keep(line);
      // While the pipe is full, the timer tries: once per line would be one system call per line for nothing.
      if (retry === undefined) drainOrRetry();
    },
    flush() {
      const until = performance.now() + maxFlushMs;
      while (!drain() && performance.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    },
  };
};

/**
 * A pipe that is opened anew does not block, and that of the other processes that share it stays as it is: Node can change
 * neither. Where that is not possible (no /proc, a pipe of another user) the descriptor is used as it is.
 */
const withoutBlocking = (fd: number): number => {
  try {
    if (!fstatSync(fd).isFIFO()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
};
