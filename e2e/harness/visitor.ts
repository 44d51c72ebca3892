/** Somebody who uses an application all the time and notices every failure. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Answer = { readonly status: number; readonly body: string };

/** One request to the edge, over clear text, by host name. */
export const ask = (
  port: number,
  host: string,
  options: { path?: string; agent?: Agent; timeoutMs?: number } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { path = '/', agent, timeoutMs = 90_000 } = options;
    const asking = request(
      { host: '127.0.0.1', port, path, headers: { host }, ...(agent && { agent }), timeout: timeoutMs },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      },
    );
    asking.on('timeout', () => asking.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    asking.on('error', reject);
    asking.end();
  });

export class Visitor implements AsyncDisposable {
  readonly failures: string[] = [];
  requests = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  /** `ask` throws when the answer is not what it should be. */
  constructor(visit: (agent: Agent) => Promise<void>, pauseMs = 5) {
    this.#done = this.#run(visit, pauseMs);
  }

  async #run(visit: (agent: Agent) => Promise<void>, pauseMs: number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.requests += 1;
      await visit(this.#agent).catch((error: Error) => this.failures.push(`${new Date().toISOString()} ${error.message}`));
      await sleep(pauseMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#agent.destroy();
  }
}
