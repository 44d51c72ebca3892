/** Random texts and operations for the property tests of operations, differences and sessions. */
import type { Random } from '@berth/testing';
import { type Draft, type Operation, appendDelete, appendInsert, appendRetain } from '../operation-form.ts';

// Letters, line ends, both sides of the border between two- and three-byte characters, U+E000 to U+FFFF, and beyond.
const ALPHABET = ['a', 'b', 'c', ' ', '\n', 'é', '߿', 'ࠀ', '中', '\ud7ff', '\ue000', '～', '\uffff', '😀', '𐀀', '\u{10ffff}'];

export const randomText = (random: Random, maxLength: number): string =>
  Array.from({ length: random.integer(0, maxLength) }, () => random.pick(ALPHABET)).join('');

/** An edit of a text of `length` code points, in a few places. */
export const randomOperation = (random: Random, length: number): Operation => {
  const operation: Draft = [];
  let left = length;
  for (let parts = random.integer(0, 6); parts > 0; parts--) {
    const count = random.integer(0, Math.min(left, 8));
    const kind = random.integer(0, 2);
    if (kind === 0) appendInsert(operation, randomText(random, 4));
    else if (kind === 1) appendRetain(operation, count);
    else appendDelete(operation, count);
    if (kind !== 0) left -= count;
  }
  appendRetain(operation, left);
  return operation;
};
