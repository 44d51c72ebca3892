import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Endpoint } from './connection.ts';
import type { LoadReport, LoadShape, Progress } from './load.ts';
import type { Answer, Order } from './main.ts';

const STOP_MS = 120_000;

/** The parent's side of `main.ts`. Leaving the block ends the child. */
export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #report: Promise<LoadReport>;
  #progress: Progress = { requests: 0, failed: 0, worstMs: 0, webSocketsOpen: 0, webSocketsMoved: 0 };

  constructor(endpoint: Endpoint, shape: LoadShape) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#report = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`the load ended early: exit code ${code}, signal ${signal}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const answer: Answer = JSON.parse(line);
        if ('report' in answer) resolve(answer.report);
        else this.#progress = answer.progress;
      });
    });
    // Looked at in `stop`; until then a rejection is not unhandled, only not yet asked for.
    this.#report.catch(() => undefined);
    this.#send({ start: { endpoint, shape } });
  }

  get progress(): Progress {
    return this.#progress;
  }

  async stop(): Promise<LoadReport> {
    this.#send({ stop: true });
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`the load gave no report within ${STOP_MS} ms`)), STOP_MS).unref();
    });
    return await Promise.race([this.#report, late]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #send(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}
