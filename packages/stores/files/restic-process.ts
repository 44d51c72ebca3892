import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export type ResticRun = {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signal: AbortSignal | undefined;
  /** It is ended when it has read and written nothing for so long. */
  readonly stallMs: number;
  /** And after so long however busy it is. */
  readonly timeoutMs?: number | undefined;
  /** Every line of what it complains of, as it comes. */
  readonly onComplaint?: ((line: string) => void) | undefined;
  /** Bytes that it has written so far, anywhere, about once a second. */
  readonly onWritten?: ((bytes: number) => void) | undefined;
};

export type ResticEnd = {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** Without what it says of its progress. */
  readonly stdout: string;
  readonly stderr: string;
  readonly gaveUpAfterMs: number | null;
};

/** Resolves once the process has ended, whatever ended it; throws the signal's reason then, or why it could not be started. */
export const runRestic = async (run: ResticRun): Promise<ResticEnd> => {
  run.signal?.throwIfAborted();
  const child = start(run);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode));
  });
  const end = (): void => endChild(child);
  run.signal?.addEventListener('abort', end, { once: true });
  const stdout = keepLines(child.stdout, { drop: '{"message_type":"status"' });
  const stderr = keepLines(child.stderr, { ...(run.onComplaint === undefined ? {} : { onLine: run.onComplaint }) });
  const watch = watchChild(child, run);
  try {
    const exitCode = await ended;
    run.signal?.throwIfAborted();
    return { exitCode, stdout: stdout(), stderr: stderr(), gaveUpAfterMs: watch.gaveUpAfterMs() };
  } finally {
    watch.stop();
    run.signal?.removeEventListener('abort', end);
  }
};

/** util-linux, on every Debian: it ends restic when this process is killed, so that nothing goes on unseen. */
const SETPRIV = '/usr/bin/setpriv';

/** restic removes its lock on SIGINT; it is given so long for that. */
const INTERRUPT_MS = 3_000;
const WATCH_EVERY_MS = 1_000;
const LINES_KEPT = 2_000;

const start = ({ program, args, env, cwd }: ResticRun): ChildProcess => {
  const argv = [program, ...args];
  const [command = '', ...rest] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'INT', '--', ...argv] : argv;
  // A group of its own: Ctrl-C in the terminal of a daemon is for the daemon, which then ends this in order.
  return spawn(command, rest, { cwd, env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
};

const endChild = (child: ChildProcess): void => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), INTERRUPT_MS);
  child.once('close', () => clearTimeout(timer));
};

const keepLines = (
  stream: NodeJS.ReadableStream | null,
  { drop, onLine }: { drop?: string; onLine?: (line: string) => void },
): (() => string) => {
  let lines: string[] = [];
  if (stream !== null)
    createInterface({ input: stream }).on('line', (line) => {
      if (drop !== undefined && line.startsWith(drop)) return;
      onLine?.(line);
      lines.push(line);
      // Errors for each file of a large tree: the first and the last are enough.
      if (lines.length > 2 * LINES_KEPT) lines = [...lines.slice(0, LINES_KEPT / 2), ...lines.slice(-LINES_KEPT / 2)];
    });
  return () => lines.join('\n');
};

const watchChild = (
  child: ChildProcess,
  { stallMs, timeoutMs, onWritten }: ResticRun,
): { stop: () => void; gaveUpAfterMs: () => number | null } => {
  const startedAt = performance.now();
  let gaveUpAfterMs: number | null = null;
  let moved = -1;
  let movedAt = startedAt;
  const timer = setInterval(() => {
    const now = performance.now();
    const { read, written } = ioOf(child.pid);
    if (written > 0) onWritten?.(written);
    if (read + written !== moved) {
      moved = read + written;
      movedAt = now;
    }
    const isLate = timeoutMs !== undefined && now - startedAt > timeoutMs;
    if (gaveUpAfterMs === null && (isLate || now - movedAt > stallMs)) {
      gaveUpAfterMs = Math.round(now - startedAt);
      endChild(child);
    }
  }, WATCH_EVERY_MS);
  return { stop: () => clearInterval(timer), gaveUpAfterMs: () => gaveUpAfterMs };
};

/** What read(2) and write(2) have moved, sockets included; zeros for a process that has just ended. */
const ioOf = (pid: number | undefined): { read: number; written: number } => {
  try {
    const io = readFileSync(`/proc/${pid}/io`, 'utf8');
    const field = (name: string): number => Number(io.match(new RegExp(`^${name}: (\\d+)$`, 'm'))?.[1] ?? 0);
    return { read: field('rchar'), written: field('wchar') };
  } catch {
    return { read: 0, written: 0 };
  }
};
