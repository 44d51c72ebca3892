/** Between the editor's own types and the domain's, which know nothing of an editor. Pure. */
import { ChangeSet, type Text } from '@codemirror/state';
import { baseLength, type Operation } from '../domain/operation.ts';
import { codePointLength, toCodePoint, toUtf16 } from '../domain/text.ts';
import { changesToOperation, operationToChanges, type TextChange } from '../domain/text-changes.ts';

/** The operation that does to `before` what the changes do. */
export function operationOfChanges(changes: ChangeSet, before: Text): Operation {
  const list: TextChange[] = [];
  changes.iterChanges(
    (from, to, _from, _to, inserted) => list.push({ from, to, insert: inserted.toString() }),
    // Neighbouring changes one by one: together they would delete and insert more than somebody did.
    true,
  );
  return changesToOperation(before.toString(), list);
}

/** The other way round. Throws RangeError when the operation is not for this text. */
export function changesOfOperation(operation: Operation, before: Text): ChangeSet {
  const text = before.toString();
  if (baseLength(operation) !== codePointLength(text))
    throw new RangeError(`an operation for ${baseLength(operation)} code points, and a text of ${codePointLength(text)}`);
  return ChangeSet.of(operationToChanges(text, operation), text.length, '\n');
}

/** UTF-16 offsets of positions in code points, and back. */
export const offsetsOf = (doc: Text, positions: readonly number[]): number[] => {
  const text = doc.toString();
  return positions.map((position) => toUtf16(text, position));
};
export const positionsOf = (doc: Text, offsets: readonly number[]): number[] => {
  const text = doc.toString();
  return offsets.map((offset) => toCodePoint(text, offset));
};
