/** One connection to a server, through the system's OpenSSH client: commands and sockets share it, and it ends with us. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exec } from '@berth/host';
import type { CliEnv } from '../env.ts';
import type { Destination } from './destination.ts';
import { remoteFailed, sshKeyRefused, sshLost, sshMissing, sshSudoMissing, sshUnreachable } from './errors.ts';
import { commandArguments, controlArguments, masterArguments } from './ssh-arguments.ts';
import { COMMAND } from './install/places.ts';
import { pipeSocket } from './socket-pipe.ts';
import { readSshConfiguration, type SshConfiguration } from './ssh-configuration.ts';
import { explainFailure, hostKeyOf, wasLetIn } from './ssh-failure.ts';

export type RemoteResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type RemoteOptions = {
  readonly input?: string | Readable;
  /** Told every whole line of standard output as it comes; it is not kept then. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
};

export type Connection = AsyncDisposable & {
  readonly destination: Destination;
  readonly configuration: SshConfiguration;
  /** SHA256:… of the host's key. */
  readonly fingerprint: string | null;
  /** Runs a list of words as root there. Resolves however it ended; throws SSH_CONNECTION_LOST when it did not end. */
  run(argv: readonly string[], options?: RemoteOptions): Promise<RemoteResult>;
  /** As `run`, and throws SERVER_COMMAND_FAILED unless it ended with 0. */
  runOk(argv: readonly string[], options?: RemoteOptions): Promise<RemoteResult>;
  /** With our own standard input, output and error; `terminal` gives it one there. Resolves with its exit code. */
  attach(argv: readonly string[], options: { terminal: boolean }): Promise<number>;
  /** A socket here that leads to that one there. */
  forward(remoteSocket: string): Promise<string>;
};

export type ConnectionOptions = {
  readonly env: CliEnv;
  /** Files with keys of hosts beside the user's own. */
  readonly knownHosts: readonly string[];
};

/** Longer than ssh's own limits together: a key in an agent may wait for somebody's yes. */
const CONNECT_LIMIT_MS = 60_000;
/** What the shared connection says first, with the value of SSH_CONNECTION there. */
const GREETING = /^berth-connection ?(.*)\n/m;

/** Throws SSH_*, each of which says what to do. */
export const openConnection = async (destination: Destination, { env, knownHosts }: ConnectionOptions): Promise<Connection> => {
  const configuration = await readSshConfiguration(env, destination);
  const directory = privateDirectory();
  const control = join(directory, 'c');
  const forget = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', forget);
  let master: Master | undefined;
  const pipes: Disposable[] = [];
  const close = async (): Promise<void> => {
    for (const pipe of pipes) pipe[Symbol.dispose]();
    await master?.end();
    forget();
    process.off('exit', forget);
  };
  try {
    const argv = masterArguments(destination, { control, knownHosts: [...configuration.knownHosts, ...knownHosts] });
    master = startMaster(argv, env);
    const sshConnection = await master.greeted(configuration);
    const isRoot = configuration.user === 'root';
    // sudo keeps from its commands over which connection they came; hardening wants to know.
    const become = isRoot ? [] : ['sudo', '-n', '--', 'env', `SSH_CONNECTION=${sshConnection}`];
    const connection: Connection = {
      destination,
      configuration,
      fingerprint: hostKeyOf(master.said()),
      run: (words, options = {}) =>
        runThrough(commandArguments(control, words, { become }), env, { host: destination.host, ...options }),
      async runOk(words, options) {
        const result = await connection.run(words, options);
        if (result.code !== 0) throw remoteFailed(destination.host, words, { code: result.code, said: result.stderr });
        return result;
      },
      attach: (words, { terminal }) => attachTo(commandArguments(control, words, { become, terminal }), env),
      async forward(remoteSocket) {
        const local = join(directory, `s${++sockets}`);
        // sshd opens a socket as the user who logged in, and that of the platform is root's alone.
        if (!isRoot) {
          pipes.push(
            await pipeSocket(local, commandArguments(control, [COMMAND, 'server', 'pipe', remoteSocket], { become }), env),
          );
          return local;
        }
        const order = ['-O', 'forward', '-L', `${local}:${remoteSocket}`];
        const { exitCode, stderr } = await exec(controlArguments(control, order), { env: env.variables, timeoutMs: 20_000 });
        if (exitCode !== 0) throw remoteFailed(destination.host, ['ssh -L'], { code: exitCode, said: stderr });
        return local;
      },
      [Symbol.asyncDispose]: close,
    };
    if (!isRoot) await checkSudo(connection);
    return connection;
  } catch (thrown) {
    await close();
    throw thrown;
  }
};

let sockets = 0;

const checkSudo = async (connection: Connection): Promise<void> => {
  const { code, stderr } = await connection.run(['true']);
  const why = stderr.trim().split('\n').at(-1) ?? '';
  if (code !== 0) throw sshSudoMissing(connection.configuration.user, connection.destination.host, why);
};

/** ssh adds some twenty letters to the name of a socket while it makes it; 107 are all that a socket may have (unix(7)). */
const privateDirectory = (): string => {
  const base = tmpdir();
  const place = base.length > 60 ? '/tmp' : base;
  removeAbandoned(place);
  const directory = mkdtempSync(join(place, `berth-ssh-${process.pid}-`));
  chmodSync(directory, 0o700);
  return directory;
};

/** Of processes that were killed: dead sockets, and nothing else. */
const removeAbandoned = (place: string): void => {
  for (const name of readdirSync(place)) {
    const pid = Number(/^berth-ssh-(\d+)-/.exec(name)?.[1] ?? 0);
    if (pid === 0 || existsSync(`/proc/${pid}`) || statSync(join(place, name)).uid !== process.getuid?.()) continue;
    rmSync(join(place, name), { recursive: true, force: true });
  }
};

type Master = {
  said(): string;
  /** Resolves with SSH_CONNECTION of the other side. */
  greeted(configuration: SshConfiguration): Promise<string>;
  end(): Promise<void>;
};

const SAID_BYTES_MAX = 200_000;

const startMaster = ([command = '', ...words]: readonly string[], env: CliEnv): Master => {
  // A session of its own: Ctrl-C is for us to handle, and nothing can be asked on a terminal.
  const child = spawn(command, words, { detached: true, stdio: 'pipe', env: { ...env.variables } });
  let said = '';
  let heard = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < SAID_BYTES_MAX) said += chunk;
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<NodeJS.ErrnoException | null>((resolve) => {
    child.once('error', resolve);
    child.once('close', () => resolve(null));
  });
  const greeted = async (configuration: SshConfiguration): Promise<string> => {
    const greeting = new Promise<'greeted'>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        heard = (heard + chunk).slice(-1_000);
        if (GREETING.test(heard)) resolve('greeted');
      });
    });
    const limit = new AbortController();
    const tooLong = new Promise<'too long'>((resolve) => {
      const timer = setTimeout(() => resolve('too long'), CONNECT_LIMIT_MS);
      limit.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    const how = await Promise.race([greeting, ended, tooLong]).finally(() => limit.abort());
    if (how === 'greeted') return GREETING.exec(heard)?.[1]?.trim() ?? '';
    if (how === 'too long') throw sshUnreachable(configuration.host, configuration.port, `for ${CONNECT_LIMIT_MS / 1_000} s`);
    if (how?.code === 'ENOENT') throw sshMissing();
    if (how !== null) throw how;
    throw failureOf(`${said}\n${heard}`, configuration);
  };
  const end = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  };
  return { said: () => said, greeted, end };
};

/** Sessions that are left when the connection is to end. */
const END_LIMIT_MS = 2_000;

/** A login that worked and a shell that did not: an account that may not be used. */
const failureOf = (said: string, configuration: SshConfiguration): Error => {
  if (!wasLetIn(said, configuration)) return explainFailure(said, configuration);
  const words = said
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:debug1:|Authenticated|OpenSSH|Transferred|Bytes)/.test(line));
  return sshKeyRefused(configuration.user, configuration.host, [`it was let in, and then sent away: ${words.join(' ').trim()}`]);
};

type Running = RemoteOptions & { readonly host: string };

/** What ssh itself ends with when it is cut off, and no command of ours. */
const SSH_OWN_FAILURE = 255;

const runThrough = async ([command = '', ...words]: readonly string[], env: CliEnv, options: Running): Promise<RemoteResult> => {
  const child = spawn(command, words, {
    detached: true,
    stdio: 'pipe',
    env: { ...env.variables },
    ...(options.signal && { signal: options.signal }),
  });
  const ended = endOf(child);
  const [stdout, stderr] = [collect(child.stdout, options.onLine), collect(child.stderr)];
  // A command that ends without reading its input breaks the pipe; how it ended says all there is to say.
  child.stdin.on('error', () => undefined);
  if (options.input === undefined || typeof options.input === 'string') child.stdin.end(options.input ?? '');
  else await pipeline(options.input, child.stdin).catch(() => undefined);
  const code = await ended;
  options.signal?.throwIfAborted();
  if (code === SSH_OWN_FAILURE || code === null) throw sshLost(options.host, lastLine(stderr()));
  return { code, stdout: stdout(), stderr: stderr() };
};

/** Ctrl-C is for the command there: through a terminal it arrives as a key. Without one, it ends with our connection. */
const attachTo = async ([command = '', ...words]: readonly string[], env: CliEnv): Promise<number> => {
  const child = spawn(command, words, { stdio: 'inherit', env: { ...env.variables } });
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    return (await endOf(child)) ?? SSH_OWN_FAILURE;
  } finally {
    process.off('SIGINT', ignore);
  }
};

const endOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => (cause.name === 'AbortError' ? undefined : reject(cause)));
    child.once('close', (code) => resolve(code));
  });

const OUTPUT_CHARS_KEPT = 1_000_000;

const collect = (stream: Readable, onLine?: (line: string) => void): (() => string) => {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
    if (onLine === undefined) text = text.slice(-OUTPUT_CHARS_KEPT);
    else {
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
  });
  return () => text;
};

const lastLine = (text: string): string => {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line === '' ? 'in the middle' : `(${line})`;
};
