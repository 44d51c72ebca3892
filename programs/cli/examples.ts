/** Examples of a command: in its help, and in docs/cli.md. */
import type { Command } from 'commander';

export type Example = readonly [command: string, meaning: string];

const known = new WeakMap<Command, readonly Example[]>();

export const withExamples = (command: Command, examples: readonly Example[]): Command => {
  known.set(command, examples);
  const width = Math.max(...examples.map(([text]) => text.length));
  const lines = examples.map(([text, meaning]) => `  ${text.padEnd(width)}  # ${meaning}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
};

export const examplesOf = (command: Command): readonly Example[] => known.get(command) ?? [];
