import { type ChildProcess, spawn } from 'node:child_process';
import { commandFailed, commandNotStarted, commandTimedOut } from './errors.ts';
import type { SystemUser } from './users.ts';

export type ExecOptions = {
  readonly cwd?: string | undefined;
  /** The whole environment; without it the caller's own is inherited. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly input?: string | Uint8Array | undefined;
  /** The command and all it started are killed after this time; COMMAND_TIMED_OUT. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly user?: SystemUser | null | undefined;
};

/** Of a long output only the end is kept, see OUTPUT_BYTES_KEPT. */
export type ExecResult = {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** How every package runs commands, so that a test can pass a recording one. A command is a list of words, never a shell string. */
export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

/** Resolves however the command ended. Throws only when it could not be started, timed out or was aborted. */
export const exec: Exec = async (argv, options = {}) => {
  options.signal?.throwIfAborted();
  const child = start(argv, options);
  // The end of the command is waited for from the first moment, so that no event is missed.
  const ended = waitForEnd(child, argv, options);
  const output = { stdout: keepEnd(child.stdout), stderr: keepEnd(child.stderr) };
  // A command that ends without reading its input breaks the pipe; how it ended says all there is to say.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  const how = await ended;
  return { ...how, stdout: output.stdout(), stderr: output.stderr() };
};

/** Like `exec`, and throws COMMAND_FAILED unless the command ended with code 0. */
export const execOk = async (argv: readonly string[], options: ExecOptions & { exec?: Exec } = {}): Promise<ExecResult> => {
  const result = await (options.exec ?? exec)(argv, options);
  if (result.exitCode !== 0) throw commandFailed(argv, result);
  return result;
};

/** Per stream: enough for any answer that is parsed; a command that prints for hours cannot fill the memory. */
const OUTPUT_BYTES_KEPT = 4 * 1024 * 1024;

/** A process left in the background may hold the pipes open for ever; what the command itself wrote has arrived by then. */
const PIPES_AFTER_EXIT_MS = 1_000;

const start = (argv: readonly string[], { cwd, env, user }: ExecOptions): ChildProcess => {
  const [command = '', ...args] = argv;
  try {
    return spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env: { ...env } }),
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
      // Its own process group, so that a timeout ends what it has started too.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw commandNotStarted(command, { errno: (cause as NodeJS.ErrnoException).code ?? String(cause), cwd, cause });
  }
};

const waitForEnd = (
  child: ChildProcess,
  argv: readonly string[],
  options: ExecOptions,
): Promise<Pick<ExecResult, 'exitCode' | 'signal'>> =>
  new Promise((resolve, reject) => {
    const settled = new AbortController();
    const fail = (error: unknown): void => {
      killGroup(child);
      reject(error);
      settled.abort();
    };
    const onAbort = (): void => fail(options.signal?.reason);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    settled.signal.addEventListener('abort', () => options.signal?.removeEventListener('abort', onAbort), { once: true });

    if (options.timeoutMs !== undefined) {
      const timeoutMs = options.timeoutMs;
      const timer = setTimeout(() => fail(commandTimedOut(argv[0] ?? '', timeoutMs)), timeoutMs);
      settled.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    }
    child.once('error', (cause: NodeJS.ErrnoException) => {
      reject(commandNotStarted(argv[0] ?? '', { errno: cause.code ?? cause.message, cwd: options.cwd, cause }));
      settled.abort();
    });
    child.once('exit', (exitCode, signal) => {
      const finish = (): void => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ exitCode, signal });
        settled.abort();
      };
      const timer = setTimeout(finish, settled.signal.aborted ? 0 : PIPES_AFTER_EXIT_MS).unref();
      child.once('close', finish);
    });
  });

const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

const keepEnd = (stream: NodeJS.ReadableStream | null): (() => string) => {
  let chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > 2 * OUTPUT_BYTES_KEPT) {
      chunks = [Buffer.concat(chunks).subarray(-OUTPUT_BYTES_KEPT)];
      bytes = OUTPUT_BYTES_KEPT;
    }
  });
  return () => Buffer.concat(chunks).subarray(-OUTPUT_BYTES_KEPT).toString();
};
