/** Parses the command line and runs its command. */
import type { Command, CommanderError } from 'commander';
import { readEnv } from './env.ts';
import { EXIT } from './exit-codes.ts';
import { meantCommand } from './meant-command.ts';
import { createTerminal } from './output/terminal.ts';
import { buildProgram, isCommanderError, throwing } from './program.ts';
import { createRun } from './session.ts';

export const start = async (words: readonly string[]): Promise<void> => {
  const env = readEnv();
  const terminal = createTerminal(env, process);
  endQuietlyWhenNobodyReads();
  const run = createRun(env, terminal, words);
  const program = buildProgram(run);
  if (words[0] === 'complete') await (await import('./completion.ts')).addComplete(program, env);
  try {
    await throwing(program).parseAsync(words, { from: 'user' });
  } catch (thrown) {
    if (!isCommanderError(thrown)) throw thrown;
    // Help that was asked for is printed already. Without a command it is what was needed, and not what was asked.
    if (thrown.exitCode === 0) return;
    if (thrown.code === 'commander.help') {
      terminal.note(program.helpInformation().trimEnd());
      process.exitCode = EXIT.usage;
      return;
    }
    const { usage } = await import('./errors.ts');
    const json = words.slice(0, words.indexOf('--') < 0 ? words.length : words.indexOf('--')).includes('--json');
    await run({ json, on: 'local' }, () => Promise.reject(usage(...explain(program, words, thrown))));
  }
};

/** Message and hint from commander's words: "error: unknown option '--forc'\n(Did you mean --force?)". */
const explain = (program: Command, words: readonly string[], thrown: CommanderError): [string, string] => {
  const [message = '', suggestion] = thrown.message.replace(/^error: /, '').split('\n');
  const meant = thrown.code === 'commander.unknownCommand' ? meantCommand(words[0] ?? '') : null;
  if (meant !== null) return [message, meant];
  if (suggestion) return [message, suggestion.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?')];
  const command = program.commands.find((one) => one.name() === words[0]);
  return [message, command ? `see: berth ${command.name()} --help` : 'see what there is: berth --help'];
};

/** `berth logs shop | head`: a reader that has seen enough is no error. */
const endQuietlyWhenNobodyReads = (): void => {
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') process.exit(0);
    throw cause;
  });
};
