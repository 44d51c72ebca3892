/** Columns of text, as wide as their longest cell. */
import { fit, type Style, widthOf } from './style.ts';

export type Table = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns whose cells stand at the right, by number. */
  readonly right?: readonly number[];
};

/** One string per line, without trailing spaces. `width` cuts the last column only: the others are names and numbers. */
export const renderTable = (table: Table, options: { readonly style: Style; readonly width: number }): string[] => {
  const widths = table.head.map((title, column) =>
    Math.max(widthOf(title), ...table.rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)));
      return table.right?.includes(column) ? space + cell : column === cells.length - 1 ? cell : cell + space;
    });
    return fit(padded.join('  ').trimEnd(), options.width);
  };
  return [options.style.dim(line(table.head)), ...table.rows.map(line)];
};
