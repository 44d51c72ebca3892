/** The application as it runs in production: a process of its own, which tests may kill and start again on the same data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePorts, temporaryDirectory, type TemporaryDirectory, waitUntil } from '@berth/testing';

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };
export type AppOptions = {
  /** Beside PORT, SQLITE_URI and the log level, which are set; nothing is inherited but PATH. */
  readonly env?: Readonly<Record<string, string>>;
};

const PROGRAM = path.resolve(import.meta.dirname, '..', 'main.ts');
const LAST_WORDS = 3000;

export class AppProcess implements AsyncDisposable {
  readonly port: number;
  readonly directory: TemporaryDirectory;
  /** All that it ever wrote, of every start. */
  output = '';
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #closed: Promise<Exit> | null = null;

  constructor(port: number, directory: TemporaryDirectory, env: Readonly<Record<string, string>>) {
    this.port = port;
    this.directory = directory;
    this.#env = env;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get databasePath(): string {
    return this.directory.join('kolabpad.db');
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the application does not run');
    return pid;
  }

  /** Of the original's protocol: the token travels in the query. */
  socketUrl(id: string, token?: string): string {
    const query = token === undefined ? '' : `?otp=${encodeURIComponent(token)}`;
    return `ws://127.0.0.1:${this.port}/api/socket/${encodeURIComponent(id)}${query}`;
  }

  /** Its log so far; throws for a line that is no JSON. */
  log(): LogLine[] {
    return this.output
      .split('\n')
      .slice(0, -1)
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine);
  }

  events(msg: string): LogLine[] {
    return this.log().filter((line) => line.msg === msg);
  }

  /** Resolves once it answers. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [PROGRAM], {
      cwd: path.dirname(PROGRAM),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'production',
        PORT: String(this.port),
        SQLITE_URI: this.databasePath,
        BACKEND_LOG_LEVEL: 'debug',
        ...this.#env,
      },
    });
    this.#child = child;
    this.#closed = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Exit);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    let exit: Exit | null = null;
    void this.#closed.then((how) => {
      exit = how;
    });
    await waitUntil(async () => exit !== null || (await fetch(`${this.url}/api/stats`)).ok, {
      what: 'the application answered',
      withinMs: 20_000,
    }).catch((cause: unknown) => {
      throw new Error(`the application does not answer:\n${this.output.slice(-LAST_WORDS)}`, { cause });
    });
    if (exit !== null) throw new Error(`the application ended (${JSON.stringify(exit)}):\n${this.output.slice(-LAST_WORDS)}`);
  }

  /** Resolves once it is gone, with all that it wrote. */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    if (this.#child === null || this.#closed === null) throw new Error('the application does not run');
    this.#child.kill(signal);
    const exit = await this.#closed;
    this.#child = null;
    return exit;
  }

  /** Kills it and starts it again on the same port and data. */
  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.kill(signal);
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== null) await this.kill('SIGKILL');
    await this.directory[Symbol.asyncDispose]();
  }
}

export const startApp = async ({ env = {} }: AppOptions = {}): Promise<AppProcess> => {
  const [port = 0] = await freePorts(1);
  const app = new AppProcess(port, await temporaryDirectory('kolabpad-'), env);
  try {
    await app.start();
  } catch (error) {
    await app[Symbol.asyncDispose]();
    throw error;
  }
  return app;
};
