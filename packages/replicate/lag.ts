/** The delays of the last few hundred segments, from commit to safe at a target. */
export interface Delays {
  add(ms: number): void;
  readonly summary: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
}

export const createDelays = (): Delays => {
  const ring: number[] = [];
  let next = 0;
  return {
    add(ms) {
      ring[next] = ms;
      next = (next + 1) % RING;
    },
    get summary() {
      if (ring.length === 0) return undefined;
      const sorted = ring.toSorted((a, b) => a - b);
      const at = (share: number): number =>
        Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
      return { p50: at(0.5), p99: at(0.99), max: Math.round(sorted.at(-1) ?? 0) };
    },
  };
};

const RING = 512;
