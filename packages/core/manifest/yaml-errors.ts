import type { YAMLError } from 'yaml';
import type { Finding } from './problem.ts';

/** What the YAML library found, in the words of somebody who wants to fix it. */
export const describeYamlError = (error: YAMLError): Finding => {
  const [start, end] = error.pos;
  const { message, suggestion } = explain(error);
  return { path: [], message, suggestion, span: { start, end: Math.max(end, start + 1) } };
};

type Explanation = { readonly message: string; readonly suggestion: string | null };

const insideValue: Explanation = {
  message: 'this reads as a key inside a value',
  suggestion: 'put quotes around a value that contains ": ", and check the indentation',
};

const unexpected: Explanation = {
  message: 'this does not belong here in YAML',
  suggestion: 'check the quotes, brackets and indentation before it',
};

const explanations: { readonly [code in YAMLError['code']]?: Explanation } = {
  TAB_AS_INDENT: { message: 'a tab may not indent in YAML', suggestion: 'indent with spaces' },
  BLOCK_AS_IMPLICIT_KEY: insideValue,
  MULTILINE_IMPLICIT_KEY: insideValue,
  BAD_SCALAR_START: {
    message: 'a value or key may not begin with this character unless it is quoted',
    suggestion: 'put quotes around it, as in "@"',
  },
  BAD_ALIAS: { message: 'an asterisk begins an alias in YAML', suggestion: 'put quotes around it if you mean the character' },
  BAD_INDENT: { message: 'the indentation does not fit the lines above', suggestion: 'align it with its neighbours' },
  RESOURCE_EXHAUSTION: { message: 'this is nested too deeply', suggestion: null },
  TAG_RESOLVE_FAILED: { message: 'this tag has no meaning here', suggestion: 'put quotes around it if you mean the text' },
  UNEXPECTED_TOKEN: unexpected,
  BLOCK_IN_FLOW: {
    message: 'lines of their own cannot stand between { } or [ ]',
    suggestion: 'is a closing bracket missing above?',
  },
  NON_STRING_KEY: { message: 'a key is a plain name', suggestion: null },
};

/** For codes that stand for several mistakes. */
const byMessage: readonly (readonly [RegExp, Explanation])[] = [
  [/^Implicit map keys/, { message: 'after a key comes a colon and a value', suggestion: null }],
  [
    /^Flow .* must be sufficiently indented/,
    { message: 'a { or [ above this line is still open', suggestion: 'close it, or indent what belongs to it' },
  ],
];

const explain = (error: YAMLError): Explanation =>
  byMessage.find(([pattern]) => pattern.test(error.message))?.[1] ??
  explanations[error.code] ?? { message: lowerFirst(error.message), suggestion: null };

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
