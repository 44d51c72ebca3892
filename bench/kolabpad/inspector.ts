import { once } from 'node:events';

export type Memory = {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
};
export type LoopDelay = { readonly p50: number; readonly p99: number; readonly worst: number };

/** Looks into a Node process that was started with `--inspect`, whatever runs in it. Enables nothing that slows it. */
export class Inspector implements Disposable {
  readonly #socket: WebSocket;
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Inspector> {
    const response = await fetch(`http://127.0.0.1:${port}/json`);
    const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
    if (target === undefined) throw new Error(`no target at the inspector's port ${port}`);
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await once(socket, 'open');
    return new Inspector(socket);
  }

  /** What is in use once the garbage is gone. */
  async memory(): Promise<Memory> {
    for (let times = 0; times < 2; times += 1) await this.#call('HeapProfiler.collectGarbage', {});
    return (await this.#evaluate('process.memoryUsage()')) as Memory;
  }

  /** From here on, how much later than due its timers fire. */
  async watchDelay(): Promise<void> {
    await this.#evaluate(
      `void (globalThis.watchedDelay?.disable(), globalThis.watchedDelay = process.getBuiltinModule('node:perf_hooks').monitorEventLoopDelay({ resolution: ${RESOLUTION_MS} }), globalThis.watchedDelay.enable())`,
    );
  }

  /** In ms, since `watchDelay`. */
  async delay(): Promise<LoopDelay> {
    const nanoseconds = (await this.#evaluate(
      '({ p50: watchedDelay.percentile(50), p99: watchedDelay.percentile(99), worst: watchedDelay.max })',
    )) as LoopDelay;
    // The histogram holds intervals between two firings, the period included.
    const late = (value: number): number => Math.max(0, Math.round((value / 1e6 - RESOLUTION_MS) * 10) / 10);
    return { p50: late(nanoseconds.p50), p99: late(nanoseconds.p99), worst: late(nanoseconds.worst) };
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #evaluate(expression: string): Promise<unknown> {
    const answer = (await this.#call('Runtime.evaluate', { expression, returnByValue: true })) as {
      result: { value?: unknown };
      exceptionDetails?: { text: string };
    };
    if (answer.exceptionDetails !== undefined) throw new Error(`${expression}: ${answer.exceptionDetails.text}`);
    return answer.result.value;
  }

  #call(method: string, params: object): Promise<unknown> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const receive = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
        if (answer.id !== id) return;
        this.#socket.removeEventListener('message', receive);
        if (answer.error === undefined) resolve(answer.result);
        else reject(new Error(`${method}: ${answer.error.message}`));
      };
      this.#socket.addEventListener('message', receive);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

const RESOLUTION_MS = 10;
