/** Durations in steps of 0.1 ms up to two minutes; longer ones count as two minutes, `worst` is exact. */
const STEPS_PER_MS = 10;
const BUCKETS = 120_000 * STEPS_PER_MS;

export type LatencySummary = {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly worst: number;
};

export class Histogram {
  readonly #buckets = new Uint32Array(BUCKETS + 1);
  #count = 0;
  #worstMs = 0;

  add(ms: number): void {
    const bucket = Math.min(BUCKETS, Math.floor(ms * STEPS_PER_MS));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.#worstMs) this.#worstMs = ms;
  }

  get count(): number {
    return this.#count;
  }

  /** The duration that the given share (0 to 1) of all stayed below. */
  quantileMs(share: number): number {
    const wanted = Math.ceil(this.#count * share);
    let seen = 0;
    for (let bucket = 0; bucket <= BUCKETS; bucket += 1) {
      seen += this.#buckets[bucket] ?? 0;
      if (seen >= wanted && seen > 0) return Math.min(this.#worstMs, (bucket + 1) / STEPS_PER_MS);
    }
    return 0;
  }

  summary(): LatencySummary {
    const round = (ms: number): number => Math.round(ms * STEPS_PER_MS) / STEPS_PER_MS;
    return {
      count: this.#count,
      p50: round(this.quantileMs(0.5)),
      p90: round(this.quantileMs(0.9)),
      p99: round(this.quantileMs(0.99)),
      worst: round(this.#worstMs),
    };
  }
}
