/** What the browser keeps of a pad, so that nothing typed is lost with the page: small, and plain JSON. */
import { baseLength, OperationError, parseOperation, targetLength } from '../domain/operation.ts';
import { codePointLength, wellFormed } from '../domain/text.ts';
import type { PendingEdits } from './pending-edits.ts';

export type SavedPad = PendingEdits & {
  /** Sequences count within it, so whoever takes up these edits goes on under the same session, and nobody else does. */
  readonly session: string;
  readonly epoch: string | null;
  readonly revision: number;
  /** The last one used. */
  readonly sequence: number;
};

/** From storage that anybody may have written to. Undefined for what does not hold together. */
export const parseSavedPad = (value: unknown): SavedPad | undefined => {
  if (!isRecord(value)) return undefined;
  const { session, epoch, revision, sequence, confirmed } = value;
  if (typeof session !== 'string' || !(epoch === null || typeof epoch === 'string') || typeof confirmed !== 'string')
    return undefined;
  if (!isCount(revision) || !isCount(sequence) || wellFormed(confirmed) !== confirmed) return undefined;
  try {
    const outstanding = parseOutstanding(value['outstanding']);
    const buffer = value['buffer'] === null ? null : parseOperation(value['buffer']);
    if (outstanding !== null && outstanding.sequence > sequence) return undefined;
    let length = codePointLength(confirmed);
    for (const operation of [outstanding?.operation, buffer]) {
      if (operation === undefined || operation === null) continue;
      if (baseLength(operation) !== length) return undefined;
      length = targetLength(operation);
    }
    return { session, epoch, revision, sequence, confirmed, outstanding, buffer };
  } catch (error) {
    if (error instanceof OperationError) return undefined;
    throw error;
  }
};

const parseOutstanding = (value: unknown): SavedPad['outstanding'] => {
  if (value === null) return null;
  const { operation, sequence } = isRecord(value) ? value : {};
  // Refused as an operation that is none.
  return { operation: parseOperation(isCount(sequence) ? operation : undefined), sequence: isCount(sequence) ? sequence : 0 };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
