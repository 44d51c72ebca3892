/**
 * Operational transformation of plain text: everything that the rest of Kolabpad may do with an operation. No IO, no state,
 * nothing of Node, so that the server, the page, tests and benches share it. Compatible with the Rust and Go libraries
 * called `operational-transform`: the same wire form, the same normal form, the same order of two inserts at one place.
 * Lengths and positions are Unicode code points.
 */
import { type Draft, type Operation, appendDelete, appendInsert, appendRetain, invalidOperation } from './operation-form.ts';
import { codePointLength, wellFormed } from './text.ts';

export { applyOperation, byteGrowth, invertOperation, removedTexts } from './operation-apply.ts';
export { composeAll, composeOperations } from './compose.ts';
export { baseLength, insertedLength, isNoop, type Operation, OperationError, targetLength } from './operation-form.ts';
export { splitOperation } from './operation-split.ts';
export { transformCursors, transformIndex } from './transform-index.ts';
export { transformOperations } from './transform.ts';

// Far beyond what a person does (replacing each of 300,000 letters is 900,000), and still parsed in some 10 ms.
const MAX_COMPONENTS = 1_000_000;

/**
 * An operation from the JSON of a peer, in normal form. Numbers are truncated toward zero, lone surrogates become U+FFFD.
 * Throws INVALID_OPERATION for anything that is not an array of strings and numbers, or counts beyond 2^53.
 */
export const parseOperation = (value: unknown): Operation => {
  if (!Array.isArray(value)) throw invalidOperation('an array was expected');
  if (value.length > MAX_COMPONENTS) throw invalidOperation(`more than ${MAX_COMPONENTS} components`);
  const operation: Draft = [];
  let base = 0;
  let inserted = 0;
  for (const component of value as unknown[]) {
    if (typeof component === 'string') {
      const text = wellFormed(component);
      inserted += codePointLength(text);
      appendInsert(operation, text);
    } else if (typeof component === 'number') {
      const count = Math.trunc(component);
      base += Math.abs(count);
      // Also false for NaN and the infinities.
      if (!Number.isSafeInteger(base)) throw invalidOperation('a number is out of range');
      if (count > 0) appendRetain(operation, count);
      else appendDelete(operation, -count);
    } else throw invalidOperation(`a component is ${component === null ? 'null' : `of type ${typeof component}`}`);
  }
  if (!Number.isSafeInteger(base + inserted)) throw invalidOperation('a number is out of range');
  return operation;
};

/** As JSON, the form of the wire and of the journal. */
export const renderOperation = (operation: Operation): string => JSON.stringify(operation);
