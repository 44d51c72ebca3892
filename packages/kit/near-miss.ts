/** Which known variable somebody meant who wrote another name. */

const SHORTEST_NAME = 5;
const MOST_EDITS = 2;

/**
 * The known name that `name` is probably a slip of: at most two letters are different, it stops before the last word, or
 * the last word is another (`WS_TIMEOUT_SECONDS` for `WS_TIMEOUT_MINUTES`). Short names are too easily alike to be judged.
 */
export const meantName = (name: string, known: readonly string[]): string | undefined => {
  if (name.length < SHORTEST_NAME) return undefined;
  const candidates = known
    .filter((candidate) => candidate.length >= SHORTEST_NAME)
    .map((candidate) => ({ candidate, edits: editDistance(name.toUpperCase(), candidate.toUpperCase(), MOST_EDITS) }))
    .toSorted((a, b) => a.edits - b.edits);
  const closest = candidates[0];
  if (closest !== undefined && closest.edits <= MOST_EDITS) return closest.candidate;
  return known.find((candidate) => sharesItsBeginning(name.toUpperCase(), candidate.toUpperCase()));
};

/** Three words or more of which only the last is missing or different. */
const sharesItsBeginning = (name: string, candidate: string): boolean => {
  const beginning = candidate.split('_').slice(0, -1);
  if (beginning.length < 2) return false;
  const words = name.split('_');
  return words.slice(0, beginning.length).join('_') === beginning.join('_') && words.length <= beginning.length + 1;
};

/** How many letters to add, remove or replace, or neighbours to swap; anything above `most` comes back as more than it. */
const editDistance = (a: string, b: string, most: number): number => {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let best = Math.min(replaced, at(last, column) + 1, at(current, column - 1) + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, at(beforeLast, column - 2) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
};

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
