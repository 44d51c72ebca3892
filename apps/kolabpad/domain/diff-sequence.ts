/** Which runs of one sequence have to be replaced to make another, whatever the numbers in them stand for. */

/** `a` from `aFrom` to before `aTo` is replaced by `b` from `bFrom` to before `bTo`; either may be empty, not both. */
export type Hunk = { readonly aFrom: number; readonly aTo: number; readonly bFrom: number; readonly bTo: number };

/** Steps of comparison that are still allowed; shared by all parts of one difference, so that the whole has a bound. */
export type Budget = { steps: number };

// Beyond so many single differences nobody sees what was kept, and the trace takes its square in memory (2 MB at 700).
const MAX_DISTANCE = 700;

/** A shortest difference, in order; undefined where that would cost more than the budget (Myers, 1986). */
export const diffSequences = (a: readonly number[], b: readonly number[], budget: Budget): Hunk[] | undefined => {
  const { start, aEnd, bEnd } = trim(a, b);
  const n = aEnd - start;
  const m = bEnd - start;
  if (n === 0 && m === 0) return [];
  if (n === 0 || m === 0) return [{ aFrom: start, aTo: aEnd, bFrom: start, bTo: bEnd }];
  if (Math.abs(n - m) > MAX_DISTANCE) return undefined;
  const trace = forward(a, b, { start, n, m }, budget);
  return trace === undefined ? undefined : backtrack(trace, { start, n, m });
};

/**
 * Elements that occur once in each, in the longest row that is in order in both: pairs of positions. They split a long
 * comparison into short ones at places that a reader would choose too (the idea of Bram Cohen's patience diff).
 */
export const findAnchors = (a: readonly number[], b: readonly number[]): [number, number][] => {
  const inA = singles(a);
  const pairs: [number, number][] = [];
  for (const [value, j] of singles(b)) {
    const i = inA.get(value);
    if (i !== undefined && i >= 0 && j >= 0) pairs.push([i, j]);
  }
  return longestRising(pairs.toSorted((x, y) => x[0] - y[0]));
};

// Position of each value that occurs once; -1 for one that occurs more often.
const singles = (values: readonly number[]): Map<number, number> => {
  const positions = new Map<number, number>();
  for (const [i, value] of values.entries()) positions.set(value, positions.has(value) ? -1 : i);
  return positions;
};

const longestRising = (pairs: readonly [number, number][]): [number, number][] => {
  // tails[length]: index of the pair with the smallest end of all rising rows of that length (plus one).
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [index, [, j]] of pairs.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] ?? 0]?.[1] ?? 0) < j) low = middle + 1;
      else high = middle;
    }
    previous.push(low === 0 ? -1 : (tails[low - 1] ?? -1));
    tails[low] = index;
  }
  const row: [number, number][] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) row.push(pair);
  }
  return row.reverse();
};

const trim = (a: readonly number[], b: readonly number[]) => {
  let start = 0;
  let aEnd = a.length;
  let bEnd = b.length;
  while (start < aEnd && start < bEnd && a[start] === b[start]) start++;
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  return { start, aEnd, bEnd };
};

type Window = { readonly start: number; readonly n: number; readonly m: number };

// Per distance, how far each diagonal k = x - y gets; diagonal k of distance d is at index k + d.
const forward = (
  a: readonly number[],
  b: readonly number[],
  { start, n, m }: Window,
  budget: Budget,
): Int32Array[] | undefined => {
  const trace: Int32Array[] = [];
  for (let d = 0; d <= Math.min(n + m, MAX_DISTANCE); d++) {
    const reached = new Int32Array(2 * d + 1).fill(-1);
    trace.push(reached);
    // Diagonals outside the rectangle lead nowhere; the parity of k is that of d.
    const lowest = d <= m ? -d : -m + ((d - m) & 1);
    const highest = d <= n ? d : n - ((d - n) & 1);
    for (let k = lowest; k <= highest; k += 2) {
      let x = d === 0 ? 0 : stepInto(trace[d - 1], d - 1, k, n);
      let y = x - k;
      if (x < 0 || y > m) continue;
      const from = x;
      while (x < n && y < m && a[start + x] === b[start + y]) {
        x++;
        y++;
      }
      reached[k + d] = x;
      budget.steps -= 1 + x - from;
      if (x >= n && y >= m) return trace;
    }
    if (budget.steps <= 0) return undefined;
  }
  return undefined;
};

// Where one insert (from diagonal k + 1) or one delete (from k - 1) leads to on diagonal k; below 0 for nowhere.
const stepInto = (previous: Int32Array | undefined, d: number, k: number, n: number): number => {
  const byInsert = previous?.[k + 1 + d] ?? -1;
  const before = previous?.[k - 1 + d] ?? -1;
  const byDelete = before >= 0 && before < n ? before + 1 : -1;
  return Math.max(byInsert, byDelete);
};

const backtrack = (trace: readonly Int32Array[], { start, n, m }: Window): Hunk[] => {
  const hunks: Hunk[] = [];
  let x = n;
  let y = m;
  for (let d = trace.length - 1; d > 0; d--) {
    const k = x - y;
    const previous = trace[d - 1];
    const byInsert = previous?.[k + 1 + d - 1] ?? -1;
    const before = previous?.[k - 1 + d - 1] ?? -1;
    const deletes = before >= 0 && before < n && before + 1 > byInsert;
    const fromX = deletes ? before : byInsert;
    const fromY = deletes ? fromX - (k - 1) : fromX - (k + 1);
    const toX = deletes ? fromX + 1 : fromX;
    const toY = deletes ? fromY : fromY + 1;
    const next = hunks.at(-1);
    if (next !== undefined && next.aFrom === start + toX && next.bFrom === start + toY) {
      hunks[hunks.length - 1] = { ...next, aFrom: start + fromX, bFrom: start + fromY };
    } else hunks.push({ aFrom: start + fromX, aTo: start + toX, bFrom: start + fromY, bTo: start + toY });
    x = fromX;
    y = fromY;
  }
  return hunks.reverse();
};
