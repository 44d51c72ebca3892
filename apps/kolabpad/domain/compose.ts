/** Two edits, one after the other, as one. */
import { type Draft, type Operation, appendDelete, appendInsert, appendRetain, incompatibleLengths } from './operation-form.ts';
import { advance, codePointLength } from './text.ts';

/** The operation that does `a`, then `b`. Throws INCOMPATIBLE_LENGTHS if `b` is not for the text that `a` makes. */
export const composeOperations = (a: Operation, b: Operation): Operation => {
  const composed: Draft = [];
  let i = 0;
  let j = 0;
  let first = a[i++];
  let second = b[j++];
  // Of an insert in `a` that `b` takes in pieces: where the rest begins, in UTF-16 units, and how many code points it has.
  let at = 0;
  let left = size(first);
  let wanted = size(second);
  while (first !== undefined || second !== undefined) {
    if (typeof first === 'number' && first < 0) {
      appendDelete(composed, left);
      first = a[i++];
      at = 0;
      left = size(first);
      continue;
    }
    if (typeof second === 'string') {
      appendInsert(composed, second);
      second = b[j++];
      wanted = size(second);
      continue;
    }
    if (first === undefined || second === undefined) throw incompatibleLengths('the second operation is for another text');
    const count = Math.min(left, wanted);
    if (typeof first === 'string') {
      const end = left === first.length - at ? at + count : advance(first, at, count);
      if (second > 0) appendInsert(composed, first.slice(at, end));
      at = end;
    } else if (second > 0) appendRetain(composed, count);
    else appendDelete(composed, count);
    left -= count;
    wanted -= count;
    if (left === 0) {
      first = a[i++];
      at = 0;
      left = size(first);
    }
    if (wanted === 0) {
      second = b[j++];
      wanted = size(second);
    }
  }
  return composed;
};

/**
 * Any number of operations, one after the other, as one; at least one. By halves, because composing each into all before it
 * would take the square of their number once they are spread over a long text.
 */
export const composeAll = (operations: readonly [Operation, ...Operation[]]): Operation => {
  let row: readonly Operation[] = operations;
  while (row.length > 1) {
    const next: Operation[] = [];
    for (let i = 0; i < row.length; i += 2) {
      const [first, second] = [row[i] ?? [], row[i + 1]];
      next.push(second === undefined ? first : composeOperations(first, second));
    }
    row = next;
  }
  return row[0] ?? [];
};

const size = (component: string | number | undefined): number => {
  if (component === undefined) return 0;
  return typeof component === 'string' ? codePointLength(component) : Math.abs(component);
};
