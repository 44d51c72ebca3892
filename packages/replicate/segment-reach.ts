import type { Holding } from './catalogue.ts';

/** For each segment in a list, how far it or one before it reaches: never decreasing, so that it can be searched. */
export const furthestEnds = (segments: readonly Holding[]): Float64Array => {
  const known = ends.get(segments);
  if (known !== undefined) return known;
  const furthest = new Float64Array(segments.length);
  let end = 0;
  for (const [index, { maxTxid }] of segments.entries()) {
    end = Math.max(end, maxTxid);
    furthest[index] = end;
  }
  ends.set(segments, furthest);
  return furthest;
};

/** Lists of segments are never changed once they are made; hundreds of restore plans are made from one. */
const ends = new WeakMap<readonly Holding[], Float64Array>();

/** The first number below `length` for which it holds, given that it holds for all behind it too; else `length`. */
export const firstIndex = (length: number, holds: (index: number) => boolean): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};
