/** The app as a process of its own, on a port, a database and a media library that outlive its death. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePorts, temporaryDirectory, type TemporaryDirectory, waitUntil } from '@berth/testing';
import { PanelClient } from './panel-client.ts';

export const ADMIN = { email: 'ada@example.com', name: 'Ada', password: 'eleven grey herons in a ditch' } as const;

export type AppOptions = {
  /** Variables beside those that say where its data is. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of the app, or of a copy of it. */
  readonly directory?: string;
  /** Words before the program: options of Node. */
  readonly nodeOptions?: readonly string[];
};

const APP = path.join(import.meta.dirname, '..');
const READY_MS = 30_000;

export class AppProcess implements AsyncDisposable {
  readonly port: number;
  readonly #data: TemporaryDirectory;
  readonly #options: AppOptions;
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(port: number, data: TemporaryDirectory, options: AppOptions) {
    this.port = port;
    this.#data = data;
    this.#options = options;
  }

  /** Migrated, with an administrator (`ADMIN`), and ready. */
  static async open(options: AppOptions = {}): Promise<AppProcess> {
    const [port = 0] = await freePorts(1);
    const app = new AppProcess(port, await temporaryDirectory('bluejay-'), options);
    try {
      await app.command(['migrate']);
      await app.command(['create-admin', ADMIN.email, ADMIN.name, '--password-stdin'], `${ADMIN.password}\n`);
      await app.start();
      return app;
    } catch (error) {
      await app[Symbol.asyncDispose]();
      throw error;
    }
  }

  get database(): string {
    return this.#data.join('bluejay.db');
  }

  get uploads(): string {
    return this.#data.join('uploads');
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** With other variables than at first, where they are given. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = this.#spawn('main.ts', [], { LOG_LEVEL: 'warn', ...env });
    this.#child = child;
    const isReady = async (): Promise<boolean> => child.exitCode !== null || (await fetch(`${this.url}/ready`)).ok;
    await waitUntil(isReady, { what: 'the site was ready', withinMs: READY_MS }).catch((cause: unknown) => {
      throw new Error(this.#output.slice(-2_000), { cause });
    });
    if (child.exitCode !== null) throw new Error(`the app ended:\n${this.#output.slice(-2_000)}`);
  }

  /** Resolves when the process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  /** `node command.ts …`; gives what it printed, throws when it fails. */
  async command(words: readonly string[], input = ''): Promise<string> {
    const before = this.#output.length;
    const child = this.#spawn('command.ts', words, {});
    child.stdin?.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    const printed = this.#output.slice(before);
    if (code !== 0) throw new Error(`command.ts ${words.join(' ')} ended with ${code}:\n${printed.slice(-2_000)}`);
    return printed;
  }

  /** Logged in as the administrator. */
  async panel(): Promise<PanelClient> {
    const client = new PanelClient({ port: this.port });
    await client.login(ADMIN);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    await this.#data[Symbol.asyncDispose]();
  }

  #spawn(program: string, words: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    const { directory = APP, nodeOptions = [], env: given = {} } = this.#options;
    const child = spawn(process.execPath, [...nodeOptions, path.join(directory, program), ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: this.#data.path,
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        PORT: String(this.port),
        DATABASE_PATH: this.database,
        UPLOADS_PATH: this.uploads,
        ...given,
        ...env,
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    return child;
  }
}
