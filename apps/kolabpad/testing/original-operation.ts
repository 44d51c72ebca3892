/**
 * Operational transformation as the original's library does it, written a second time for the tests alone: a mistake that
 * the application makes must not be made here as well, so nothing is imported from it.
 */

/** A string inserts, n > 0 retains n code points, n < 0 deletes -n; always in normal form. */
export type OriginalOperation = readonly (string | number)[];

/** From the wire. Throws a TypeError for anything that the original would not read. */
export const parseOriginal = (value: unknown): OriginalOperation => {
  if (!Array.isArray(value)) throw new TypeError(`an operation is an array, not ${JSON.stringify(value)}`);
  const parts = new Parts();
  for (const part of value as unknown[]) {
    if (typeof part === 'string') parts.insert(part.toWellFormed());
    else if (typeof part !== 'number') throw new TypeError(`not a part of an operation: ${JSON.stringify(part)}`);
    else if (part > 0) parts.retain(Math.trunc(part));
    else parts.remove(-Math.trunc(part));
  }
  return parts.list;
};

/** Length in code points of the text that an operation applies to. */
export const baseLength = (operation: OriginalOperation): number =>
  operation.reduce<number>((sum, part) => sum + (typeof part === 'string' ? 0 : Math.abs(part)), 0);

export const targetLength = (operation: OriginalOperation): number =>
  operation.reduce<number>((sum, part) => sum + (typeof part === 'string' ? codePoints(part) : Math.max(part, 0)), 0);

export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

export const applyOriginal = (operation: OriginalOperation, text: string): string => {
  const characters = Array.from(text);
  if (baseLength(operation) !== characters.length) {
    throw new RangeError(`operation for ${baseLength(operation)} characters, text of ${characters.length}`);
  }
  let at = 0;
  let result = '';
  for (const part of operation) {
    if (typeof part === 'string') result += part;
    else {
      if (part > 0) result += characters.slice(at, at + part).join('');
      at += Math.abs(part);
    }
  }
  return result;
};

/** One operation that does first `a`, then `b`. */
export const composeOriginal = (a: OriginalOperation, b: OriginalOperation): OriginalOperation => {
  if (targetLength(a) !== baseLength(b)) throw new RangeError('these operations do not follow each other');
  const [left, right, out] = [new Reader(a), new Reader(b), new Parts()];
  for (;;) {
    const [x, y] = [left.head, right.head];
    if (x === undefined && y === undefined) return out.list;
    if (typeof x === 'number' && x < 0) out.remove(left.take(-x).length);
    else if (typeof y === 'string') out.insert(right.take(codePoints(y)).text);
    else {
      const length = Math.min(lengthOf(x), lengthOf(y));
      const [first, second] = [left.take(length), right.take(length)];
      if (first.kind === 'insert' && second.kind === 'retain') out.insert(first.text);
      else if (first.kind === 'retain' && second.kind === 'retain') out.retain(length);
      else if (first.kind === 'retain') out.remove(length);
    }
  }
};

/** [a', b'] of two operations on the same text, so that a then b' makes the same text as b then a'. */
export const transformOriginal = (
  a: OriginalOperation,
  b: OriginalOperation,
): readonly [OriginalOperation, OriginalOperation] => {
  if (baseLength(a) !== baseLength(b)) throw new RangeError('these operations are not for the same text');
  const [left, right, outA, outB] = [new Reader(a), new Reader(b), new Parts(), new Parts()];
  for (;;) {
    const [x, y] = [left.head, right.head];
    if (x === undefined && y === undefined) return [outA.list, outB.list];
    const order = typeof x === 'string' && typeof y === 'string' ? compareByCodePoint(x, y) : null;
    if (order === 0) {
      for (const [reader, out] of [
        [left, outA],
        [right, outB],
      ] as const) {
        const { text, length } = reader.take(lengthOf(x));
        out.insert(text);
        out.retain(length);
      }
      continue;
    }
    if (typeof x === 'string' && (order === null || order < 0)) {
      const { text, length } = left.take(lengthOf(x));
      outA.insert(text);
      outB.retain(length);
      continue;
    }
    if (typeof y === 'string') {
      const { text, length } = right.take(lengthOf(y));
      outB.insert(text);
      outA.retain(length);
      continue;
    }
    const length = Math.min(lengthOf(x), lengthOf(y));
    const [first, second] = [left.take(length), right.take(length)];
    if (first.kind === 'retain' && second.kind === 'retain') {
      outA.retain(length);
      outB.retain(length);
    } else if (second.kind === 'retain') outA.remove(length);
    else if (first.kind === 'retain') outB.remove(length);
  }
};

/** Where a position is once the operation is done; an insertion exactly there pushes it to the right. */
export const transformPosition = (operation: OriginalOperation, position: number): number => {
  let [index, moved] = [position, position];
  for (const part of operation) {
    if (typeof part === 'string') moved += codePoints(part);
    else if (part > 0) index -= part;
    else {
      if (index > 0) moved -= Math.min(index, -part);
      index += part;
    }
    if (index < 0) break;
  }
  return Math.max(moved, 0);
};

type Taken = { readonly kind: 'insert' | 'retain' | 'delete'; readonly text: string; readonly length: number };

/** Builds the normal form: equal neighbours become one, and an insert stands before the delete that it follows. */
class Parts {
  readonly list: (string | number)[] = [];

  retain(length: number): void {
    const last = this.list.at(-1);
    if (length === 0) return;
    if (typeof last === 'number' && last > 0) this.list[this.list.length - 1] = last + length;
    else this.list.push(length);
  }

  remove(length: number): void {
    const last = this.list.at(-1);
    if (length === 0) return;
    if (typeof last === 'number' && last < 0) this.list[this.list.length - 1] = last - length;
    else this.list.push(-length);
  }

  insert(text: string): void {
    if (text === '') return;
    const last = this.list.at(-1);
    const deleted = typeof last === 'number' && last < 0 ? this.list.pop() : undefined;
    const before = this.list.at(-1);
    if (typeof before === 'string') this.list[this.list.length - 1] = before + text;
    else this.list.push(text);
    if (deleted !== undefined) this.list.push(deleted);
  }
}

/** Gives an operation in pieces as long as they are asked for. */
class Reader {
  head: string | number | undefined;
  readonly #rest: (string | number)[];

  constructor(operation: OriginalOperation) {
    this.#rest = [...operation];
    this.head = this.#rest.shift();
  }

  take(length: number): Taken {
    const { head } = this;
    if (head === undefined || lengthOf(head) < length) throw new RangeError('the operation is too short');
    if (typeof head === 'string') {
      const characters = Array.from(head);
      this.#leave(characters.slice(length).join('') || undefined);
      return { kind: 'insert', text: characters.slice(0, length).join(''), length };
    }
    this.#leave(head - Math.sign(head) * length || undefined);
    return { kind: head > 0 ? 'retain' : 'delete', text: '', length };
  }

  #leave(remainder: string | number | undefined): void {
    this.head = remainder ?? this.#rest.shift();
  }
}

const lengthOf = (part: string | number | undefined): number =>
  typeof part === 'string' ? codePoints(part) : Math.abs(part ?? 0);

/** As UTF-8 bytes compare; `<` would put astral characters, whose first unit is U+D800 or more, before U+E000. */
const compareByCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
