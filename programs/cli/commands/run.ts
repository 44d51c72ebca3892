import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addRun = (program: Command, run: Run): void => {
  const command = program
    .command('run')
    .summary("run one command in an app's environment")
    .description(
      'The command runs in the directory of the release that serves, with its variables, secrets and stores, as the user of the app. ' +
        'Standard input is passed on; the exit code is that of the command.',
    )
    .argument('<app>')
    .argument('<command...>', 'after "--", with its arguments')
    .option('-n, --no-stdin', 'give the command no input')
    .option('--json', 'print the frames of the stream as JSON documents')
    .passThroughOptions()
    .action((app: string, argv: string[], options: { stdin: boolean; json?: true }) =>
      run(options, async (session) => {
        const { runCommand } = await import('../run-command.ts');
        // commander leaves the separator in front of what it passes through.
        return runCommand(session, { app, argv: argv[0] === '--' ? argv.slice(1) : argv, withInput: options.stdin });
      }),
    );
  withExamples(command, [
    ['berth run shop -- node tidy.ts --dry', 'a script of the app'],
    ['berth run shop -- sh -c \'sqlite3 "$STORE_DB" .dump\' > dump.sql', 'what it prints goes where you say'],
    ['berth run shop -- node import.ts < orders.csv', 'with input'],
  ]);
};
