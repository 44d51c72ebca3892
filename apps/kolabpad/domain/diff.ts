/**
 * What changed between two texts of which nobody saw the edits: for a file put over HTTP, and for a client that comes back
 * after the history it knew was forgotten. Line by line first, then by characters within what differs, in bounded time.
 */
import { joinScattered, slideToBoundaries } from './diff-cleanup.ts';
import { type Budget, diffSequences, findAnchors, type Hunk } from './diff-sequence.ts';
import { type Draft, type Operation, appendDelete, appendInsert, appendRetain } from './operation-form.ts';
import { codePointLength, isPair, wellFormed } from './text.ts';

// Some 20 ms. What is not compared by then is replaced as a whole.
const MAX_STEPS = 3_000_000;

/**
 * An operation that makes `after` of `before`, small and close to what a person would have done. `before` is well-formed
 * (every text that came from an operation is); lone surrogates in `after` become U+FFFD.
 */
export const diffTexts = (before: string, after: string): Operation => {
  const wanted = wellFormed(after);
  const middle = differingMiddle(before, wanted, whole(before, wanted));
  if (middle === undefined) return toOperation(before, wanted, []);
  const budget: Budget = { steps: MAX_STEPS };
  const hunks = diffLines(before, wanted, middle, budget).flatMap((hunk) => diffCharacters(before, wanted, hunk, budget));
  return toOperation(before, wanted, slideToBoundaries(before, wanted, hunks));
};

const whole = (before: string, after: string): Hunk => ({ aFrom: 0, aTo: before.length, bFrom: 0, bTo: after.length });

// Without what both have in common at the beginning and at the end; whole characters only. Undefined if nothing is left.
const differingMiddle = (before: string, after: string, within: Hunk): Hunk | undefined => {
  let { aFrom, aTo, bFrom, bTo } = within;
  while (aFrom < aTo && bFrom < bTo && before.charCodeAt(aFrom) === after.charCodeAt(bFrom)) {
    aFrom++;
    bFrom++;
  }
  if (aFrom > within.aFrom && isHighSurrogate(before.charCodeAt(aFrom - 1))) {
    aFrom--;
    bFrom--;
  }
  while (aTo > aFrom && bTo > bFrom && before.charCodeAt(aTo - 1) === after.charCodeAt(bTo - 1)) {
    aTo--;
    bTo--;
  }
  if (aTo < within.aTo && isLowSurrogate(before.charCodeAt(aTo))) {
    aTo++;
    bTo++;
  }
  return aFrom === aTo && bFrom === bTo ? undefined : { aFrom, aTo, bFrom, bTo };
};

const diffLines = (before: string, after: string, middle: Hunk, budget: Budget): Hunk[] => {
  if (middle.aFrom === middle.aTo || middle.bFrom === middle.bTo) return [middle];
  // Whole lines compare better than their middles. What precedes and follows is the same in both texts.
  const ahead = middle.aFrom === 0 ? 0 : middle.aFrom - (before.lastIndexOf('\n', middle.aFrom - 1) + 1);
  const lineEnd = before.indexOf('\n', middle.aTo);
  const behind = (lineEnd < 0 ? before.length : lineEnd + 1) - middle.aTo;
  const ids = new Map<string, number>();
  const a = tokeniseLines(before, middle.aFrom - ahead, middle.aTo + behind, ids);
  const b = tokeniseLines(after, middle.bFrom - ahead, middle.bTo + behind, ids);
  const hunks: Hunk[] = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...findAnchors(a.values, b.values), [a.values.length, b.values.length] as const]) {
    const gap = { aFrom: i, aTo: nextI, bFrom: j, bTo: nextJ };
    const within = diffSequences(a.values.slice(i, nextI), b.values.slice(j, nextJ), budget);
    hunks.push(...(within?.map((hunk) => shift(hunk, i, j)) ?? [gap]));
    [i, j] = [nextI + 1, nextJ + 1];
  }
  return hunks.map((hunk) => toOffsets(hunk, a.offsets, b.offsets));
};

const diffCharacters = (before: string, after: string, hunk: Hunk, budget: Budget): Hunk[] => {
  const middle = differingMiddle(before, after, hunk);
  if (middle === undefined) return [];
  if (middle.aFrom === middle.aTo || middle.bFrom === middle.bTo || budget.steps <= 0) return [middle];
  const a = tokeniseCharacters(before, middle.aFrom, middle.aTo);
  const b = tokeniseCharacters(after, middle.bFrom, middle.bTo);
  const within = diffSequences(a.values, b.values, budget);
  return within === undefined ? [middle] : joinScattered(within).map((part) => toOffsets(part, a.offsets, b.offsets));
};

/** `offsets[i]`: where token i begins, in UTF-16 units of the whole text; one more, where the last one ends. */
type Tokens = { readonly values: readonly number[]; readonly offsets: readonly number[] };

const tokeniseLines = (text: string, from: number, to: number, ids: Map<string, number>): Tokens => {
  const values: number[] = [];
  const offsets = [from];
  for (let at = from; at < to; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 || newline >= to ? to : newline + 1;
    const line = text.slice(at, end);
    const id = ids.get(line) ?? ids.size;
    ids.set(line, id);
    values.push(id);
    offsets.push(end);
    at = end;
  }
  return { values, offsets };
};

const tokeniseCharacters = (text: string, from: number, to: number): Tokens => {
  const values: number[] = [];
  const offsets = [from];
  for (let at = from; at < to; ) {
    values.push(text.codePointAt(at) ?? 0);
    at += isPair(text, at) ? 2 : 1;
    offsets.push(at);
  }
  return { values, offsets };
};

const shift = (hunk: Hunk, i: number, j: number): Hunk => ({
  aFrom: hunk.aFrom + i,
  aTo: hunk.aTo + i,
  bFrom: hunk.bFrom + j,
  bTo: hunk.bTo + j,
});

const toOffsets = (hunk: Hunk, a: readonly number[], b: readonly number[]): Hunk => ({
  aFrom: a[hunk.aFrom] ?? 0,
  aTo: a[hunk.aTo] ?? 0,
  bFrom: b[hunk.bFrom] ?? 0,
  bTo: b[hunk.bTo] ?? 0,
});

const toOperation = (before: string, after: string, hunks: readonly Hunk[]): Operation => {
  const operation: Draft = [];
  let at = 0;
  for (const { aFrom, aTo, bFrom, bTo } of hunks) {
    appendRetain(operation, codePointLength(before.slice(at, aFrom)));
    appendInsert(operation, after.slice(bFrom, bTo));
    appendDelete(operation, codePointLength(before.slice(aFrom, aTo)));
    at = aTo;
  }
  appendRetain(operation, codePointLength(before.slice(at)));
  return operation;
};

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
