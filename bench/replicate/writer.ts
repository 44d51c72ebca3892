import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { WriterReport, WriterTask } from './writer-process.ts';

/** The application, in a process of its own. */
export class Writer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #output: Promise<string>;

  constructor(task: WriterTask) {
    const program = join(import.meta.dirname, 'writer-process.ts');
    // A session of its own: Linux shares out the cores between sessions.
    const child = spawn(process.execPath, [program, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.#child = child;
    this.#output = text(child.stdout);
  }

  /** Resolves when its time is over. */
  async report(): Promise<WriterReport> {
    const output = await this.#output;
    if (output === '') throw new Error('the writer of the benchmark died');
    return JSON.parse(output);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
