/** Questions on the terminal. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { cancelled } from '../errors.ts';
import type { Terminal } from './terminal.ts';

export const ask = (terminal: Terminal, question: string): Promise<string> => answer(terminal, question, terminal.err);

/** Whether it was answered with y or yes. */
export const isAgreed = async (terminal: Terminal, question: string): Promise<boolean> =>
  /^y(es)?$/i.test((await ask(terminal, question)).trim());

/** Resolves when the name was typed; throws CLI_CANCELLED, with `otherwise` as its message, for anything else. */
export const confirmName = async (
  terminal: Terminal,
  { question, name, otherwise }: { question: string; name: string; otherwise: string },
): Promise<void> => {
  const typed = await ask(terminal, `${question} Type its name to go on: `);
  if (typed.trim() !== name) throw cancelled(otherwise);
};

/** What is typed is not shown. */
export const askHidden = async (terminal: Terminal, question: string): Promise<string> => {
  terminal.err.write(question);
  const text = await answer(terminal, '', new Writable({ write: (_chunk, _encoding, done) => done() }));
  terminal.err.write('\n');
  return text;
};

const answer = async (terminal: Terminal, question: string, output: NodeJS.WritableStream): Promise<string> => {
  const lines = createInterface({ input: terminal.input, output, terminal: true });
  const leaving = new AbortController();
  lines.once('SIGINT', () => leaving.abort());
  lines.once('close', () => leaving.abort());
  try {
    return await lines.question(question, { signal: leaving.signal });
  } catch (thrown) {
    if (leaving.signal.aborted) throw cancelled('nothing was changed');
    throw thrown;
  } finally {
    lines.close();
  }
};
