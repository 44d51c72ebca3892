/** The shape of an operation, and how its components are put together so that there is one way to write each. */
import { codePointLength } from './text.ts';

/**
 * What one edit does to a whole text, from its beginning to its end: a string is inserted, a number above 0 keeps so many
 * code points, a number below 0 deletes so many. Always in normal form: no 0 and no '', neighbours of a kind are merged, and
 * an insert stands before the delete at the same place.
 */
export type Operation = readonly (string | number)[];

/** An operation under construction; the append functions keep it in normal form. */
export type Draft = (string | number)[];

export type OperationErrorCode = 'INVALID_OPERATION' | 'INCOMPATIBLE_LENGTHS';

export class OperationError extends Error {
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, message: string) {
    super(message);
    this.name = 'OperationError';
    this.code = code;
  }
}

export const invalidOperation = (why: string) => new OperationError('INVALID_OPERATION', `not an operation: ${why}`);
export const incompatibleLengths = (why: string) =>
  new OperationError('INCOMPATIBLE_LENGTHS', `the lengths do not fit together: ${why}`);

export const appendRetain = (draft: Draft, count: number): void => {
  if (count === 0) return;
  const last = draft[draft.length - 1];
  if (typeof last === 'number' && last > 0) draft[draft.length - 1] = last + count;
  else draft.push(count);
};

export const appendDelete = (draft: Draft, count: number): void => {
  if (count === 0) return;
  const last = draft[draft.length - 1];
  if (typeof last === 'number' && last < 0) draft[draft.length - 1] = last - count;
  else draft.push(-count);
};

export const appendInsert = (draft: Draft, text: string): void => {
  if (text === '') return;
  const end = draft.length - 1;
  const last = draft[end];
  if (typeof last === 'string') {
    draft[end] = last + text;
    return;
  }
  if (last === undefined || last > 0) {
    draft.push(text);
    return;
  }
  const beforeDelete = draft[end - 1];
  if (typeof beforeDelete === 'string') draft[end - 1] = beforeDelete + text;
  else {
    draft[end] = text;
    draft.push(last);
  }
};

/** Code points of the text that the operation applies to. */
export const baseLength = (operation: Operation): number => {
  let length = 0;
  for (const component of operation) if (typeof component === 'number') length += Math.abs(component);
  return length;
};

/** Code points of the text that it makes. */
export const targetLength = (operation: Operation): number => {
  let length = 0;
  for (const component of operation) {
    if (typeof component === 'string') length += codePointLength(component);
    else if (component > 0) length += component;
  }
  return length;
};

/** Code points that it inserts. */
export const insertedLength = (operation: Operation): number => {
  let length = 0;
  for (const component of operation) if (typeof component === 'string') length += codePointLength(component);
  return length;
};

/** It changes nothing. */
export const isNoop = (operation: Operation): boolean => {
  const [first] = operation;
  return first === undefined || (operation.length === 1 && typeof first === 'number' && first > 0);
};
