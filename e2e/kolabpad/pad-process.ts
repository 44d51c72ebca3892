/** The application as a bare process, from its own directory or from a copy of it, on a port and data that outlive its death. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePorts, temporaryDirectory, type TemporaryDirectory, waitUntil } from '@berth/testing';
import type { ClientOptions } from 'ws';
import type { ServedText } from './verdict.ts';

export const APP = join(import.meta.dirname, '../../apps/kolabpad');

export class PadProcess implements AsyncDisposable {
  readonly port: number;
  readonly #program: string;
  readonly #data: TemporaryDirectory;
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(program: string, port: number, data: TemporaryDirectory) {
    this.#program = program;
    this.port = port;
    this.#data = data;
  }

  static async open(directory: string = APP): Promise<PadProcess> {
    const [port = 0] = await freePorts(1);
    const pad = new PadProcess(join(directory, 'main.ts'), port, await temporaryDirectory('kolabpad-'));
    try {
      await pad.start();
      return pad;
    } catch (error) {
      await pad[Symbol.asyncDispose]();
      throw error;
    }
  }

  get database(): string {
    return this.#data.join('kolabpad.db');
  }

  address(document: string): { url: string; options: ClientOptions } {
    return { url: `ws://127.0.0.1:${this.port}/api/socket/${document}`, options: {} };
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        PORT: String(this.port),
        SQLITE_URI: this.database,
        BACKEND_LOG_LEVEL: 'warn',
      },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    const answers = async (): Promise<boolean> =>
      child.exitCode !== null || (await fetch(`http://127.0.0.1:${this.port}/healthz`)).ok;
    await waitUntil(answers, { what: 'the application answered', withinMs: 20_000 }).catch((cause: unknown) => {
      throw new Error(this.#output.slice(-2_000), { cause });
    });
    if (child.exitCode !== null) throw new Error(`the application ended:\n${this.#output.slice(-2_000)}`);
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  async restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.end(signal);
    await this.start();
  }

  async read(documents: readonly string[]): Promise<Map<string, ServedText>> {
    const texts = new Map<string, ServedText>();
    for (const document of documents) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/api/text/${document}`);
      texts.set(document, { text: await answer.text(), revision: Number(answer.headers.get('x-revision') ?? -1) });
    }
    return texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    await this.#data[Symbol.asyncDispose]();
  }
}
