import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';

/** Prints a Markdown report and, when it is of a whole run in the full dose, keeps it with its data in `results/`. */
export function reportResults(
  name: string,
  report: { title: string; machine: Machine; sections: readonly string[]; data: object; keep: boolean },
): void {
  const { title, machine, sections, data, keep } = report;
  const date = new Date().toISOString();
  const versions = Object.entries(machine.versions).map(([program, version]) => `${program} ${version}`);
  const where = `${date.slice(0, 10)}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGB} GB, ${machine.system}, ${versions.join(', ')}.`;
  const text = `# ${title}\n\n${where} Written by \`node bench/${name}/main.ts\`.\n\n${sections.join('\n\n')}\n`;
  process.stdout.write(`\n${text}`);
  if (!keep) return;
  const directory = join(import.meta.dirname, 'results');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.md`), text);
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify({ date, machine, ...data }, null, 2)}\n`);
}

/** Columns as wide as their widest cell, so that the text reads as well as the rendered page. */
export function renderTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(cells[0] ?? []), rule, ...cells.slice(1).map(line)].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length === 0 ? Number.NaN : ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
