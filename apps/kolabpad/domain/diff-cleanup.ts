/** A shortest difference is often not the one that a person would name; these two make it so. */
import type { Hunk } from './diff-sequence.ts';

/**
 * Joins neighbours where what was kept between them is shorter than either: in a sentence that was written anew, single
 * letters in common are chance. Positions may count anything.
 */
export const joinScattered = (hunks: readonly Hunk[]): Hunk[] => {
  const joined: Hunk[] = [];
  for (const hunk of hunks) {
    let current = hunk;
    for (let left = joined.at(-1); left !== undefined; left = joined.at(-1)) {
      const kept = current.aFrom - left.aTo;
      if (kept > extent(left) || kept > extent(current)) break;
      joined.pop();
      current = { aFrom: left.aFrom, aTo: current.aTo, bFrom: left.bFrom, bTo: current.bTo };
    }
    joined.push(current);
  }
  return joined;
};

const extent = (hunk: Hunk): number => Math.max(hunk.aTo - hunk.aFrom, hunk.bTo - hunk.bFrom);

/**
 * Moves pure inserts and deletes along equal text to where they begin at a line or a word: between `ab` and `abab` anything
 * may have been inserted, between two lines that begin alike it was most likely a line. Positions are UTF-16 units.
 */
export const slideToBoundaries = (before: string, after: string, hunks: readonly Hunk[]): Hunk[] =>
  hunks.map((hunk, index) => {
    const inserts = hunk.aFrom === hunk.aTo;
    if (!inserts && hunk.bFrom !== hunk.bTo) return hunk;
    const text = inserts ? after : before;
    const [from, to] = inserts ? [hunk.bFrom, hunk.bTo] : [hunk.aFrom, hunk.aTo];
    // One unit stays between neighbours as they were found. Both may move into the same gap, so each gets one half of it.
    const previous = hunks[index - 1];
    const next = hunks[index + 1];
    const gapBefore = previous === undefined ? hunk.aFrom : Math.floor((hunk.aFrom - previous.aTo - 1) / 2);
    const gapAfter = next === undefined ? before.length - hunk.aTo : Math.floor((next.aFrom - hunk.aTo - 1) / 2);
    const by = bestShift(text, { from, to, left: Math.max(gapBefore, 0), right: Math.max(gapAfter, 0) });
    return { aFrom: hunk.aFrom + by, aTo: hunk.aTo + by, bFrom: hunk.bFrom + by, bTo: hunk.bTo + by };
  });

type Range = { readonly from: number; readonly to: number; readonly left: number; readonly right: number };

const bestShift = (text: string, { from, to, left, right }: Range): number => {
  let best = 0;
  let bestRank = rank(text, from);
  const consider = (by: number): void => {
    const here = rank(text, from + by);
    if (here <= bestRank) return;
    best = by;
    bestRank = here;
  };
  for (let by = 1; by <= right && text.charCodeAt(to + by - 1) === text.charCodeAt(from + by - 1); by++) consider(by);
  for (let by = 1; by <= left && text.charCodeAt(from - by) === text.charCodeAt(to - by); by++) consider(-by);
  return best;
};

// How good a place is for something to begin.
const rank = (text: string, at: number): number => {
  if (isLowSurrogate(text.charCodeAt(at))) return -1;
  if (at === 0 || text[at - 1] === '\n') return 3;
  if (/\s/.test(text[at - 1] ?? '')) return 2;
  return /\w/.test(text[at - 1] ?? '') === /\w/.test(text[at] ?? '') ? 0 : 1;
};

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
