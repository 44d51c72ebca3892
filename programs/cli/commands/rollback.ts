import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { positive } from '../option-values.ts';
import type { Run } from '../session.ts';

export const addRollback = (program: Command, run: Run): void => {
  const command = program
    .command('rollback')
    .summary('serve an older release again')
    .description(
      'Goes back to the release before, or to any that is kept, without losing a request. Data in stores stays as it is, unless --with-data is given: ' +
        'then it goes back to what it was when that release was last replaced, and what was written since goes. The state before is a restore point.',
    )
    .argument('<app>')
    .option('--to <release>', 'number of the release, see berth releases', positive)
    .option('--with-data', 'take the data back too, as it was before the release that replaced that one')
    .option('-y, --yes', 'do not ask, with --with-data')
    .option('--json', 'print the receipt as JSON')
    .action((app: string, options: { to?: number; withData?: true; yes?: true; json?: true }) =>
      run(options, async (session) => {
        const { rollBack } = await import('../roll-back.ts');
        return rollBack(session, { app, to: options.to, withData: options.withData === true, yes: options.yes === true });
      }),
    );
  withExamples(command, [
    ['berth rollback shop', 'the release before'],
    ['berth rollback shop --to 7', 'release 7'],
    ['berth rollback shop --with-data', 'after a release that spoiled the data'],
  ]);
};
