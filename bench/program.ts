import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

type Options = { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly logFile: string };

/**
 * A peer or a part of one, run in the foreground with its output in a file. Leaving the block ends it. It leads a session of
 * its own, as what Berth starts does: Linux shares out the cores between sessions, so whoever shares one gets less.
 */
export class Program implements AsyncDisposable {
  readonly argv: readonly string[];
  readonly #child: ChildProcess;
  readonly #logFile: string;

  constructor(argv: readonly [string, ...string[]], options: Options) {
    this.argv = argv;
    this.#logFile = options.logFile;
    const log = openSync(options.logFile, 'a');
    const [file, ...args] = argv;
    this.#child = spawn(file, args, {
      cwd: options.cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.argv[0]} could not be started`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the condition holds; throws with the end of the log when the program dies or time runs out. */
  async until(holds: () => Promise<boolean>, { withinMs = 15_000, everyMs = 20 } = {}): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await holds())) {
      if (!this.running || performance.now() > deadline) {
        const tail = readFileSync(this.#logFile, 'utf8').slice(-2000);
        throw new Error(`${this.argv.join(' ')} ${this.running ? `was not ready within ${withinMs} ms` : 'ended'}:\n${tail}`);
      }
      await sleep(everyMs);
    }
  }

  async stop(signal: NodeJS.Signals, withinMs = 10_000): Promise<void> {
    if (!this.running) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    await exited;
    clearTimeout(timer);
  }

  /** With all that it has started: workers of a server whose master is killed would go on without it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await this.stop('SIGKILL');
  }
}

/** Does an HTTP server on loopback answer with a status below 500? */
export async function answers(port: number, path = '/'): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2000), redirect: 'manual' });
    await response.arrayBuffer();
    return response.status < 500;
  } catch {
    return false; // refused, reset or late: it does not answer yet, which is the question
  }
}
