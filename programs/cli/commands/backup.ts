import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addBackup = (program: Command, run: Run): void => {
  const command = program
    .command('backup')
    .summary('take a restore point now, and wait until it is safe')
    .description(
      'Databases are backed up continuously and files by schedule, so this is needed before something daring, or to be sure. It ends when every target has all that there is. ' +
        'Without a name: the app of this directory, or else all apps that have stores.',
    )
    .argument('[app...]')
    .option('--label <text>', 'what the restore point is for')
    .option('--json', 'print the receipts as JSON')
    .action((apps: string[], options: { label?: string; json?: true }) =>
      run(options, async (session) => {
        const { backUpApps } = await import('../back-up-apps.ts');
        return backUpApps(session, { named: apps, ...(options.label !== undefined && { label: options.label }) });
      }),
    );
  withExamples(command, [
    ['berth backup', 'the app of this directory, or all apps'],
    ['berth backup shop --label "before the sale"', 'with a name to find it by'],
  ]);
};
