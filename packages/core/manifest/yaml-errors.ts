import type { YAMLError } from 'yaml';
import type { Finding } from './problem.ts';

/** What the YAML library found, in the words of somebody who wants to fix it. */
export const describeYamlError = (error: YAMLError): Finding => {
  const [start, end] = error.pos;
  const { message, suggestion } = explain(error);
  return { path: [], message, suggestion, span: { start, end: Math.max(end, start + 1) } };
};

const explain = (error: YAMLError): { message: string; suggestion: string | null } => {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab may not indent in YAML', suggestion: 'indent with spaces' };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'this reads as a key inside a value',
        suggestion: 'put quotes around a value that contains ": ", and check the indentation',
      };
    case 'BAD_SCALAR_START':
      return {
        message: 'a value or key may not begin with this character unless it is quoted',
        suggestion: 'put quotes around it, as in "@"',
      };
    case 'BAD_ALIAS':
      return { message: 'an asterisk begins an alias in YAML', suggestion: 'put quotes around it if you mean the character' };
    case 'BAD_INDENT':
      return { message: 'the indentation does not fit the lines above', suggestion: 'align it with its neighbours' };
    case 'RESOURCE_EXHAUSTION':
      return { message: 'this is nested too deeply', suggestion: null };
    case 'TAG_RESOLVE_FAILED':
      return { message: 'this tag has no meaning here', suggestion: 'put quotes around it if you mean the text' };
    case 'NON_STRING_KEY':
      return { message: 'a key is a plain name', suggestion: null };
    default:
      return { message: lowerFirst(error.message), suggestion: null };
  }
};

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
