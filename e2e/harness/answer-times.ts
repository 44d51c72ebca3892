/** How long the daemon takes to answer, asked again and again beside a server that does nothing: by processes of their own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@berth/testing';

/** What the process that asks has seen since it was asked last; times in milliseconds. */
export type Answers = { readonly times: number[]; readonly bareTimes: number[]; readonly failures: string[] };

/** `late`: how many took longer than the 100 ms that are asked for. */
export type AnswerSummary = {
  readonly answers: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  readonly late: number;
};

export class AnswerTimes implements AsyncDisposable {
  readonly failures: string[] = [];
  readonly #asker: ChildProcess;
  readonly #owned: AsyncDisposableStack;

  private constructor(asker: ChildProcess, owned: AsyncDisposableStack) {
    this.#asker = asker;
    this.#owned = owned;
  }

  /** Resolves when the first answer was there. */
  static async start(home: string): Promise<AnswerTimes> {
    await using stack = new AsyncDisposableStack();
    const directory = stack.use(await temporaryDirectory());
    const socket = join(directory.path, 'bare.sock');
    await started(stack, new URL('./bare-server.ts', import.meta.url), [socket]);
    const asker = await started(stack, new URL('./ask-again.ts', import.meta.url), [home, socket]);
    return new AnswerTimes(asker, stack.move());
  }

  /** Since the last call. `bare`: what the server that does nothing took in between. */
  async take(): Promise<AnswerSummary & { bare: AnswerSummary }> {
    const taken = once(this.#asker, 'message');
    this.#asker.send('take');
    const [seen] = (await taken) as [Answers];
    this.failures.push(...seen.failures);
    return { ...summarize(seen.times), bare: summarize(seen.bareTimes) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** In a session of its own: the kernel shares the cores out among sessions first, and the test's has much to do. */
const started = async (stack: AsyncDisposableStack, program: URL, words: readonly string[]): Promise<ChildProcess> => {
  const child = fork(fileURLToPath(program), words, { stdio: 'inherit', detached: true });
  const ended = once(child, 'exit');
  stack.defer(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
  await once(child, 'message');
  return child;
};

const summarize = (unsorted: readonly number[]): AnswerSummary => {
  const times = unsorted.toSorted((a, b) => a - b);
  const late = times.filter((ms) => ms > ASKED_MS).length;
  return { answers: times.length, medianMs: times[times.length >> 1] ?? 0, slowestMs: times.at(-1) ?? 0, late };
};

const ASKED_MS = 100;
