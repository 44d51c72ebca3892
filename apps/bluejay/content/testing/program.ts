/** A program of a test, run by this Node as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export class Program implements AsyncDisposable {
  /** Whole lines only: the end of one that was killed is nothing it said. */
  readonly lines: string[] = [];
  errors = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;

  constructor(file: URL, words: readonly string[]) {
    const child = spawn(process.execPath, [file.pathname, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.#child = child;
    this.#closed = once(child, 'close');
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    const [code] = await this.#closed;
    return code as number | null;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
