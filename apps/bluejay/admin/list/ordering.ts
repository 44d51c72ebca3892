/** Orders that are made by hand: what a button or a drag means for the order of all records. Pure. */

/** The ids with one of them a step up or down; unchanged at either end, undefined for an id that is not among them. */
export const movedByOne = (ids: readonly number[], id: number, direction: 'up' | 'down'): readonly number[] | undefined => {
  const from = ids.indexOf(id);
  if (from === -1) return undefined;
  const to = Math.min(Math.max(from + (direction === 'up' ? -1 : 1), 0), ids.length - 1);
  return ids.toSpliced(from, 1).toSpliced(to, 0, id);
};

/**
 * The ids with `part` of them, a page of a list, in a new order among themselves, in the places that they already had.
 * Undefined when the part names one twice, or one that is not there.
 */
export const reorderedWithin = (ids: readonly number[], part: readonly number[]): readonly number[] | undefined => {
  const members = new Set(part);
  const known = new Set(ids);
  if (members.size !== part.length || part.some((id) => !known.has(id))) return undefined;
  const queue = part.values();
  return ids.map((id) => (members.has(id) ? (queue.next().value ?? id) : id));
};
