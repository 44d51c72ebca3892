import type { BerthError } from '@berth/core';
import type { Terminal } from './terminal.ts';

/** `Error:` what happened, `Try:` what to do, and the code to look up. */
export const renderError = (error: BerthError, { style }: Pick<Terminal, 'style'>): string[] => [
  `${style.red('Error:')} ${error.message.trimEnd()}`,
  `${style.cyan('Try:')} ${style.hint(error.hint.trimEnd())}`,
  style.dim(`(${error.code})`),
];

/** For --json: on standard output, since that is what a script reads. */
export const errorJson = ({ code, message, hint, fields }: BerthError): unknown => ({ error: { code, message, hint, fields } });
