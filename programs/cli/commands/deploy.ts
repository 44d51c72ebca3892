import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addDeploy = (program: Command, run: Run): void => {
  const command = program
    .command('deploy')
    .summary('bring the app in a directory to production')
    .description(
      'Sends the directory (without what .gitignore and .berthignore name, .git and node_modules), or what `source` in berth.yaml names of ' +
        'its repository, to the platform, which builds it and moves traffic over without losing a request. Ctrl-C cancels; the old release is untouched until the new one is healthy.',
    )
    .argument('[dir]', 'directory that holds berth.yaml', '.')
    .option('--force', 'build and switch even when nothing changed')
    .option('--json', 'print the receipt as JSON')
    .action((directory: string, options: { force?: true; json?: true }) =>
      run(options, async (session) => {
        const { submitSource } = await import('../submit-source.ts');
        const { finishOperation } = await import('../outcome.ts');
        const client = await session.connect();
        const operation = await submitSource(session, client, { directory, force: options.force === true });
        return finishOperation(session, client, operation);
      }),
    );
  withExamples(command, [
    ['berth deploy', 'the app in this directory'],
    ['berth deploy ../shop --json', 'print the receipt for a script'],
    ['berth deploy --force', 'build again although nothing changed'],
  ]);
};
