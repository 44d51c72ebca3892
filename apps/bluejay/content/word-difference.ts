/** What changed between two texts, word by word. */

export type WordPart = { readonly kept: string } | { readonly removed: string } | { readonly added: string };

/**
 * What is kept and removed, put together, is the text before; what is kept and added the text after. Never two parts of one kind
 * in a row; what is removed stands before what is added in its place. Texts that differ in too much are compared line by line
 * first, and what then is still too much is one removal and one addition: the work is bounded.
 */
export const differenceOfWords = (before: string, after: string): readonly WordPart[] => {
  const steps = new Steps();
  const budget: Budget = { cells: MOST_CELLS };
  compare([tokensOf(before), tokensOf(after)], steps, budget, () => {
    compareLines(before, after, { steps, budget });
  });
  return steps.parts();
};

/** For each of the first list where it stands in the second, in an order that both share; the longest such. -1: nowhere. */
export const sharedOrder = (before: readonly string[], after: readonly string[]): readonly number[] => {
  const places = before.map(() => -1);
  if (before.length * after.length > MOST_CELLS) return places;
  let [from, to] = [0, 0];
  walk(before, after, {
    kept: () => {
      places[from] = to;
      from++;
      to++;
    },
    removed: () => from++,
    added: () => to++,
  });
  return places;
};

/** Cells of all tables of lengths: two bytes each, so 8 MB and some ten milliseconds at most. No entry is above 2,000. */
const MOST_CELLS = 4_000_000;

/** What is left of them. */
type Budget = { cells: number };

type Visitor = {
  readonly kept: (token: string) => void;
  readonly removed: (token: string) => void;
  readonly added: (token: string) => void;
};

/** Words, runs of space, and single signs. */
const tokensOf = (text: string): readonly string[] => text.match(/[\p{L}\p{M}\p{N}]+|\s+|[^\s\p{L}\p{M}\p{N}]/gu) ?? [];

const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const compare = (
  [before, after]: readonly [readonly string[], readonly string[]],
  visitor: Visitor,
  budget: Budget,
  tooMuch: () => void,
): void => {
  const shared = Math.min(before.length, after.length);
  let head = 0;
  while (head < shared && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shared - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const [left, right] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const cells = left.length * right.length;
  if (cells > budget.cells) {
    tooMuch();
    return;
  }
  budget.cells -= cells;
  for (const token of before.slice(0, head)) visitor.kept(token);
  walk(left, right, visitor);
  for (const token of before.slice(before.length - tail)) visitor.kept(token);
};

/** Lines that both have stay; what is between them is compared by its words where that is not too much. */
const compareLines = (
  before: string,
  after: string,
  { steps, budget }: { readonly steps: Steps; readonly budget: Budget },
): void => {
  let [removed, added] = ['', ''];
  const flush = (): void => {
    const [from, to] = [removed, added];
    [removed, added] = ['', ''];
    compare([tokensOf(from), tokensOf(to)], steps, budget, () => {
      steps.removed(from);
      steps.added(to);
    });
  };
  const lines: Visitor = {
    kept: (line) => {
      flush();
      steps.kept(line);
    },
    removed: (line) => {
      removed += line;
    },
    added: (line) => {
      added += line;
    },
  };
  compare([linesOf(before), linesOf(after)], lines, budget, () => {
    lines.removed(before);
    lines.added(after);
  });
  flush();
};

/** The longest common subsequence, by the table that everyone knows. */
const walk = (before: readonly string[], after: readonly string[], visitor: Visitor): void => {
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [from, to] = [before[i], after[j]];
    if (from !== undefined && from === to) {
      visitor.kept(from);
      i++;
      j++;
    } else if (from !== undefined && (to === undefined || at(i + 1, j) >= at(i, j + 1))) {
      visitor.removed(from);
      i++;
    } else {
      visitor.added(to ?? '');
      j++;
    }
  }
};

/** Collects; a space that is all that stayed between two changes goes with them, or every second word would be a part. */
class Steps implements Visitor {
  readonly #parts: WordPart[] = [];
  #removed = '';
  #added = '';
  #space = '';

  kept(text: string): void {
    const isChanging = this.#removed !== '' || this.#added !== '';
    if (isChanging && /^[^\S\n]+$/.test(text)) {
      this.#space += text;
      return;
    }
    this.#flush();
    const last = this.#parts.at(-1);
    if (last !== undefined && 'kept' in last) this.#parts[this.#parts.length - 1] = { kept: last.kept + text };
    else this.#parts.push({ kept: text });
  }

  removed(text: string): void {
    this.#takeSpace();
    this.#removed += text;
  }

  added(text: string): void {
    this.#takeSpace();
    this.#added += text;
  }

  parts(): readonly WordPart[] {
    this.#flush();
    return this.#parts;
  }

  #takeSpace(): void {
    this.#removed += this.#space;
    this.#added += this.#space;
    this.#space = '';
  }

  #flush(): void {
    const space = this.#space;
    if (this.#removed !== '') this.#parts.push({ removed: this.#removed });
    if (this.#added !== '') this.#parts.push({ added: this.#added });
    [this.#removed, this.#added, this.#space] = ['', '', ''];
    if (space !== '') this.#parts.push({ kept: space });
  }
}
