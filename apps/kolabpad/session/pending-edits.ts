/**
 * What this client knows of the text: what the server has confirmed, its own edit that was sent and not yet confirmed, and
 * what was typed since. The screen shows all three, one upon the other. Pure transitions; each says what the screen has to do.
 */
import { diffTexts } from '../domain/diff.ts';
import type { HistoryItem } from '../domain/messages.ts';
import {
  applyOperation,
  composeAll,
  composeOperations,
  insertedLength,
  invertOperation,
  isNoop,
  type Operation,
  splitOperation,
  transformOperations,
} from '../domain/operation.ts';
import { ProtocolError } from './server-frame.ts';

export type SentEdit = { readonly operation: Operation; readonly sequence: number };

export type PendingEdits = {
  readonly confirmed: string;
  readonly outstanding: SentEdit | null;
  readonly buffer: Operation | null;
};

/** `change`: what the screen has to do to show `next`; null for nothing. */
export type Step = { readonly next: PendingEdits; readonly change: Operation | null };

export const screenText = ({ confirmed, outstanding, buffer }: PendingEdits): string => {
  const sent = outstanding === null ? confirmed : applyOperation(confirmed, outstanding.operation);
  return buffer === null ? sent : applyOperation(sent, buffer);
};

/** A local edit, on the screen already. */
export const bufferEdit = (pending: PendingEdits, operation: Operation): PendingEdits => {
  const buffer = pending.buffer === null ? operation : composeOperations(pending.buffer, operation);
  return { ...pending, buffer: isNoop(buffer) ? null : buffer };
};

/**
 * Sends the buffer, or as much of it from its beginning as `fits`; the rest stays. Nothing may be outstanding. Null when there
 * is nothing to send.
 */
export const sendBuffer = (
  pending: PendingEdits,
  sequence: number,
  fits: (operation: Operation) => boolean,
): PendingEdits | null => {
  let operation = pending.buffer;
  if (operation === null) return null;
  let rest: Operation | null = null;
  while (!fits(operation)) {
    const [head, tail] = splitOperation(operation);
    if (isNoop(head) || isNoop(tail)) break;
    operation = head;
    rest = rest === null ? tail : composeOperations(tail, rest);
  }
  return { ...pending, outstanding: { operation, sequence }, buffer: rest };
};

/**
 * Operations that the server has applied, in order. `isOwn` says of the item at an index whether it is the outstanding edit.
 * Throws ProtocolError if it cannot be, or if an operation does not fit the text: the two sides have come apart.
 */
export const followHistory = (
  pending: PendingEdits,
  items: readonly HistoryItem[],
  isOwn: (item: HistoryItem, index: number, outstanding: SentEdit | null) => boolean,
): Step => {
  let { outstanding, buffer } = pending;
  const changes: Operation[] = [];
  for (const [index, item] of items.entries()) {
    if (isOwn(item, index, outstanding)) {
      if (outstanding === null) throw new ProtocolError('an operation in our name that we did not send');
      if (!isSame(item.operation, outstanding.operation)) throw new ProtocolError('our operation is not what we sent');
      outstanding = null;
      continue;
    }
    let change = item.operation;
    try {
      if (outstanding !== null) {
        const [operation, past] = transformOperations(outstanding.operation, change);
        outstanding = { ...outstanding, operation };
        change = past;
      }
      if (buffer !== null) [buffer, change] = transformOperations(buffer, change);
    } catch (cause) {
      throw new ProtocolError('an operation of History does not fit our text', { cause });
    }
    changes.push(change);
  }
  try {
    const confirmed = applyAll(
      pending.confirmed,
      items.map(({ operation }) => operation),
    );
    return { next: { confirmed, outstanding, buffer: dropNoop(buffer) }, change: compose(changes) };
  } catch (cause) {
    throw new ProtocolError('an operation of History does not fit our text', { cause });
  }
};

/**
 * The whole text, where the operations up to it are not to be had: what happened meanwhile is worked out from the difference,
 * and the edits of this client follow it as they would have followed the operations. `acknowledged`: the text has the
 * outstanding edit; null if the server cannot say.
 */
export const mergeSnapshot = (pending: PendingEdits, text: string, acknowledged: boolean | null): Step => {
  const { confirmed, outstanding, buffer } = pending;
  const isIn = outstanding !== null && (acknowledged ?? seemsToHave(text, confirmed, outstanding.operation));
  let sent = isIn ? null : outstanding;
  let change = diffTexts(isIn ? applyOperation(confirmed, outstanding.operation) : confirmed, text);
  if (sent !== null) {
    const [operation, past] = transformOperations(sent.operation, change);
    sent = { ...sent, operation };
    change = past;
  }
  let rest = buffer;
  if (rest !== null) [rest, change] = transformOperations(rest, change);
  return { next: { confirmed: text, outstanding: sent, buffer: dropNoop(rest) }, change: isNoop(change) ? null : change };
};

/**
 * The server has forgotten whether it has our edit (its database is from an earlier time, or that part of its history was
 * folded). It has, if most of what we inserted is there and the text is closer to ours with the edit than without. A mere
 * delete need not be known: sent once more, it finds nothing to delete.
 */
const seemsToHave = (text: string, confirmed: string, sent: Operation): boolean => {
  const inserted = insertedLength(sent);
  if (inserted === 0) return false;
  const after = diffTexts(applyOperation(confirmed, sent), text);
  const kept = insertedLength(composeOperations(sent, after)) - insertedLength(after);
  return kept * 2 >= inserted && extent(after) < extent(diffTexts(confirmed, text));
};

/** Gives up the outstanding edit, or with `all` everything that is not confirmed. */
export const takeBack = (pending: PendingEdits, { all }: { readonly all: boolean }): Step => {
  const { confirmed, outstanding, buffer } = pending;
  const given = all
    ? compose([outstanding?.operation, buffer].filter((part) => part !== undefined && part !== null))
    : outstanding?.operation;
  if (given === undefined || given === null) return { next: { ...pending, outstanding: null }, change: null };
  const inverse = invertOperation(given, confirmed);
  if (all || buffer === null) return { next: { confirmed, outstanding: null, buffer: null }, change: inverse };
  const [rest, change] = transformOperations(buffer, inverse);
  return { next: { confirmed, outstanding: null, buffer: dropNoop(rest) }, change };
};

const applyAll = (text: string, operations: readonly Operation[]): string => {
  const all = compose(operations);
  return all === null ? text : applyOperation(text, all);
};

const compose = ([first, ...rest]: readonly Operation[]): Operation | null =>
  first === undefined ? null : composeAll([first, ...rest]);

const isSame = (a: Operation, b: Operation): boolean => a.length === b.length && a.every((component, i) => component === b[i]);

const dropNoop = (operation: Operation | null): Operation | null => (operation === null || isNoop(operation) ? null : operation);

// Code points inserted and deleted.
const extent = (operation: Operation): number => {
  let deleted = 0;
  for (const component of operation) if (typeof component === 'number' && component < 0) deleted -= component;
  return insertedLength(operation) + deleted;
};
