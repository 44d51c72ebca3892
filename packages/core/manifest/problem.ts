/** One mistake, or one warning, with the place it is at. */
export type ManifestProblem = {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
  /** e.g. services.web.health.every, routes["pad.example.com"]["/api/"].limit; empty for the file as a whole. */
  readonly path: string;
  /** The text or key that is wrong, shortened. */
  readonly text: string;
  /** The reason. */
  readonly message: string;
  /** What to do, a phrase such as "did you mean `instances`?". */
  readonly suggestion: string | null;
};

export type Path = readonly (string | number)[];

/** A problem before it is placed. */
export type Finding = {
  readonly path: Path;
  readonly message: string;
  readonly suggestion: string | null;
  /** Point at the key rather than at its value. */
  readonly atKey?: boolean;
  /** Says that something is missing here: idle talk when what was there has been refused already. */
  readonly absence?: boolean;
  /** A part of the value to point at, e.g. one reference in a longer text. */
  readonly part?: string;
  /** Offsets in the file, where they are known better than by path. */
  readonly span?: { readonly start: number; readonly end: number };
};

export const formatPath = (path: Path): string =>
  path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(segment)) return `${text}[${JSON.stringify(segment)}]`;
    return text === '' ? segment : `${text}.${segment}`;
  }, '');

/** One line per problem: file:line:column: reason (suggestion). */
export const formatProblem = (problem: ManifestProblem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.message}${problem.suggestion === null ? '' : ` (${problem.suggestion})`}`;

/** As a compiler shows it: place and reason, the line, a caret below the text, and what to do. Ends with a newline. */
export const renderProblems = (text: string, problems: readonly ManifestProblem[]): string => {
  const lines = text.split('\n');
  return problems.map((problem) => renderProblem(lines[problem.line - 1] ?? '', problem)).join('\n');
};

const WIDEST_LINE = 120;

const renderProblem = (line: string, problem: ManifestProblem): string => {
  // A very long line is cut to a window around the mistake.
  const from = problem.column - 1 > WIDEST_LINE - 40 ? problem.column - 41 : 0;
  const shown = line
    .slice(from, from + WIDEST_LINE)
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ')
    .trimEnd();
  // Tabs are kept in the padding, so that the caret stands right whatever the terminal makes of them.
  const padding = shown
    .slice(0, problem.column - 1 - from)
    .replace(/[^\t]/g, ' ')
    .padEnd(problem.column - 1 - from);
  const carets = '^'.repeat(Math.max(1, Math.min(problem.text.length, shown.length - padding.length)));
  const gutter = String(problem.line);
  const margin = ' '.repeat(gutter.length);
  return [
    `${problem.file}:${problem.line}:${problem.column}  ${problem.message}`,
    ` ${gutter} | ${from > 0 ? '…' : ''}${shown}`.trimEnd(),
    ` ${margin} | ${from > 0 ? ' ' : ''}${padding}${carets}`,
    ...(problem.suggestion === null ? [] : [` ${margin} = ${problem.suggestion}`]),
    '',
  ].join('\n');
};
