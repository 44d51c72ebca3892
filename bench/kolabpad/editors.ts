import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CrewShape, Opened, Typed, Typing } from './crew.ts';
import type { Order } from './editors-process.ts';
import { fileLimit } from './file-limit.ts';

type Hand = { readonly child: ChildProcess; readonly answers: AsyncIterator<string> };

/** Editors in one or more processes of their own; a document's are all in the same. Leaving the block ends them. */
export class Editors implements AsyncDisposable {
  readonly #hands: readonly Hand[];

  constructor(options: { readonly processes?: number; readonly openFiles?: number } = {}) {
    const { processes = 1, openFiles = 0 } = options;
    const program = [process.execPath, '--max-old-space-size=8192', join(import.meta.dirname, 'editors-process.ts')];
    const [file = process.execPath, ...args] = [...fileLimit(openFiles).argv, ...program];
    this.#hands = Array.from({ length: processes }, () => {
      const child = spawn(file, args, {
        stdio: ['pipe', 'pipe', 'inherit'],
        detached: true, // a session of its own, as the servers have: Linux shares out the cores between sessions
      });
      return { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
    });
  }

  get pids(): readonly number[] {
    return this.#hands.flatMap(({ child }) => child.pid ?? []);
  }

  async open(shape: CrewShape): Promise<Opened> {
    const shares = this.#hands.map((_, hand) => shape.documents.filter((_, index) => index % this.#hands.length === hand));
    const { length } = shape.documents;
    const answers = await this.#all<Opened>((hand) => {
      const documents = shares[hand] ?? [];
      const fuller = documents.filter((_, index) => index * this.#hands.length + hand < shape.sockets % length).length;
      return { open: { ...shape, documents, sockets: documents.length * Math.floor(shape.sockets / length) + fuller } };
    });
    return { open: sum(answers.map(({ open }) => open)), failed: merge(answers.map(({ failed }) => failed)) };
  }

  async seed(letters: number): Promise<void> {
    await this.#all(() => ({ seed: letters }));
  }

  /** Of several processes, the delays are those of the worst. */
  async type(typing: Typing): Promise<Typed> {
    const { pace } = typing;
    const share = pace === 'closed' ? pace : { keysPerSecond: pace.keysPerSecond / this.#hands.length };
    const answers = await this.#all<Typed>(() => ({ type: { ...typing, pace: share } }));
    const worst = (of: (typed: Typed) => number): number => Math.max(...answers.map(of));
    const total = (of: (typed: Typed) => number): number => sum(answers.map(of));
    return {
      seconds: worst(({ seconds }) => seconds),
      keystrokes: total(({ keystrokes }) => keystrokes),
      edits: total(({ edits }) => edits),
      delays: { expected: total(({ delays }) => delays.expected), seen: total(({ delays }) => delays.seen) },
      delayMs: {
        p50: worst(({ delayMs }) => delayMs.p50),
        p95: worst(({ delayMs }) => delayMs.p95),
        p99: worst(({ delayMs }) => delayMs.p99),
        worst: worst(({ delayMs }) => delayMs.worst),
      },
      messages: total(({ messages }) => messages),
      wrong: total(({ wrong }) => wrong),
      busy: worst(({ busy }) => busy),
      ended: merge(answers.map(({ ended }) => ended)),
    };
  }

  async ping(withinMs: number): Promise<{ open: number; answered: number }> {
    const answers = await this.#all<{ open: number; answered: number }>(() => ({ ping: withinMs }));
    return { open: sum(answers.map(({ open }) => open)), answered: sum(answers.map(({ answered }) => answered)) };
  }

  async close(withinMs: number): Promise<{ cut: number }> {
    return { cut: sum((await this.#all<{ cut: number }>(() => ({ close: withinMs }))).map(({ cut }) => cut)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#hands) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  }

  #all<T>(order: (hand: number) => Order): Promise<T[]> {
    return Promise.all(
      this.#hands.map(async ({ child, answers }, index) => {
        child.stdin?.write(`${JSON.stringify(order(index))}\n`);
        const { value, done } = await answers.next();
        if (done === true) throw new Error('a process of editors ended early: see above');
        return JSON.parse(value) as T;
      }),
    );
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function merge(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const [reason, number] of counts.flatMap((one) => Object.entries(one))) merged[reason] = (merged[reason] ?? 0) + number;
  return merged;
}
