import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Printed } from './writer.ts';

/** A writer in a process of its own, and what it says. */
export class WriterProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** Operations that it saw committed. */
  readonly committed: Printed[] = [];
  /** Events of its store, as JSON. */
  readonly events: string[] = [];
  errors = '';
  isOpen = false;
  readonly #ended: Promise<unknown>;

  constructor(file: string, seed: number) {
    this.#child = spawn(process.execPath, [`${import.meta.dirname}/writer.ts`, file, String(seed)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.on('data', (data: Buffer) => (this.errors += data.toString()));
    if (this.#child.stdout === null) throw new Error('no output to read');
    const lines = createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => this.#read(line));
    this.#ended = Promise.all([once(this.#child, 'close'), once(lines, 'close')]);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** `kill -9`; resolves when all that it said has been read. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #read(line: string): void {
    if (line === 'open') this.isOpen = true;
    else if (line.startsWith('{"event"')) this.events.push(line);
    // The last line may have been cut off by the kill, in the middle of what was committed.
    else if (line.startsWith('{') && line.endsWith('}')) this.committed.push(JSON.parse(line) as Printed);
  }
}
