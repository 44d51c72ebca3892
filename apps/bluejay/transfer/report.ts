/** What came of a transfer, or would come of it: counted by kind, with the reasons why something stays behind. */
import { lineOf } from '../content/typed-text.ts';

export type Outcome = 'created' | 'updated' | 'left' | 'refused';

export type Report = {
  count(kind: string, outcome: Outcome): void;
  /** Something of the kind cannot be taken; `why` is a sentence. */
  refuse(kind: string, title: string, why: string): void;
  /** Something that is not taken, or not as it was. The same words are said once, with how often. */
  leftOut(what: string, why: string): void;
  total(outcome: Outcome): number;
  lines(options?: { readonly dryRun?: boolean }): readonly string[];
};

/** Of each list so many are printed; a file of garbage must not fill the screen, nor the memory. */
const MOST_LINES = 200;
const LONGEST_TEXT = 200;

export const createReport = (): Report => {
  const counts = new Map<string, Record<Outcome, number>>();
  const refused = createList();
  const left = createList();
  const count = (kind: string, outcome: Outcome): void => {
    const of = counts.get(kind) ?? { created: 0, updated: 0, left: 0, refused: 0 };
    of[outcome] += 1;
    counts.set(kind, of);
  };
  return {
    count,
    refuse(kind, title, why) {
      count(kind, 'refused');
      refused.add(`${kind} “${printable(title)}”: ${printable(why)}`);
    },
    leftOut(what, why) {
      left.add(`${printable(what)}: ${printable(why)}`);
    },
    total: (outcome) => [...counts.values()].reduce((sum, of) => sum + of[outcome], 0),
    lines: ({ dryRun = false } = {}) => [
      ...(dryRun ? ['A dry run: nothing is written.', ''] : []),
      ...table([
        ['', 'new', 'changed', 'same', 'refused'],
        ...[...counts].map(([kind, of]) => [kind, of.created, of.updated, of.left, of.refused].map(String)),
      ]),
      ...refused.lines('Refused:'),
      ...left.lines('Left out:'),
    ],
  };
};

const createList = () => {
  const lines = new Map<string, number>();
  let more = 0;
  return {
    add(line: string): void {
      if (lines.has(line) || lines.size < MOST_LINES) lines.set(line, (lines.get(line) ?? 0) + 1);
      else more += 1;
    },
    lines: (heading: string): readonly string[] =>
      lines.size === 0
        ? []
        : [
            '',
            heading,
            ...[...lines].map(([line, times]) => `  ${line}${times === 1 ? '' : ` (${times} times)`}`),
            ...(more === 0 ? [] : [`  and ${more} more`]),
          ],
  };
};

/** Texts of a file of somebody else must not steer the terminal. */
const printable = (text: string): string => {
  const line = lineOf(text);
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
};

const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
};
