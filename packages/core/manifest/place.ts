import { type Finding, formatPath, type ManifestProblem, type Path } from './problem.ts';
import { findLocated, type Located } from './source.ts';

type Text = { readonly text: string; readonly file: string; readonly root: Located | null };

/** Problems with their lines, columns and text, in the order of the text and each once. `root` is null when the text is no YAML. */
export const placeFindings = (findings: readonly Finding[], source: Text): ManifestProblem[] => {
  const lineStarts = [0];
  for (let at = source.text.indexOf('\n'); at !== -1; at = source.text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  const placed = findings
    .map((finding) => ({ finding, ...placeOf(finding, source) }))
    .sort((a, b) => a.start - b.start)
    .map(({ finding, start, end, path }): ManifestProblem => {
      const line = lineAt(lineStarts, start);
      return {
        file: source.file,
        line,
        column: start - (lineStarts[line - 1] ?? 0) + 1,
        path: formatPath(path),
        text: excerpt(source.text.slice(start, end)),
        message: finding.message,
        suggestion: finding.suggestion,
      };
    });
  // A shared anchor, or two checks of one value, would say the same thing of the same place twice.
  const seen = new Set<string>();
  return placed.filter(({ line, column, message }) => {
    const same = `${line}:${column}:${message}`;
    return !seen.has(same) && seen.add(same);
  });
};

type Place = { readonly start: number; readonly end: number; readonly path: Path };

const placeOf = (finding: Finding, { text, root }: Text): Place => {
  const { path } = finding;
  if (finding.span) return { ...clamp(finding.span, text), path };
  if (root === null || path.length === 0) return { start: 0, end: 0, path };
  const { at, key, depth, exact } = findLocated(root, path);
  if (!exact && key === null) return { start: at.start, end: at.start, path };
  if (finding.part !== undefined) {
    const start = text.indexOf(finding.part, at.start);
    if (start !== -1 && start < at.end) return { start, end: start + finding.part.length, path };
  }
  if (key !== null && finding.atKey === true) return { ...clamp(key, text), path };
  // A short form has no parts of its own: what is wrong with its `to` is wrong with the text itself.
  const shortForm = !exact && at.children.size === 0 && typeof at.value === 'string';
  if (shortForm) return { ...clamp(at, text), path: path.slice(0, depth) };
  return { ...clamp(key !== null && (!exact || at.block) ? key : at, text), path };
};

const clamp = ({ start, end }: { start: number; end: number }, text: string) => ({
  start: Math.min(start, text.length),
  end: Math.min(end, text.length),
});

const lineAt = (lineStarts: readonly number[], offset: number): number => {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
};

const LONGEST_EXCERPT = 60;

const excerpt = (text: string): string => {
  const [line = ''] = text.split('\n');
  const trimmed = line.trimEnd();
  return trimmed.length > LONGEST_EXCERPT ? `${trimmed.slice(0, LONGEST_EXCERPT - 1)}…` : trimmed;
};
