/** Two edits of one text at the same time: how each has to be changed to follow the other. */
import { type Draft, type Operation, appendDelete, appendInsert, appendRetain, incompatibleLengths } from './operation-form.ts';
import { codePointLength, compareCodePoints } from './text.ts';

/**
 * `[a2, b2]` such that `a` then `b2` makes the same text as `b` then `a2`. Of two inserts at one place the smaller text, by
 * code points, comes first. Throws INCOMPATIBLE_LENGTHS if the two are not for the same text.
 */
export const transformOperations = (a: Operation, b: Operation): [Operation, Operation] => {
  const a2: Draft = [];
  const b2: Draft = [];
  let i = 0;
  let j = 0;
  let x = a[i++];
  let y = b[j++];
  // Code points of a retain or delete that are not yet dealt with.
  let xLeft = size(x);
  let yLeft = size(y);
  while (x !== undefined || y !== undefined) {
    if (typeof x === 'string' || typeof y === 'string') {
      const order = insertOrder(x, y);
      // Equal texts are both inserted, each before the other's: the text is the same whichever comes first.
      const takesX = typeof x === 'string' && order <= 0;
      const takesY = typeof y === 'string' && order >= 0;
      if (takesX) appendInsert(a2, x as string);
      if (takesY) appendInsert(b2, y as string);
      if (takesX) {
        appendRetain(b2, codePointLength(x as string));
        x = a[i++];
        xLeft = size(x);
      }
      if (takesY) {
        appendRetain(a2, codePointLength(y as string));
        y = b[j++];
        yLeft = size(y);
      }
      continue;
    }
    if (x === undefined || y === undefined) throw incompatibleLengths('the two operations are for different texts');
    const count = Math.min(xLeft, yLeft);
    if (x > 0 && y > 0) {
      appendRetain(a2, count);
      appendRetain(b2, count);
    } else if (x < 0 && y > 0) appendDelete(a2, count);
    else if (x > 0 && y < 0) appendDelete(b2, count);
    xLeft -= count;
    yLeft -= count;
    if (xLeft === 0) {
      x = a[i++];
      xLeft = size(x);
    }
    if (yLeft === 0) {
      y = b[j++];
      yLeft = size(y);
    }
  }
  return [a2, b2];
};

// Below 0: x goes first; above 0: y.
const insertOrder = (x: string | number | undefined, y: string | number | undefined): number => {
  if (typeof x !== 'string') return 1;
  return typeof y === 'string' ? compareCodePoints(x, y) : -1;
};

const size = (component: string | number | undefined): number => (typeof component === 'number' ? Math.abs(component) : 0);
