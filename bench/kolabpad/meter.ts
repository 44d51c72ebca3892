import { Histogram } from '../load/histogram.ts';

export type Tally = {
  readonly seconds: number;
  readonly keystrokes: number;
  /** Operations that were acknowledged; several keystrokes may share one. */
  readonly edits: number;
  /** A keystroke counts once for every other editor of its document. */
  readonly delays: { readonly expected: number; readonly seen: number };
  readonly delayMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly worst: number };
  /** What came in from the server, of any kind. */
  readonly messages: number;
  /** Operations that came back with another text than was sent. */
  readonly wrong: number;
};

/** Counts what happened between `start` and `stop`. What was typed in that time may be seen by the others later. */
export class Meter {
  #delays = new Histogram();
  #since = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  #keystrokes = 0;
  #edits = 0;
  #expected = 0;
  #messages = 0;
  #wrong = 0;

  start(): void {
    this.#delays = new Histogram();
    this.#keystrokes = 0;
    this.#edits = 0;
    this.#expected = 0;
    this.#messages = 0;
    this.#wrong = 0;
    this.#since = performance.now();
    this.#until = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    this.#until = performance.now();
  }

  typed(at: number, others: number): void {
    if (!this.#covers(at)) return;
    this.#keystrokes += 1;
    this.#expected += others;
  }

  received(): void {
    if (this.#covers(performance.now())) this.#messages += 1;
  }

  acknowledged(): void {
    if (this.#covers(performance.now())) this.#edits += 1;
  }

  /** `at`: when the keys were struck. */
  seen(at: readonly number[]): void {
    const now = performance.now();
    for (const struck of at) if (this.#covers(struck)) this.#delays.add(now - struck);
  }

  garbled(): void {
    this.#wrong += 1;
  }

  get complete(): boolean {
    return this.#delays.count >= this.#expected;
  }

  tally(): Tally {
    const at = (share: number): number => Math.round(this.#delays.quantileMs(share) * 10) / 10;
    return {
      seconds: Math.round(this.#until - this.#since) / 1000,
      keystrokes: this.#keystrokes,
      edits: this.#edits,
      delays: { expected: this.#expected, seen: this.#delays.count },
      delayMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), worst: this.#delays.summary().worst },
      messages: this.#messages,
      wrong: this.#wrong,
    };
  }

  #covers(at: number): boolean {
    return at >= this.#since && at < this.#until;
  }
}
