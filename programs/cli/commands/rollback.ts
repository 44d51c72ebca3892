import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { positive } from '../option-values.ts';
import type { Run } from '../session.ts';

export const addRollback = (program: Command, run: Run): void => {
  const command = program
    .command('rollback')
    .summary('serve an older release again')
    .description(
      'Goes back to the release before, or to any that is kept, without losing a request. Data in stores stays as it is.',
    )
    .argument('<app>')
    .option('--to <release>', 'number of the release, see berth releases', positive)
    .option('--json', 'print the receipt as JSON')
    .action((app: string, options: { to?: number; json?: true }) =>
      run(options, async (session) => {
        const { finishOperation } = await import('../outcome.ts');
        const client = await session.connect();
        const body = options.to === undefined ? {} : { to: options.to };
        return finishOperation(session, client, await client.call('rollback', { params: { app }, body }));
      }),
    );
  withExamples(command, [
    ['berth rollback shop', 'the release before'],
    ['berth rollback shop --to 7', 'release 7'],
  ]);
};
