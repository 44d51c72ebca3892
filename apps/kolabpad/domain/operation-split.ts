/** One edit as two, for what is too large to be sent at once. */
import {
  type Draft,
  type Operation,
  appendDelete,
  appendInsert,
  appendRetain,
  baseLength,
  targetLength,
} from './operation-form.ts';
import { isPair } from './text.ts';

/**
 * Two operations that together, one after the other, do what this one does, each of about half its size as JSON. One that
 * cannot be divided any more comes back with one that changes nothing.
 */
export const splitOperation = (operation: Operation): [Operation, Operation] => {
  const half = operation.reduce<number>((sum, component) => sum + weight(component), 0) / 2;
  const head: Draft = [];
  const tail: Draft = [];
  let sum = 0;
  for (const component of operation) {
    const before = sum;
    sum += weight(component);
    if (sum <= half || (head.length === 0 && operation.length === 1 && typeof component === 'number')) head.push(component);
    else if (before >= half || typeof component === 'number') tail.push(component);
    else {
      let cut = Math.ceil((component.length * (half - before)) / (sum - before));
      if (cut > 0 && isPair(component, cut - 1)) cut++;
      head.push(component.slice(0, cut));
      tail.push(component.slice(cut));
    }
  }
  return [joined(head, [baseLength(tail)]), joined([targetLength(head)], tail)];
};

const weight = (component: string | number): number => JSON.stringify(component).length;

const joined = (...parts: readonly Operation[]): Operation => {
  const operation: Draft = [];
  for (const component of parts.flat()) {
    if (typeof component === 'string') appendInsert(operation, component);
    else if (component > 0) appendRetain(operation, component);
    else appendDelete(operation, -component);
  }
  return operation;
};
