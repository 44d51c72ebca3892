/** Between operations and the changes of an editor that counts UTF-16 units, as CodeMirror does. */
import { diffTexts } from './diff.ts';
import { type Draft, type Operation, appendDelete, appendInsert, appendRetain, invalidOperation } from './operation-form.ts';
import { advance, codePointLength, countBetween, hasSurrogates } from './text.ts';

/** `insert` replaces what is from `from` to before `to`, UTF-16 offsets in the text before all of the changes. */
export type TextChange = { readonly from: number; readonly to: number; readonly insert: string };

/**
 * The operation of these changes to `text`, in order and not overlapping; in linear time, and without looking at single
 * characters where none takes two units. What an editor should never do, leave half a character, is understood too: the half
 * becomes U+FFFD. Throws INVALID_OPERATION for changes that are out of order or outside the text.
 */
export const changesToOperation = (text: string, changes: readonly TextChange[]): Operation => {
  const plain = !hasSurrogates(text);
  if (changes.some((change) => leavesHalves(text, plain, change))) return diffTexts(text, applyChanges(text, changes));
  const count = plain ? (from: number, to: number) => to - from : (from: number, to: number) => countBetween(text, from, to);
  const operation: Draft = [];
  let at = 0;
  for (const { from, to, insert } of changes) {
    if (from < at || to < from || to > text.length) throw invalidOperation('a change is out of order or outside the text');
    appendRetain(operation, count(at, from));
    appendInsert(operation, insert);
    appendDelete(operation, count(from, to));
    at = to;
  }
  appendRetain(operation, plain ? text.length - at : codePointLength(text.slice(at)));
  return operation;
};

/** The changes to `text` that the operation stands for, in order. The operation has to be for a text of this length. */
export const operationToChanges = (text: string, operation: Operation): TextChange[] => {
  const step = hasSurrogates(text)
    ? (at: number, count: number) => advance(text, at, count)
    : (at: number, count: number) => at + count;
  const changes: TextChange[] = [];
  let at = 0;
  let insert = '';
  for (const component of operation) {
    if (typeof component === 'string') {
      insert = component;
      continue;
    }
    const end = step(at, Math.abs(component));
    if (insert !== '' || component < 0) changes.push({ from: at, to: component < 0 ? end : at, insert });
    insert = '';
    at = end;
  }
  if (insert !== '') changes.push({ from: at, to: at, insert });
  return changes;
};

const leavesHalves = (text: string, plain: boolean, { from, to, insert }: TextChange): boolean =>
  !insert.isWellFormed() || (!plain && (isInsidePair(text, from) || isInsidePair(text, to)));

const isInsidePair = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
};

const applyChanges = (text: string, changes: readonly TextChange[]): string => {
  let result = '';
  let at = 0;
  for (const { from, to, insert } of changes) {
    result += text.slice(at, from) + insert;
    at = to;
  }
  return result + text.slice(at);
};
