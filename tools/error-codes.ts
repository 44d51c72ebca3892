/** The error codes that users can meet, read from the source: the functions in every errors.ts, and the launcher's. */
import { readText, repositoryFiles } from './source-tree.ts';

export type ErrorCode = { code: string; file: string; message: string; hints: string[] };

/** Codes built where they are not looked for, so that nothing stays undocumented. */
export const strayErrorCodes = (): string[] =>
  repositoryFiles()
    .filter(
      (file) =>
        /^(?:packages|programs)\/.*\.ts$/.test(file) &&
        !/\.test\.ts$|\/fake-[^/]+$|\/testing(?:\/|\.ts$)/.test(file) &&
        !isErrorsFile(file),
    )
    .filter((file) => /new BerthError\(\s*['"`]/.test(readText(file)));

export const errorCodes = (): ErrorCode[] =>
  [...repositoryFiles().filter(isErrorsFile).flatMap(codesOfErrorsFile), ...codesOfLauncher()].toSorted((a, b) =>
    a.code < b.code ? -1 : 1,
  );

const isErrorsFile = (file: string): boolean => /^(?:packages|programs)\/(?:.*\/)?(?:[a-z-]+-)?errors\.ts$/.test(file);

const codesOfErrorsFile = (file: string): ErrorCode[] => {
  const source = readText(file);
  return [...source.matchAll(/new BerthError\(/g)].flatMap((match) => {
    const [code, message, options] = argumentsAt(source, match.index + match[0].length);
    const literal = /^'([A-Z0-9_]+)'$/.exec(code?.trim() ?? '')?.[1];
    // Received errors are rebuilt with a code from outside: not a code of that file.
    if (literal === undefined) return [];
    return [{ code: literal, file, message: textsIn(message ?? '').join(' / ') || '…', hints: hintsIn(options ?? '') }];
  });
};

const codesOfLauncher = (): ErrorCode[] =>
  [
    ...readText('berth').matchAll(/fail (LAUNCHER_\w+) "([^\n]*)" \\\n\s+"([^\n]*)"|fail (LAUNCHER_\w+) "([^"]*)" "([^"]*)"/g),
  ].map((match) => ({
    code: match[1] ?? match[4] ?? '',
    file: 'berth',
    message: shellNames(match[2] ?? match[5] ?? ''),
    hints: [shellNames(match[3] ?? match[6] ?? '')],
  }));

const shellNames = (text: string): string => text.replaceAll(/\$\{?(\w+)\}?/g, '<$1>');

/** The arguments of a call as source text, split at the commas that belong to it. */
const argumentsAt = (source: string, start: number): string[] => {
  const parts: string[] = [];
  let from = start;
  let depth = 0;
  for (let at = start; at < source.length; at += 1) {
    const char = source[at] ?? '';
    if (char === "'" || char === '"' || char === '`') at = endOfText(source, at);
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char) && depth > 0) depth -= 1;
    else if (char === ')' || (char === ',' && depth === 0)) {
      parts.push(source.slice(from, at));
      from = at + 1;
      if (char === ')') break;
    }
  }
  return parts;
};

/** The index of the quote that ends the text beginning at `start`; templates nest. */
const endOfText = (source: string, start: number): number => {
  const quote = source[start];
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === quote) return at;
    else if (quote === '`' && source.startsWith('${', at)) at = endOfPlaceholder(source, at);
  }
  throw new Error(`a text without an end at character ${start}`);
};

const endOfPlaceholder = (source: string, start: number): number => {
  let depth = 0;
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source[at] ?? '';
    if (char === "'" || char === '"' || char === '`') at = endOfText(source, at);
    else if (char === '{') depth += 1;
    else if (char === '}' && --depth === 0) return at;
  }
  throw new Error(`a placeholder without an end at character ${start}`);
};

/** The texts of the `hint` property of an object literal; `…` for one that is put together elsewhere. */
const hintsIn = (options: string): string[] => {
  const start = options.search(/\bhint(?:,|:|\s*\})/);
  if (start < 0) return [];
  if (options[start + 4] !== ':') return ['…'];
  // As an argument list, the value ends at the first comma of its own, or with the object.
  const texts = textsIn(argumentsAt(options.slice(start + 5).replace(/\}\s*$/, ')'), 0)[0] ?? '');
  return texts.length === 0 ? ['…'] : texts;
};

/** Every text literal in an expression, in order, with its placeholders as <names>. */
const textsIn = (expression: string): string[] => {
  const texts: string[] = [];
  for (let at = 0; at < expression.length; at += 1) {
    if (!["'", '"', '`'].includes(expression[at] ?? '')) continue;
    const end = endOfText(expression, at);
    // Short ones are separators (a join, a comparison), not sentences.
    if (end - at > 4) texts.push(withNames(expression.slice(at + 1, end)));
    at = end;
  }
  return texts;
};

const withNames = (text: string): string => {
  let readable = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith('${', at)) {
      const end = endOfPlaceholder(text, at);
      const expression = text.slice(at + 2, end).trim();
      readable += /^[\w.]+$/.test(expression) ? `<${expression.split('.').at(-1)}>` : '…';
      at = end;
    } else if (text[at] === '\\') {
      at += 1;
      readable += text[at] === 'n' ? ' ' : (text[at] ?? '');
    } else readable += text[at];
  }
  return readable;
};
