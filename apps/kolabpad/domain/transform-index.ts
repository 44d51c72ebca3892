/** Where a place in the text is after an edit by somebody else. */
import type { Operation } from './operation-form.ts';
import { codePointLength } from './text.ts';

/** Both in code points, never below 0. An insert exactly at the place pushes it to the right. */
export const transformIndex = (operation: Operation, position: number): number => {
  let ahead = position;
  let moved = position;
  for (const component of operation) {
    if (typeof component === 'string') moved += codePointLength(component);
    else {
      if (component < 0 && ahead > 0) moved -= Math.min(ahead, -component);
      ahead -= Math.abs(component);
    }
    if (ahead < 0) break;
  }
  return Math.max(moved, 0);
};

type Cursors = {
  readonly cursors: readonly number[];
  readonly selections: readonly (readonly [number, number])[];
};

export const transformCursors = (operation: Operation, data: Cursors): Cursors => ({
  cursors: data.cursors.map((position) => transformIndex(operation, position)),
  selections: data.selections.map(([from, to]) => [transformIndex(operation, from), transformIndex(operation, to)] as const),
});
