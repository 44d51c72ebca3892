/** How long the daemon takes to answer, asked again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@berth/protocol';

export class AnswerTimes implements AsyncDisposable {
  readonly failures: string[] = [];
  #times: number[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(client: Client) {
    this.#done = this.#run(client);
  }

  async #run(client: Client): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const began = performance.now();
      await client.call('status', {}).catch((error: Error) => this.failures.push(error.message));
      this.#times.push(performance.now() - began);
      await sleep(10);
    }
  }

  /** Since the last call, milliseconds. */
  take(): { answers: number; medianMs: number; slowestMs: number } {
    const times = this.#times.toSorted((a, b) => a - b);
    this.#times = [];
    return { answers: times.length, medianMs: times[times.length >> 1] ?? 0, slowestMs: times.at(-1) ?? 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
