/** What an operation does to a text, and what takes it back. */
import {
  type Draft,
  type Operation,
  appendDelete,
  appendInsert,
  appendRetain,
  baseLength,
  incompatibleLengths,
} from './operation-form.ts';
import { advance, codePointLength, utf8Length } from './text.ts';

/**
 * The text after the operation. `length` is that of the text in code points, for callers that know it; without it, a text
 * that is not Latin-1 is read once to count. Throws INCOMPATIBLE_LENGTHS for an operation made for another length.
 */
export const applyOperation = (text: string, operation: Operation, length = codePointLength(text)): string => {
  const step = stepper(text, operation, length);
  let result = '';
  let at = 0;
  for (const component of operation) {
    if (typeof component === 'string') result += component;
    else {
      const end = step(at, Math.abs(component));
      if (component > 0) result += text.slice(at, end);
      at = end;
    }
  }
  return result;
};

/** The operation that takes `operation` back; `text` is the one before it. */
export const invertOperation = (operation: Operation, text: string, length = codePointLength(text)): Operation => {
  const step = stepper(text, operation, length);
  const inverse: Draft = [];
  let at = 0;
  for (const component of operation) {
    if (typeof component === 'string') {
      appendDelete(inverse, codePointLength(component));
      continue;
    }
    const end = step(at, Math.abs(component));
    if (component > 0) appendRetain(inverse, component);
    else appendInsert(inverse, text.slice(at, end));
    at = end;
  }
  return inverse;
};

/** What the operation removes from this text, piece by piece. */
export const removedTexts = (operation: Operation, text: string, length = codePointLength(text)): string[] => {
  const step = stepper(text, operation, length);
  const removed: string[] = [];
  let at = 0;
  for (const component of operation) {
    if (typeof component === 'string') continue;
    const end = step(at, Math.abs(component));
    if (component < 0) removed.push(text.slice(at, end));
    at = end;
  }
  return removed;
};

/** By how many bytes of UTF-8 the text grows, below 0 if it shrinks; without reading the rest of the text. */
export const byteGrowth = (operation: Operation, text: string, length = codePointLength(text)): number => {
  let bytes = 0;
  for (const component of operation) if (typeof component === 'string') bytes += utf8Length(component);
  for (const removed of removedTexts(operation, text, length)) bytes -= utf8Length(removed);
  return bytes;
};

// From a UTF-16 offset, the one that many code points later: a mere sum where no character takes two units.
const stepper = (text: string, operation: Operation, length: number): ((at: number, count: number) => number) => {
  const base = baseLength(operation);
  if (base !== length) throw incompatibleLengths(`the operation is for ${base} code points, the text has ${length}`);
  if (length === text.length) return (at, count) => at + count;
  return (at, count) => advance(text, at, count);
};
